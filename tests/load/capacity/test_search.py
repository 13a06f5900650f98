"""The search finds what is known of a made-up platform, with the uncertainty that it states."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from load.capacity.result import saturation_of
from load.capacity.search import Limits, Outcome, search
from load.capacity.steps import Step
from reference.command_line import Exit
from tests.load.capacity.results import MadeUpPlatform, capacity_result, result_with, step

LIMITS = Limits(first=200.0, highest=20_000.0)
rates = st.floats(min_value=1.0, max_value=19_999.0)


@settings(deadline=None)
@given(rates, st.floats(min_value=1.0, max_value=20_000.0), st.floats(min_value=0.01, max_value=1.0))
def test_the_saturation_lies_in_a_bracket_as_narrow_as_asked(saturation: float, first: float, precision: float) -> None:
    platform = MadeUpPlatform(saturation)
    found = search(platform.attempt, Limits(first=first, highest=20_000.0, precision=precision))
    assert found.ended == "narrow"
    assert found.held is not None
    assert found.failed is not None
    assert found.held <= saturation < found.failed
    assert found.uncertainty is not None
    assert found.uncertainty <= precision * (1 + 1e-9)
    assert found.failed_as is Outcome.PLATFORM_SATURATED
    assert len(platform.rates) < 80


@settings(deadline=None)
@given(rates, rates)
def test_a_generator_that_gives_up_first_makes_a_lower_bound(one: float, other: float) -> None:
    saturation, generator = max(one, other) + 1, min(one, other)
    platform = MadeUpPlatform(saturation, generator)
    bracket = search(platform.attempt, LIMITS)
    found = saturation_of(bracket, tuple(platform.steps))
    assert found.limited_by in ("generator", "platform")
    assert found.throughput is not None
    assert found.throughput <= generator
    if found.limited_by == "platform":
        assert bracket.failed is not None
        assert bracket.failed > saturation
    else:
        assert found.lower_bound


def test_no_step_goes_beyond_the_highest_rate() -> None:
    platform = MadeUpPlatform(1e9)
    found = search(platform.attempt, Limits(first=300.0, highest=1000.0))
    assert platform.rates == [300.0, 600.0, 1000.0]
    assert (found.held, found.failed, found.ended) == (1000.0, None, "highest")
    assert saturation_of(found, tuple(platform.steps)).limited_by == "rate"


def test_a_platform_that_holds_nothing_has_no_figure() -> None:
    platform = MadeUpPlatform(0.5)
    bracket = search(platform.attempt, Limits(first=4.0, highest=100.0))
    result = result_with(bracket, tuple(platform.steps))
    assert bracket.ended == "lowest"
    assert result.saturation.throughput is None
    assert result.exit_code is Exit.INCOMPLETE
    assert result.projection[0].installations is None


def test_a_step_that_fails_once_by_chance_is_tried_again() -> None:
    outcomes = iter([Outcome.GENERATOR_SATURATED, Outcome.HELD])
    found = search(lambda rate: next(outcomes, None), Limits(first=100.0, highest=1000.0))
    assert (found.held, found.failed, found.ended) == (100.0, None, "stopped")


def test_a_valid_failure_counts_more_than_an_invalid_one() -> None:
    outcomes = iter([Outcome.HELD, Outcome.PLATFORM_SATURATED, Outcome.GENERATOR_SATURATED])
    found = search(lambda rate: next(outcomes, None), Limits(first=100.0, highest=1000.0))
    assert found.failed_as is Outcome.PLATFORM_SATURATED


@pytest.mark.parametrize("before", [[], [Outcome.HELD], [Outcome.HELD, Outcome.PLATFORM_SATURATED]])
def test_a_wrong_answer_ends_the_search_and_fails(before: list[Outcome]) -> None:
    outcomes = iter([*before, Outcome.WRONG])
    made: list[Step] = []

    def attempt(rate: float) -> Outcome | None:
        made.append(step(rate, next(outcomes), len(made) + 1))
        return made[-1].outcome

    result = result_with(search(attempt, LIMITS), tuple(made))
    assert result.saturation.limited_by == "wrong answer"
    assert result.exit_code is Exit.NOT_CONFORMANT
    assert len(made) == len(before) + 1


def test_time_or_cases_that_are_used_up_make_a_lower_bound() -> None:
    platform = MadeUpPlatform(1e9)
    found = search(lambda rate: platform.attempt(rate) if len(platform.rates) < 2 else None, LIMITS)
    assert saturation_of(found, tuple(platform.steps)).limited_by == "cases or time"


def test_a_saturation_point_or_a_lower_bound_is_a_success() -> None:
    assert capacity_result(640.0).exit_code is Exit.CONFORMANT
    bounded = capacity_result(5000.0, generator=900.0)
    assert bounded.exit_code is Exit.CONFORMANT
    assert bounded.saturation.limited_by == "generator"
    assert "lower bound" in bounded.headline.en


def test_an_invalid_run_below_takes_nothing_back_of_a_platform_that_gave_up() -> None:
    told = {100.0: Outcome.HELD, 200.0: Outcome.HELD, 400.0: Outcome.PLATFORM_SATURATED}
    bracket = search(lambda rate: told.get(rate, Outcome.GENERATOR_SATURATED), Limits(first=100.0, highest=10_000.0))
    assert (bracket.held, bracket.failed, bracket.failed_as) == (200.0, 400.0, Outcome.PLATFORM_SATURATED)
