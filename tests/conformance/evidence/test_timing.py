"""Percentiles of the times that commands took: nearest rank, by channel and command."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.evidence.decoding import command_name, tables_for
from conformance.evidence.model import Exchange
from conformance.evidence.timing import Timing, percentile, timings

READ, CHALLENGE = "00B2010400", "0084000008"
TIMES = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=200)


def took(
    microseconds: int,
    sent: str = READ,
    channel: str = "card",
    kind: Literal["reset", "apdu", "lost"] = "apdu",
) -> Exchange:
    """One exchange that took so long."""
    return Exchange(channel=channel, kind=kind, sent=sent, received="9000", at_us=0, took_us=microseconds)


def test_percentiles_are_nearest_ranks_over_all_tests() -> None:
    first = tuple(took(number) for number in range(1, 61))
    second = tuple(took(number) for number in range(100, 60, -1))
    assert timings([first, second]) == (Timing("card", "00B2", 100, 50, 95, 99, 100),)


def test_each_chip_and_command_has_a_row_of_its_own() -> None:
    exchanges = (
        took(5, CHALLENGE),
        took(7, CHALLENGE, "sam"),
        took(900, "", kind="reset"),
        took(6),
        took(9, "04B2010400"),
    )
    assert [(row.channel, row.command, row.longest) for row in timings([exchanges])] == [
        ("card", "0084", 5),
        ("card", "00B2", 6),
        ("card", "04B2", 9),
        ("card", "RESET", 900),
        ("sam", "0084", 7),
    ]


def test_an_exchange_without_answer_took_no_time_of_the_product() -> None:
    assert timings([(took(30_000_000, kind="lost"), took(4))]) == (Timing("card", "00B2", 1, 4, 4, 4, 4),)


def test_without_exchanges_there_is_nothing_to_tell() -> None:
    assert timings([]) == timings([()]) == ()


@given(TIMES)
def test_percentiles_are_measured_values_in_order_and_cover_their_share(times: list[int]) -> None:
    (row,) = timings([tuple(took(time) for time in times)])
    assert row.count == len(times)
    assert row.p50 <= row.p95 <= row.p99 <= row.longest == max(times)
    for share, value in ((50, row.p50), (95, row.p95), (99, row.p99)):
        assert value in times
        assert sum(time <= value for time in times) * 100 >= share * len(times)
        assert sum(time < value for time in times) * 100 < share * len(times)


@pytest.mark.parametrize(("share", "value"), [(0, 1), (1, 1), (34, 2), (100, 3)])
def test_the_smallest_value_that_covers_the_share_is_taken(share: int, value: int) -> None:
    assert percentile([1, 2, 3], share) == value


@pytest.mark.parametrize(
    ("chip", "command", "name"),
    [
        ("card", "00B2", "READ RECORD"),
        ("card", "04B2", "READ RECORD"),
        ("card", "RESET", "Reset"),
        ("sam", "80FA", "CIPHER DATA"),
        ("card", "80FA", "Command FA (not in the tables)"),
        ("reader", "00B2", "Command B2 (not in the tables)"),
    ],
)
def test_a_command_is_named_by_the_tables(chip: str, command: str, name: str) -> None:
    assert command_name(chip, command, tables_for("national-2012")).en == name


def test_a_command_of_an_unknown_profile_keeps_its_instruction() -> None:
    assert command_name("card", "00B2", tables_for("no-such-profile")).en == "Command B2 (not in the tables)"
