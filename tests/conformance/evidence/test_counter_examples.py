"""Every schema of the evidence refuses its counter-examples, and so does the reader of the same record."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest

from conformance.evidence.package import EXPECTED
from conformance.evidence.schemas import EXCHANGE, RECORDS, generated
from tests.counter_examples import counter_examples, lax_places, resolved
from tests.fuzzing.small_package import honest_files

SCHEMAS = generated()
FEWEST = 5


def honest(name: str) -> Any:
    """The record of a real run that a schema describes."""
    files = honest_files()
    if name == EXPECTED:
        return {"DDF1/EF05": {"city-code": "310100"}}
    if name not in files and name != EXCHANGE:
        return smallest(SCHEMAS[name], SCHEMAS[name])
    if name == EXCHANGE:
        transcript = next(data for path, data in files.items() if path.startswith("transcripts/"))
        return json.loads(transcript.splitlines()[1])
    return json.loads(files[name])


def smallest(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """The smallest record of a schema, for one that the small package has not: required fields only."""
    schema = resolved(schema, root)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [""])[0])
    if "anyOf" in schema:
        return smallest(schema["anyOf"][0], root)
    if schema["type"] == "object":
        return {name: smallest(schema["properties"][name], root) for name in schema.get("required", ())}
    return {"string": "", "integer": 1, "number": 1, "array": [], "boolean": True}[schema["type"]]


def read(name: str, document: Any) -> Any:
    """What the reader of packages makes of the document."""
    return msgspec.json.decode(json.dumps(document), type=RECORDS[name])


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_no_place_of_a_schema_is_lax(name: str) -> None:
    """Trap 10: a lax schema makes everything valid."""
    assert list(lax_places(SCHEMAS[name])) == []


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_the_reader_takes_the_honest_record_and_refuses_every_counter_example(name: str) -> None:
    """Trap 11: each counter-example differs from the honest record in one fact."""
    document = honest(name)
    assert read(name, document) is not None
    found = list(counter_examples(SCHEMAS[name], document))
    taken = []
    for what, changed in found:
        try:
            read(name, changed)
        except msgspec.ValidationError:
            continue
        taken.append(what)
    assert taken == []
    assert len(found) >= FEWEST


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_the_schema_takes_the_honest_record_and_refuses_every_counter_example(name: str) -> None:
    checker = jsonschema.Draft202012Validator(SCHEMAS[name])
    checker.check_schema(SCHEMAS[name])
    document = honest(name)
    assert list(checker.iter_errors(document)) == []
    taken = [what for what, changed in counter_examples(SCHEMAS[name], document) if checker.is_valid(changed)]
    assert taken == []
