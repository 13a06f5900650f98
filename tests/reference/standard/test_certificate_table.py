"""The table of certificates: it fills both files, and every mistake in it is refused by its place."""

from __future__ import annotations

import pytest

from reference.standard import StandardError, load
from reference.standard.rows import Basis

from .conftest import Tables

TABLE = "sam/certificates.toml"


def test_both_certificates_fill_their_files_and_are_decisions() -> None:
    standard = load()
    for name, path in (("issuer", "DF01/001B"), ("sam", "DF01/001C")):
        fields = standard.certificates[name]
        assert sum(field.length for field in fields) == standard.sam_files[path].size
        assert fields[-1].name == "signature"
        assert {field.source.basis for field in fields} == {Basis.DECISION}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "serial"', 'name = "number"', ["issuer", "its fields are", "serial"]),
        ('name = "serial"', 'name = "kind"', ["issuer", "its fields are"]),
        ("offset = 10", "offset = 11", ["issuer subject-id, offset", "it is 11", "ends at 10"]),
        ('value = "01"', 'value = "0101"', ["issuer kind, value", "2 bytes, the field 1"]),
        ("offset = 116\nlength = 64", "offset = 116\nlength = 63", ["issuer, length", "add up to 179", "180 bytes"]),
        ('certificate = "sam"', 'certificate = "terminal"', ["field 11", "certificate"]),
        ('value = "01"', 'value = "0"', ["field 1", "value"]),
        ("length = 8\n", 'length = 8\nunit = "byte"\n', ["field 3", "unit", "unknown"]),
    ],
)
def test_a_mistake_is_named(tables: Tables, old: str, new: str, told: list[str]) -> None:
    tables.edit(TABLE, old, new)
    with pytest.raises(StandardError) as fault:
        tables.load()
    for words in (TABLE, *told):
        assert words in str(fault.value)


def test_a_corrected_table_is_taken(tables: Tables) -> None:
    tables.edit(TABLE, 'value = "01"', 'value = "07"')
    assert tables.load().certificates["issuer"][0].value == "07"
