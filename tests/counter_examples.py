"""Counter-examples made from a JSON Schema and an honest document: each breaks one rule of the schema and no other.

For every place of the document: a required field left out, an unknown field, a value of another type, a word outside an
enumeration, a text outside a pattern, a number beyond its bounds, an element too few or too many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

STRANGERS: tuple[Any, ...] = ("no-such-word", 1234567, 1.5, True, None, [["?"]], {"no-such-field": 1})
"""One value of each type."""
TYPES = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    list: "array",
    dict: "object",
}
NOT_MATCHING = ("", "?", "no match\n", "0" * 9)
UNKNOWN = "no-such-field"


def counter_examples(
    schema: Schema, value: Any, root: Schema | None = None, at: str = "$"
) -> Iterator[tuple[str, Any]]:
    """What is wrong, and where; and the document with that in it."""
    root = schema if root is None else root
    whole = resolved(schema, root)
    allowed = types_of(whole, root)
    for stranger in STRANGERS:
        if TYPES[type(stranger)] not in allowed:
            yield f"{at}: {TYPES[type(stranger)]}", stranger
    yield from _inside(branch_for(whole, value, root), value, root, at)


def resolved(schema: Schema, root: Schema) -> Schema:
    """The schema behind a reference."""
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def types_of(schema: Schema, root: Schema) -> set[str]:
    """The types that the schema lets through; integers are numbers."""
    schema = resolved(schema, root)
    if "anyOf" in schema:
        return set().union(*(types_of(part, root) for part in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return {TYPES[type(word)] for word in schema.get("enum", [schema.get("const")])}
    named = schema.get("type", list(TYPES.values()))
    found = {named} if isinstance(named, str) else set(named)
    return found | {"integer"} if "number" in found else found


def branch_for(schema: Schema, value: Any, root: Schema) -> Schema:
    """The part of an alternative that the value is meant for."""
    parts = [resolved(part, root) for part in schema.get("anyOf", [schema])]
    fitting = [part for part in parts if TYPES[type(value)] in types_of(part, root)]
    if isinstance(value, dict):
        fitting = [part for part in fitting if "properties" not in part or value.keys() <= part["properties"].keys()]
    assert fitting, f"{value!r} is no honest value of {schema}"
    return branch_for(fitting[0], value, root) if "anyOf" in fitting[0] else fitting[0]


def _inside(schema: Schema, value: Any, root: Schema, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from _of_object(schema, value, root, at)
    elif isinstance(value, list):
        yield from _of_array(schema, value, root, at)
    elif isinstance(value, str):
        yield from _of_text(schema, at)
    else:
        for bound, beyond in (("minimum", -1), ("maximum", 1)):
            if bound in schema:
                yield f"{at}: beyond the {bound}", schema[bound] + beyond
        if "enum" in schema or "const" in schema:
            yield f"{at}: another value", 1234567


def _of_object(schema: Schema, value: dict[str, Any], root: Schema, at: str) -> Iterator[tuple[str, Any]]:
    for name in schema.get("required", ()):
        if name in value:
            yield f"{at}: without {name}", {key: held for key, held in value.items() if key != name}
    if schema.get("additionalProperties") is False:
        yield f"{at}: {UNKNOWN}", value | {UNKNOWN: "x"}
    for name, held in value.items():
        part = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
        for what, changed in counter_examples(part, held, root, f"{at}.{name}"):
            yield what, value | {name: changed}


def _of_array(schema: Schema, value: list[Any], root: Schema, at: str) -> Iterator[tuple[str, Any]]:
    if "minItems" in schema:
        yield f"{at}: too few", value[: schema["minItems"] - 1]
    if "maxItems" in schema:
        yield f"{at}: too many", value + value[:1] * (schema["maxItems"] + 1 - len(value))
    parts = schema.get("prefixItems") or [schema["items"]]
    for number, (part, held) in enumerate(zip(parts, value, strict=False)):
        for what, changed in counter_examples(part, held, root, f"{at}[{number}]"):
            yield what, [*value[:number], changed, *value[number + 1 :]]


def _of_text(schema: Schema, at: str) -> Iterator[tuple[str, Any]]:
    if "enum" in schema or "const" in schema:
        yield f"{at}: no such word", "no-such-word"
    if "pattern" in schema:
        for text in NOT_MATCHING:
            if not re.search(schema["pattern"], text):
                yield f"{at}: outside the pattern", text


def lax_places(schema: Any, at: str = "$") -> Iterator[str]:
    """Every place where a schema lets through more than it should: open objects, lists and values of any kind."""
    if isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from lax_places(part, f"{at}[{number}]")
    if not isinstance(schema, dict):
        return
    kind = schema.get("type")
    if kind == "object" and "properties" in schema and schema.get("additionalProperties") is not False:
        yield f"{at}: takes unknown fields"
    if kind == "object" and "properties" not in schema and not isinstance(schema.get("additionalProperties"), dict):
        yield f"{at}: takes any object"
    if kind == "array" and not ("items" in schema or "prefixItems" in schema):
        yield f"{at}: takes any list"
    for name, part in schema.items():
        if name in ("properties", "$defs"):
            for field, inner in part.items():
                if inner == {} or inner is True:
                    yield f"{at}.{field}: takes anything"
                yield from lax_places(inner, f"{at}.{field}")
        elif name in ("items", "additionalProperties", "anyOf", "prefixItems"):
            if part == {}:
                yield f"{at}.{name}: takes anything"
            yield from lax_places(part, f"{at}.{name}")
