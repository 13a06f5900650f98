"""Measured parts become categories that add up to the server's processor time; a part that nobody knows is not lost."""

from __future__ import annotations

import pytest

from load.benchmarks.parts import Part
from load.capacity.where_time_goes import of_parts, table
from tests.load.capacity.results import PARTS


def test_the_categories_add_up_to_the_processor_time() -> None:
    found = of_parts(PARTS, 400.0)
    assert sum(share.us for share in found.shares) == pytest.approx(400.0)
    sums = {share.category: share.us for share in found.shares}
    assert sums["crypto"] == pytest.approx(9 + 8 + 6)
    assert sums["encoding"] == pytest.approx((60 - 9 - 8) + (14 - 6) + 2)
    assert sums["store"] == pytest.approx(6 + 4)
    assert sums["judging"] == pytest.approx(50 - 2 - 6)


def test_parts_that_take_more_than_the_server_leave_nothing_to_the_framework() -> None:
    assert "framework" not in {share.category for share in of_parts(PARTS, 10.0).shares}


def test_without_processor_time_there_is_no_framework() -> None:
    assert "framework" not in {share.category for share in of_parts(PARTS, None).shares}


def test_a_part_that_the_table_lacks_counts_as_other() -> None:
    found = of_parts((*PARTS, Part("a new part", 7.0, 0.0, "")), 400.0)
    assert {share.category: share.us for share in found.shares}["other"] == pytest.approx(7.0)
    assert found.parts[-1].title.en == "a new part"


def test_what_a_whole_part_spans_is_in_the_table() -> None:
    rows = table().rows
    assert all(name in rows for row in rows.values() for name in row.whole)
    assert any(row.whole for row in rows.values())
