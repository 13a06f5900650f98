"""Access rights: which key opens what, held against tables 4-1 to 4-16 of APP11 and table 10-2 of REV2."""

from __future__ import annotations

import pytest

from reference.card.access import authentication_key, key_of_role, may_read, may_update
from reference.standard import load
from reference.standard.rows import KeyRole

STANDARD = load()
RIGHTS = {
    "DDF1/EF05": (None, None),
    "DDF1/EF06": ("RK1DDF1", None),
    "DDF1/EF07": ("RK1DDF1", "UK1DDF1"),
    "DDF1/EF08": ("RK1DDF1", "UK1DDF1"),
    **{f"DDF1/DF01/EF0{n}": ("RK1DF01", "UK1DF01") for n in (5, 6, 7, 8)},
    "DDF1/DF02/EF05": ("RK1DF02", "UK1DF02"),
    "DDF1/DF02/EF06": ("RK1DF02", "UK2DF02"),
    "DDF1/DF02/EF07": ("RK1DF02", "UK3DF02"),
    "DDF1/DF02/EF08": ("RK1DF02", "UK3DF02"),
    **{f"DDF1/DF03/{fid}": ("RK1DF03", "UK1DF03") for fid in ("EF05", "EF06", "EE01", "EE02", "EE03")},
    **{f"DDF1/DF03/ED0{n}": ("RK1DF03", "UK1DF03") for n in (1, 2, 3, 4, 5)},
}
"""Read and update key of every file, typed from the documents."""
REFERENCES = {
    "DDF1": {0x04: "RK1DDF1", 0x05: "UK1DDF1"},
    "DDF1/DF01": {0x84: "RK1DF01", 0x85: "UK1DF01", 0x83: "LKDF01"},
    "DDF1/DF02": {0x84: "RK1DF02", 0x85: "UK1DF02", 0x86: "UK2DF02", 0x87: "UK3DF02", 0x83: "LKDF02"},
    "DDF1/DF03": {0x84: "RK1DF03", 0x85: "UK1DF03", 0x86: "UK2DF03", 0x83: "LKDF03"},
    "": {0x05: "BKMF"},
}
"""What P2 of EXTERNAL AUTHENTICATE names: as fielded, LK and BK by decision."""


def test_the_rights_cover_every_file() -> None:
    assert set(RIGHTS) == set(STANDARD.files)


@pytest.mark.parametrize("path", RIGHTS)
def test_one_key_reads_and_one_key_updates(path: str) -> None:
    file, (read, update) = STANDARD.files[path], RIGHTS[path]
    for key in STANDARD.keys:
        assert may_read(file, {key}) is (read in (None, key)), key
        assert may_update(file, {key}) is (update == key), key
    assert may_read(file, set()) is (read is None)
    assert not may_update(file, set())


@pytest.mark.parametrize("directory", REFERENCES)
def test_a_reference_names_a_key_of_the_current_directory(directory: str) -> None:
    found = {p2: authentication_key(STANDARD, directory, p2) for p2 in range(256)}
    assert {p2: key.id for p2, key in found.items() if key} == REFERENCES[directory]


@pytest.mark.parametrize(
    ("directory", "key"),
    [("", "STKMF"), ("DDF1", "STKDDF1"), ("DDF1/DF01", "STKDF01"), ("DDF1/DF02", "STKDF02"), ("DDF1/DF03", "STKDF03")],
)
def test_every_directory_has_one_maintenance_key(directory: str, key: str) -> None:
    found = key_of_role(STANDARD, directory, KeyRole.MAINTENANCE)
    assert found is not None
    assert found.id == key


def test_only_the_environment_authenticates_the_card() -> None:
    found = {path: key_of_role(STANDARD, path, KeyRole.INTERNAL) for path in STANDARD.directories}
    assert {path: key.id for path, key in found.items() if key} == {"DDF1": "IRKDDF1"}
