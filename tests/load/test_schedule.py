"""Schedules: made beforehand, seeded, compressed, and shared among generators without loss."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from load.schedule import UnusableSchedule, of_shape, of_trace, shape_named, shapes


def test_an_even_schedule_spaces_its_arrivals_by_the_rate() -> None:
    times = of_shape(shape_named("constant"), 10, 2, 1).times
    assert list(times) == pytest.approx([number / 10 for number in range(20)])


@pytest.mark.parametrize("name", list(shapes()))
def test_a_shape_has_about_as_many_arrivals_as_its_area(name: str) -> None:
    shape = shapes()[name]
    area = sum(phase.seconds * (phase.begin + phase.end) / 2 for phase in shape.phases) / shape.seconds
    schedule = of_shape(shape, 1000, 20, 7)
    assert len(schedule) == pytest.approx(20_000 * area, rel=0.05)
    assert schedule.seconds <= 20


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(list(shapes())), st.integers(0, 2**32), st.floats(0.5, 200), st.floats(0.5, 20))
def test_times_never_fall_and_one_seed_gives_one_schedule(name: str, seed: int, rate: float, duration: float) -> None:
    first, second = (of_shape(shapes()[name], rate, duration, seed) for _ in range(2))
    assert list(first.times) == list(second.times)
    assert list(first.steps) == list(second.steps)
    assert all(before <= after for before, after in pairwise(first.times))


@given(st.integers(1, 9))
def test_the_parts_of_all_generators_are_the_whole(generators: int) -> None:
    whole = of_shape(shape_named("published-steps"), 50, 2, 3)
    parts = [whole.part(index, generators) for index in range(generators)]
    assert sorted(time for part in parts for time in part.times) == list(whole.times)
    assert all(len(part.times) == len(part.steps) for part in parts)


def test_the_published_steps_come_in_their_shares() -> None:
    steps = of_shape(shape_named("published-steps"), 1000, 20, 1).steps
    assert steps.count("010106") / len(steps) == pytest.approx(0.276, abs=0.02)


def test_a_trace_is_compressed_to_the_duration(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trace.write_text("100\n150\n200\n")
    assert list(of_trace(trace, 10).times) == [0, 5, 10]


@pytest.mark.parametrize("content", ["", "2\n1\n", "nan\n", "soon\n"])
def test_a_trace_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    trace = tmp_path / "trace"
    trace.write_text(content)
    with pytest.raises(UnusableSchedule):
        of_trace(trace)


@pytest.mark.parametrize(("rate", "duration"), [(0, 1), (1, 0), (-1, 1), (float("inf"), 1)])
def test_a_rate_or_duration_that_is_not_above_zero_is_refused(rate: float, duration: float) -> None:
    with pytest.raises(UnusableSchedule):
        of_shape(shape_named("constant"), rate, duration, 1)
