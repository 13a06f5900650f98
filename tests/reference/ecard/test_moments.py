"""Moments and their texts in China time, in every pattern of the wire profiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.ecard.moments import (
    DAY,
    HOUR,
    UnreadableMoment,
    china_date,
    china_text,
    moment_of,
    same_china_day,
)

PATTERNS = {
    "yyyyMMddHHmmss": "20260101120103",
    "yyyy-MM-ddHH:mm:ss": "2026-01-0112:01:03",
    "yyyy-MM-dd HH:mm:ss": "2026-01-01 12:01:03",
    "yyyyMMddHHmmssSSS": "20260101120103456",
    "yyyy/MM/dd": "2026/01/01",
    "yyyyMM": "202601",
    "100%yyyy": "100%2026",
}
NOON = 1_767_240_063_456
"""2026-01-01 12:01:03.456 in China, 04:01:03.456 UTC."""


@pytest.mark.parametrize(("pattern", "text"), PATTERNS.items())
def test_a_moment_is_written_in_china_time(pattern: str, text: str) -> None:
    assert china_text(NOON, pattern) == text


def test_moment_zero_is_eight_in_the_morning() -> None:
    assert china_text(0) == "19700101080000"
    assert china_text(-8 * HOUR) == "19700101000000"
    assert china_text(-8 * HOUR - 1, "yyyyMMddHHmmssSSS") == "19691231235959999"


@given(st.integers(min_value=moment_of("00010101000000"), max_value=moment_of("99991231235959")))
def test_a_text_with_milliseconds_reads_back(moment: int) -> None:
    assert moment_of(china_text(moment, "yyyy-MM-dd HH:mm:ss.SSS"), "yyyy-MM-dd HH:mm:ss.SSS") == moment


def test_parts_that_the_pattern_lacks_are_the_earliest() -> None:
    assert moment_of("2026", "yyyy") == moment_of("20260101000000")
    assert moment_of("20260203", "yyyyMMdd") == moment_of("20260203000000")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("", "yyyyMMddHHmmss"),
        ("2026010112010", "yyyyMMddHHmmss"),
        ("202601011201033", "yyyyMMddHHmmss"),
        ("20260101120103\n", "yyyyMMddHHmmss"),
        ("２０260101120103", "yyyyMMddHHmmss"),
        ("2026-01-01 12:01:03", "yyyy-MM-ddHH:mm:ss"),
        ("20260101 12010", "yyyyMMddHHmmss"),
        ("+2260101120103", "yyyyMMddHHmmss"),
        ("20260229", "yyyyMMdd"),
        ("20261301", "yyyyMMdd"),
        ("00000101", "yyyyMMdd"),
        ("20260101240000", "yyyyMMddHHmmss"),
        ("20260101115960", "yyyyMMddHHmmss"),
    ],
)
def test_a_text_that_does_not_fit_exactly_is_refused(text: str, pattern: str) -> None:
    with pytest.raises(UnreadableMoment) as caught:
        moment_of(text, pattern, "birthday")
    assert caught.value.field == "birthday"
    assert caught.value.id == "request.field-malformed"


@pytest.mark.parametrize("pattern", ["", "HHmmss", "ddMMyyyy", "yyyyMMHH"])
def test_a_pattern_that_leaves_out_a_part_between_is_a_mistake(pattern: str) -> None:
    with pytest.raises(ValueError, match="from the year down"):
        china_text(0, pattern)
    with pytest.raises(ValueError, match="from the year down"):
        moment_of("", pattern)


def test_the_day_changes_at_midnight_in_china() -> None:
    midnight = moment_of("20260102000000")
    assert china_date(midnight) == "20260102"
    assert same_china_day(midnight, midnight + DAY - 1)
    assert not same_china_day(midnight, midnight - 1)
