"""The JSON Schemas beside the tables: current, closed against unknown columns, built from the row types."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from reference.standard import schemas
from reference.standard.loader import KINDS, SHIPPED

FOLDER = Path(schemas.__file__).parent


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every object with properties inside a schema."""
    if isinstance(schema, list):
        return [found for part in schema for found in objects(part)]
    if not isinstance(schema, dict):
        return []
    inner = [found for part in schema.values() for found in objects(part)]
    return [schema, *inner] if isinstance(schema.get("properties"), dict) and schema.get("type") else inner


def test_the_schemas_are_current() -> None:
    on_disk = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}
    assert on_disk == schemas.generated(), "run python -m reference.standard.schemas"


@pytest.mark.parametrize("name", sorted(schemas.generated()))
def test_no_schema_lets_an_unknown_column_through(name: str) -> None:
    found = objects(schemas.generated()[name])
    assert found
    assert all(one["additionalProperties"] is False for one in found)


@pytest.mark.parametrize("table", sorted(table for table in KINDS if table.endswith(".toml")))
def test_every_column_of_the_shipped_toml_tables_is_described(table: str) -> None:
    described = schemas.of_table(table)["properties"]
    for kind, rows in tomllib.loads((SHIPPED / table).read_text(encoding="utf-8")).items():
        schema = described[kind]["items"]
        for row in rows:
            assert row.keys() <= schema["properties"].keys()
            assert set(schema["required"]) <= row.keys() | {"source"}


@pytest.mark.parametrize("table", sorted(table for table in KINDS if table.endswith(".csv")))
def test_every_column_of_the_shipped_csv_tables_is_described(table: str) -> None:
    schema = schemas.of_table(table)["items"]
    with (SHIPPED / table).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0].keys() <= schema["properties"].keys()
    assert all(row[column] for row in rows for column in schema["required"])


def test_a_value_is_described_as_the_loader_reads_it() -> None:
    columns = schemas.of_table("card/files.toml")["properties"]["file"]["items"]["properties"]
    plain, sourced, switched = columns["kind"]["anyOf"]
    assert plain["enum"] == ["binary", "cyclic-records", "fixed-records", "variable-records"]
    assert sourced["properties"]["value"] == plain
    assert switched["required"] == ["by", "cases"]
    assert columns["fid"]["anyOf"][0]["pattern"] == "^[0-9A-F]{4}$"
