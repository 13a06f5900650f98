"""Every schema of the tables refuses its counter-examples, and so does the loader that reads the same row."""

from __future__ import annotations

import csv
import json
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from reference.standard import StandardError, load, schemas
from reference.standard.cells import Reading
from reference.standard.expanding import expanded
from reference.standard.loader import KINDS, SHIPPED
from reference.standard.reading import RawRow
from reference.standard.rows import Element, Profile, Row
from tests.counter_examples import counter_examples, lax_places

STANDARD = load()
CHANCE = random.Random(1)
READINGS = [
    Reading(
        STANDARD.documents,
        STANDARD.switches,
        {row.id: CHANCE.choice(row.values) for row in STANDARD.switches.values()},
    )
    for _ in range(24)
]
"""Readings under many choices of the switches: what a choice leaves out, of rows and of a cell's cases, is not read."""
SCHEMAS = schemas.generated()
ROWS = [(table, kind) for table, kinds in KINDS.items() for kind in kinds]


def written(table: str, kind: str) -> list[dict[str, Any]]:
    """The rows of one kind as they stand in the shipped table."""
    if table.endswith(".csv"):
        with (SHIPPED / table).open(encoding="utf-8", newline="") as stream:
            return [{name: cell for name, cell in row.items() if cell} for row in csv.DictReader(stream)]
    text = (SHIPPED / table).read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(json.dumps(tomllib.loads(text).get(kind, [])))
    return rows


def telling(table: str, kind: str) -> Iterator[dict[str, Any]]:
    """Rows that show each column, and each form of a cell, at least once."""
    seen: set[tuple[str, str]] = set()
    for row in written(table, kind):
        forms = {
            (name, ",".join(cell) if isinstance(cell, dict) else type(cell).__name__) for name, cell in row.items()
        }
        if forms - seen:
            seen |= forms
            yield row


def schema_of(table: str, kind: str) -> dict[str, Any]:
    """The schema of one row."""
    schema = SCHEMAS[schemas.file_name(table)]
    row: dict[str, Any] = schema["items"] if table.endswith(".csv") else schema["properties"][kind]["items"]
    return row


def take(table: str, kind: str, row: dict[str, Any]) -> None:
    """Read the row as the loader does, under every case. Raises StandardError or ValidationError."""
    shape = KINDS[table][kind]
    if issubclass(shape, Row):
        raws = [RawRow("here", row, from_csv=table.endswith(".csv"))]
        for raw in expanded(raws, STANDARD.files) if shape is Element else raws:
            for reading in READINGS:
                reading.row(shape, raw)
    else:
        msgspec.convert(row, shape)


def refuses(table: str, kind: str, row: dict[str, Any]) -> bool:
    """Whether the loader refuses the row."""
    try:
        take(table, kind, row)
    except (StandardError, msgspec.ValidationError):
        return True
    return False


def can_be_written(table: str, row: dict[str, Any]) -> bool:
    """Whether the file's form could say this: CSV has texts only, TOML has no null."""
    return (
        all(isinstance(cell, str) for cell in row.values()) if table.endswith(".csv") else "null" not in json.dumps(row)
    )


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_no_place_of_a_schema_is_lax(name: str) -> None:
    """Trap 10: a lax schema makes everything valid."""
    assert list(lax_places(SCHEMAS[name])) == []


@pytest.mark.parametrize(("table", "kind"), ROWS)
def test_a_column_whose_type_has_a_pattern_has_it_in_the_schema(table: str, kind: str) -> None:
    columns = schema_of(table, kind)["properties"]
    for field in msgspec.structs.fields(KINDS[table][kind]):
        own = msgspec.json.schema(field.type) if field.name not in ("source", "sources", "title") else {}
        if "pattern" in own:
            assert own["pattern"] in json.dumps(columns[field.name], ensure_ascii=False).replace("\\\\", "\\"), (
                field.name
            )


@pytest.mark.parametrize(("table", "kind"), ROWS)
def test_the_loader_takes_every_row_and_refuses_every_counter_example(table: str, kind: str) -> None:
    """Trap 11: each counter-example differs from a shipped row in one fact."""
    rows = list(telling(table, kind))
    assert rows
    tried, taken = 0, []
    for row in rows:
        take(table, kind, row)
        for what, changed in counter_examples(schema_of(table, kind), row):
            if isinstance(changed, dict) and can_be_written(table, changed):
                tried += 1
                if not refuses(table, kind, changed):
                    taken.append(what)
    assert sorted(set(taken)) == []
    assert tried > 10


@pytest.mark.parametrize("path", sorted((SHIPPED / "profiles").glob("*.toml")), ids=lambda path: path.stem)
def test_a_profile_is_taken_and_every_counter_example_refused(path: Path) -> None:
    profile = tomllib.loads(path.read_text(encoding="utf-8"))
    schema, taken = SCHEMAS["profile.json"], []
    for what, changed in counter_examples(schema, profile):
        if isinstance(changed, dict):
            try:
                msgspec.convert(changed | {"id": path.stem}, Profile)
            except msgspec.ValidationError:
                continue
            taken.append(what)
    assert taken == []
    assert msgspec.convert(profile | {"id": path.stem}, Profile).switches


@pytest.mark.parametrize(("table", "kind"), ROWS)
def test_the_schema_takes_every_row_and_refuses_every_counter_example(table: str, kind: str) -> None:
    schema = schema_of(table, kind)
    checker = jsonschema.Draft202012Validator(schema)
    checker.check_schema(schema)
    taken = []
    for row in written(table, kind):
        assert list(checker.iter_errors(row)) == []
    for row in telling(table, kind):
        taken += [what for what, changed in counter_examples(schema, row) if checker.is_valid(changed)]
    assert sorted(set(taken)) == []
