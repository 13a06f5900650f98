"""The field rules of each wire profile: the rows of `standard/ecard/wire_fields.csv`, and the check against them.

Columns: profile, service, field, must (``M``, ``O``, or ``C`` for conditional), length (most characters), kind, source.
``service`` may be ``*`` for the envelope. Kinds: ``text``, ``digits``, ``hex``, ``date`` (YYYYMMDD), ``dashed-date``,
``moment`` (yyyyMMddHHmmss), ``dashed-moment``, ``base64``, ``code:<table>`` (a value of that code table), ``any``.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import reference.standard.ecard
from reference.ecard.moments import PACKED, UnreadableMoment, moment_of
from reference.ecard.refusals import Refusal
from reference.standard.ecard import load_ecard

TABLE = Path(reference.standard.ecard.__file__).with_name("wire_fields.csv")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f&<>\"']")
"""Characters that no field may hold (Qinghai 1002), and control characters."""
SHAPES = {
    "digits": re.compile(r"[0-9]*"),
    "hex": re.compile(r"[0-9A-F]*"),
    "base64": re.compile(r"[A-Za-z0-9+/=\s]*"),
}
TIMES = {"date": "yyyyMMdd", "dashed-date": "yyyy-MM-dd", "moment": PACKED, "dashed-moment": "yyyy-MM-dd HH:mm:ss"}


class FieldRule(NamedTuple):
    """One field of one service."""

    field: str
    must: bool
    length: int
    kind: str


def check_fields(rules: tuple[FieldRule, ...], values: Mapping[str, object], *, others: bool = True) -> dict[str, str]:
    """The values of the known fields as text, empty where absent.

    Raises Refusal ``request.empty-field``, ``request.field-too-long``, ``request.forbidden-character``,
    ``request.field-malformed``, ``person.unknown-code``; and ``request.unknown-field`` for fields without a rule
    when ``others`` is False. Values that are neither text nor number are malformed.
    """
    if not others:
        known = {rule.field for rule in rules}
        for name in values:
            if name not in known:
                raise Refusal("request.unknown-field", name[:32])
    return {rule.field: _checked(rule, values.get(rule.field)) for rule in rules}


def _checked(rule: FieldRule, value: object) -> str:
    if value is None:
        text = ""
    elif isinstance(value, str):
        text = value
    elif isinstance(value, int) and not isinstance(value, bool):
        text = str(value)
    else:
        raise Refusal("request.field-malformed", rule.field)
    if not text:
        if rule.must:
            raise Refusal("request.empty-field", rule.field)
        return ""
    if len(text) > rule.length:
        raise Refusal("request.field-too-long", rule.field)
    if rule.kind != "base64" and FORBIDDEN.search(text):
        raise Refusal("request.forbidden-character", rule.field)
    _check_kind(rule, text)
    return text


def _check_kind(rule: FieldRule, text: str) -> None:
    kind, _, table = rule.kind.partition(":")
    if kind == "code":
        if text not in load_ecard().codes[table]:
            raise Refusal("person.unknown-code", rule.field)
    elif kind in SHAPES:
        if not SHAPES[kind].fullmatch(text):
            raise Refusal("request.field-malformed", rule.field)
    elif kind in TIMES:
        try:
            moment_of(text, TIMES[kind], rule.field)
        except UnreadableMoment:
            id = "person.birthday-malformed" if "birth" in rule.field.lower() else "request.field-malformed"
            raise Refusal(id, rule.field) from None


@functools.cache
def field_rules(profile: str, service: str) -> tuple[FieldRule, ...]:
    """The rules of one service of a profile; ``*`` gives the envelope's. Empty where the table has none."""
    return _table().get((profile, service), ())


@functools.cache
def _table() -> dict[tuple[str, str], tuple[FieldRule, ...]]:
    rules: dict[tuple[str, str], tuple[FieldRule, ...]] = {}
    with TABLE.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            key = (row["profile"], row["service"])
            rule = FieldRule(row["field"], row["must"] == "M", int(row["length"]), row["kind"])
            if any(rule.field == other.field for other in rules.get(key, ())):
                raise ValueError(f"{TABLE.name}: {' '.join(key)} {rule.field} stands twice")
            rules[key] = (*rules.get(key, ()), rule)
    return rules
