"""JSON Schemas of the tables, made from the row types, for editors and for those who bring their own tables.

`python -m reference.standard.schemas` rewrites the files beside this module: one for each table file
(`card.files.json` describes `card/files.toml`) and `profile.json`. A CSV table is described as a list of
objects, one a line, whose fields are texts; fields left empty are absent.
"""

from __future__ import annotations

import itertools
from enum import EnumMeta
from pathlib import Path
from typing import Any, cast

import msgspec

from reference.languages import Text
from reference.standard.cells import SOURCE_SUFFIX, TITLE_COLUMNS
from reference.standard.expanding import COUNT, GROUP
from reference.standard.loader import KINDS
from reference.standard.rows import Element, Profile, Row

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SOURCE: Schema = {"type": "string", "pattern": "^[A-Z][A-Z0-9-]* .+"}
ONLY: Schema = {
    "type": "object",
    "properties": {"switch": {"type": "string"}, "values": {"type": "array", "items": {"type": "string"}}},
    "required": ["switch", "values"],
    "additionalProperties": False,
}


def generated() -> dict[str, Schema]:
    """All schemas by file name."""
    schemas = {file_name(table): of_table(table) for table in KINDS}
    return schemas | {"profile.json": _head("profiles/*.toml") | _plain(Profile, without=("id",))}


def file_name(table: str) -> str:
    """The schema's file name for a table: `card.files.json` for `card/files.toml`."""
    return Path(table.replace("/", ".")).with_suffix(".json").name


def of_table(table: str) -> Schema:
    """The schema of one table file."""
    kinds = KINDS[table]
    if table.endswith(".csv"):
        (shape,) = kinds.values()
        return _head(table) | {"type": "array", "items": _line(cast("type[Row]", shape))}
    rows = {
        kind: {"type": "array", "items": _row(shape) if issubclass(shape, Row) else _plain(shape)}
        for kind, shape in kinds.items()
    }
    return _head(table) | {"type": "object", "properties": rows, "additionalProperties": False}


def _head(table: str) -> Schema:
    return {"$schema": DIALECT, "title": table}


def _plain(shape: type[msgspec.Struct], without: tuple[str, ...] = ()) -> Schema:
    """A row without sources and switches: each column is its value."""
    fields = [field for field in msgspec.structs.fields(shape) if field.name not in without]
    return _object(
        {field.name: _value(field.type) for field in fields},
        [field.name for field in fields if field.required],
    )


def _row(shape: type[Row]) -> Schema:
    """A TOML row: each column is a cell; the row has a source and may stand under a condition."""
    fields = [field for field in msgspec.structs.fields(shape) if field.name not in ("source", "sources")]
    columns = {field.name: _cell(_value(field.type)) for field in fields}
    required = [field.name for field in fields if field.required]
    return _object(columns | {"source": SOURCE, "only": ONLY}, [*required, "source"])


def _line(shape: type[Row]) -> Schema:
    """A CSV row: every field is a text; titles in two columns, sources of single values in their own."""
    fields = {field.name: field for field in msgspec.structs.fields(shape) if field.name != "sources"}
    required = [name for name, field in fields.items() if field.required and name != "title"]
    columns = {name: _text(field.type) for name, field in fields.items() if name not in ("title", "source")}
    columns |= {name + SOURCE_SUFFIX: SOURCE for name in columns}
    columns |= {name: {"type": "string"} for name in TITLE_COLUMNS}
    columns |= {"source": SOURCE, "only": {"type": "string", "pattern": "^[a-z0-9-]+=.+$"}}
    if shape is Element:
        columns |= {GROUP: {"type": "string"}, COUNT: {"type": "string", "pattern": "^[0-9]+$"}}
    return _object(columns, [*required, *TITLE_COLUMNS])


def _cell(value: Schema) -> Schema:
    """A plain value, a value with its source, or one value for each case of a switch."""
    sourced = _object({"value": value, "source": SOURCE}, ["value"])
    case = {"anyOf": [value, sourced]}
    switched = _object(
        {
            "by": {"type": "string"},
            "cases": {"type": "object", "additionalProperties": case},
            "source": SOURCE,
        },
        ["by", "cases"],
    )
    return {"anyOf": [value, sourced, switched]}


def _value(type_: Any) -> Schema:
    """The schema of a column's value."""
    if type_ is Text:
        return _plain(Text)
    (schema,), named = msgspec.json.schema_components([type_])
    # Enumerations come as references; a column is easier to read with the values in place.
    reference = schema.get("$ref", "").rpartition("/")[2]
    return named[reference] if reference else schema


def _text(type_: Any) -> Schema:
    """The schema of a CSV field: digits for whole numbers, the values of an enumeration, or text."""
    if isinstance(type_, EnumMeta):
        return {"enum": [member.value for member in cast("Any", type_)]}
    kinds = {part.get("type") for part in itertools.chain([_value(type_)], _value(type_).get("anyOf", []))}
    return {"type": "string", "pattern": "^[0-9]+$"} if "integer" in kinds else {"type": "string"}


def _object(properties: Schema, required: list[str]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
