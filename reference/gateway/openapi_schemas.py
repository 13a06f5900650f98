"""Field rules and return codes as JSON Schema (2020-12), the schemas of OpenAPI 3.1: server and document agree.

Rows of `wire_fields.csv` become properties, rows of `return_codes.csv` the values of a code.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reference.gateway.fields import FORBIDDEN_CHARACTERS, SHAPES, FieldRule, field_rules, part_rules
from reference.gateway.return_codes import return_codes
from reference.standard.ecard import load_ecard
from reference.standard.ecard.refusals import refusals

Schema = dict[str, Any]
PATTERNS = {
    "date": "[0-9]{8}",
    "dashed-date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "moment": "[0-9]{14}",
    "dashed-moment": "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}",
}
"""The shape of dates and times; which of them exist a pattern cannot say."""


def field_schema(rule: FieldRule) -> Schema:
    """One field. Empty is as good as absent, unless the field must be there."""
    kind, _, table = rule.kind.partition(":")
    schema: Schema = {"type": "string", "maxLength": rule.length}
    if rule.must:
        schema["minLength"] = 1
    if kind == "code":
        codes = load_ecard().codes[table]
        known = [{"const": value, "title": f"{code.title.zh} / {code.title.en}"} for value, code in codes.items()]
        schema["anyOf"] = known if rule.must else [{"const": ""}, *known]
    elif kind in PATTERNS:
        schema["pattern"] = f"^({PATTERNS[kind]})?$"
    elif kind in SHAPES:
        schema["pattern"] = f"^{SHAPES[kind].pattern}$"
        if kind == "digits":
            schema["type"] = ["string", "integer"]
    else:
        schema["pattern"] = f"^[^{FORBIDDEN_CHARACTERS}]*$"
    return schema


def object_schema(profile: str, service: str, *also: str) -> Schema:
    """The fields and parts of a service, with those of ``also``; fields without a row may stand beside them."""
    properties: Schema = {}
    required: list[str] = []
    for name in (*also, service):
        for rule in field_rules(profile, name):
            properties[rule.field] = field_schema(rule)
            required += [rule.field] if rule.must else []
        for part in part_rules(profile, name):
            inner = object_schema(profile, f"{name}.{part.field}")
            most = {"maxItems": load_ecard().limit(part.limit), "minItems": int(part.must)} if part.limit else {}
            properties[part.field] = {"type": "array", "items": inner} | most if part.limit else inner
            required += [part.field] if part.must else []
    schema: Schema = {"type": "object", "properties": properties}
    return schema | {"required": required} if required else schema


def code_schema(profile: str, services: Iterable[str], *, number: bool) -> Schema:
    """The return codes of a profile, each with what it stands for."""
    codes = return_codes(profile)
    known: dict[tuple[str, str], str] = {}
    for service in (*services, "*"):
        for outcome in ("ok", *refusals()):
            found = codes.of(service, outcome)
            known.setdefault((found.code, codes.words(service, outcome)), outcome)
    return {
        "type": "integer" if number else "string",
        "anyOf": [
            {
                "const": int(code) if number else code,
                "title": words,
                "description": refusals()[outcome].text.en if outcome in refusals() else outcome,
            }
            for (code, words), outcome in known.items()
        ],
    }
