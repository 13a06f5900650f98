"""The JSON Schemas of the evidence records: current, and closed against unknown fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.evidence import schemas
from conformance.evidence.package import Package

FOLDER = Path(schemas.__file__).parent


def test_the_schemas_are_current() -> None:
    on_disk = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}
    current = json.loads(json.dumps(schemas.generated()))
    assert on_disk == current, "run python -m conformance.evidence.schemas"


def records(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The records inside a schema that have fields, by name."""
    return [(name, row) for name, row in schema.get("$defs", {}).items() if row.get("type") == "object"]


@pytest.mark.parametrize("name", sorted(set(schemas.RECORDS) - {"expected.json"}))
def test_no_record_lets_an_unknown_field_through(name: str) -> None:
    """Trap 10: a lax schema makes everything valid."""
    found = [(of, row["additionalProperties"]) for of, row in records(schemas.generated()[name]) if of != "Text"]
    assert found
    assert all(additional is False for _, additional in found)


@pytest.mark.parametrize(
    ("name", "field"), [("manifest.json", "Manifest"), ("plan.json", "Plan"), ("results.json", "Results")]
)
def test_every_top_record_carries_the_schema_version(name: str, field: str) -> None:
    assert "schema_version" in schemas.generated()[name]["$defs"][field]["required"]


def test_a_package_has_exactly_the_described_files(package: Package) -> None:
    outside = {row.path for row in package.manifest.files if not row.path.startswith("transcripts/")}
    measured = {"load.json", "soak.json", "fault.json"}
    described = {"manifest.json", "signature.json", "exchange.json", "envelope.json"} | measured
    assert outside | described == set(schemas.RECORDS)
