"""The shipped SAM tables against SAMTYPE and the exchanges seen in the field."""

from __future__ import annotations

import pytest

from reference.standard import Standard, load
from reference.standard.rows import Basis

ONE_LEVEL = {"STKDDF1", "STKDF01", "UK1DDF1", "UK1DF01", "UK2DF03"}

FIELDED = {
    "STKDDF1": (0x28, 0x02),
    "STKDF01": (0x28, 0x03),
    "STKDF02": (0x48, 0x04),
    "STKDF03": (0x48, 0x05),
    "UK1DDF1": (0x27, 0x2A),
    "UK1DF01": (0x27, 0x2B),
    "UK1DF02": (0x47, 0x2C),
    "UK2DF02": (0x47, 0x2D),
    "UK3DF02": (0x47, 0x2E),
    "UK1DF03": (0x47, 0x2F),
    "UK2DF03": (0x27, 0x30),
    "RK1DDF1": (0x47, 0x31),
    "RK1DF01": (0x47, 0x32),
    "RK1DF02": (0x47, 0x33),
    "RK1DF03": (0x47, 0x34),
}


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load()


def test_the_five_types_hold_5_11_10_10_and_21_keys(standard: Standard) -> None:
    assert {number: len(set(type_.keys)) for number, type_ in standard.sam_types.items()} == {
        1: 5,
        2: 11,
        3: 10,
        4: 10,
        5: 21,
    }


def test_hospitals_differ_in_the_key_of_the_mental_illness_flag_alone(standard: Standard) -> None:
    assert set(standard.sam_types[2].keys) ^ set(standard.sam_types[3].keys) == {"UK2DF02"}


def test_only_the_issuing_body_can_erase_and_only_it_and_unlocking_can_lock(standard: Standard) -> None:
    def holders(key: str) -> list[int]:
        return [number for number, type_ in standard.sam_types.items() if key in type_.keys]

    assert holders("UK2DF03") == [5]
    assert holders("LKDF01") == holders("BKMF") == holders("STKMF") == [4, 5]
    assert holders("UK1DF03") == [2, 3, 5]
    assert holders("IRKDDF1") == [1, 2, 3, 4, 5]


def test_every_card_key_has_one_place_in_the_sam(standard: Standard) -> None:
    assert set(standard.sam_keys) == set(standard.keys)
    assert len({key.id for key in standard.sam_keys.values()}) == 21


def test_under_the_field_profile_p1_and_p2_are_those_seen_in_the_field() -> None:
    keys = load("field-2013").sam_keys
    assert {name: (keys[name].levels << 5 | keys[name].type, keys[name].id) for name in FIELDED} == FIELDED


def test_under_the_national_profile_every_key_is_diversified_twice(standard: Standard) -> None:
    assert {key.levels for key in standard.sam_keys.values()} == {2}
    assert {name for name, key in load("field-2013").sam_keys.items() if key.levels == 1} == ONE_LEVEL


def test_the_levels_are_cited_apart_from_the_id(standard: Standard) -> None:
    key = standard.sam_keys["UK1DDF1"]
    assert key.source.basis is Basis.FIELD
    assert key.source_of("levels").document == "SAMTYPE"
    assert load("field-2013").sam_keys["UK1DDF1"].source_of("levels").document == "CODE"


def test_fields_of_sam_files_fill_them_without_gap(standard: Standard) -> None:
    assert {path: file.size for path, file in standard.sam_files.items()} == {
        "0015": 14,
        "0016": 6,
        "DF01/001A": 25,
        "DF01/001B": 180,
        "DF01/001C": 190,
    }
    for file in standard.sam_files.values():
        end = 0
        for _, offset, length in file.fields:
            assert offset == end
            end += length
        assert end in (0, file.size)
