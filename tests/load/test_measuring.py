"""Latencies: every duration lands in the histogram's own bucket, and nothing is lost on the way to the master."""

from __future__ import annotations

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given, settings
from hypothesis import strategies as st

from load.measuring import DIGITS, LONGEST_US, Latencies, latencies

DURATIONS = st.lists(st.floats(0, 4000), min_size=1, max_size=50)


@settings(max_examples=15, deadline=None)
@given(DURATIONS)
def test_counting_is_the_histograms_own(durations: list[float]) -> None:
    found, oracle = Latencies(), HdrHistogram(1, LONGEST_US, DIGITS)
    for seconds in durations:
        found.record(seconds)
        oracle.record_value(min(max(int(seconds * 1e6), 1), LONGEST_US))
    for percent in (1, 50, 99):
        assert found.percentile_ms(percent) == oracle.get_value_at_percentile(percent) / 1000
    assert found.longest_ms() == oracle.get_max_value() / 1000
    assert found.mean_ms() == pytest.approx(oracle.get_mean_value() / 1000)


@settings(max_examples=15, deadline=None)
@given(DURATIONS, DURATIONS)
def test_two_generators_latencies_together_are_those_of_one(one: list[float], other: list[float]) -> None:
    apart, whole = [Latencies(), Latencies()], Latencies()
    for found, durations in zip(apart, (one, other), strict=True):
        for seconds in durations:
            found.record(seconds)
            whole.record(seconds)
    joined = latencies(apart[0].encoded())
    joined.add(apart[1].encoded())
    assert joined.encoded() == whole.encoded()
    assert len(joined) == len(one) + len(other)


def test_without_durations_every_figure_is_zero() -> None:
    empty = Latencies()
    assert (empty.percentile_ms(99), empty.mean_ms(), empty.longest_ms()) == (0, 0, 0)
    assert empty.curve((50, 99)) == [(50, 0.0), (99, 0.0)]


def test_the_curve_is_made_of_the_percentiles() -> None:
    found = Latencies()
    for milliseconds in range(1, 1000):
        found.record(milliseconds / 1000)
    assert found.curve((50, 99.9)) == [(percent, found.percentile_ms(percent)) for percent in (50, 99.9)]
