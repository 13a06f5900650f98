"""Fields are compared as registration gets them wrong; distances obey the laws of distances."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.index.comparing import (
    address_level,
    birthday_level,
    common_pairs,
    distance,
    id_number_level,
    name_level,
    phone_level,
    sex_level,
)

SHORT = st.text(alphabet="王小明李红12", max_size=6)


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("王小明", "王小明", "exact"),
        ("王 小明", "王小明", "exact"),
        ("阿依古丽·买买提", "阿依古丽买买提", "exact"),
        ("TEST PERSON", "test person", "exact"),
        ("王小明", "王明小", "swapped"),
        ("王小明", "王晓明", "near"),
        ("王小明", "王明", "near"),
        ("王明", "王红", "surname"),
        ("王小明", "李大红", "different"),
        ("", "王小明", None),
    ],
)
def test_names_agree_as_far_as_their_characters_do(left: str, right: str, level: str | None) -> None:
    assert name_level(left, right) == name_level(right, left) == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("19900307", "19900307", "exact"),
        ("19900307", "19900703", "transposed"),
        ("19900307", "19900370", "transposed"),
        ("19900307", "19910307", "year-off"),
        ("19900307", "19900317", "year-off"),
        ("19900307", "19551224", "different"),
        ("", "19551224", None),
    ],
)
def test_birthdays_agree_by_their_usual_slips(left: str, right: str, level: str | None) -> None:
    assert birthday_level(left, right) == birthday_level(right, left) == level


def test_an_unstated_sex_says_nothing() -> None:
    assert [sex_level("1", "9"), sex_level("0", "2"), sex_level("1", "2"), sex_level("1", "1")] == [
        None,
        None,
        "different",
        "exact",
    ]


def test_a_phone_number_may_carry_the_prefix_of_the_country() -> None:
    assert phone_level("+86 138-0013-8000", "13800138000") == "exact"
    assert phone_level("13800138000", "13800138001") == "typo"
    assert phone_level("13800138000", "13911112222") == "different"
    assert phone_level("", "13911112222") is None


def test_a_document_number_differs_by_a_slip_or_altogether() -> None:
    assert id_number_level("110101199003071011", "110101199003071011") == "exact"
    assert id_number_level("110101199003071011", "110101199003071101") == "typo"
    assert id_number_level("110101199003071011", "320102195512240022") == "different"


def test_addresses_agree_by_their_common_pairs_of_characters() -> None:
    home = "北京市东城区长安街1号2单元301室"
    assert address_level(home, "北京市 东城区 长安街１号２单元301室", 0.75, 0.35) == "exact"
    assert address_level(home, "北京市东城区长安街1号2单元302室", 0.75, 0.35) == "near"
    assert address_level(home, "北京市东城区长安街8号", 0.75, 0.35) == "partial"
    assert address_level(home, "广州市天河区体育路", 0.75, 0.35) == "different"
    assert address_level(home, "", 0.75, 0.35) is None


@given(SHORT, SHORT)
def test_a_distance_is_symmetric_bounded_and_zero_only_for_equals(left: str, right: str) -> None:
    assert distance(left, right) == distance(right, left) <= max(len(left), len(right))
    assert (distance(left, right) == 0) == (left == right)


@given(SHORT, SHORT)
def test_the_share_of_common_pairs_is_a_share(left: str, right: str) -> None:
    assert 0 <= common_pairs(left, right) == common_pairs(right, left) <= 1
    assert common_pairs(left, left) == 1
