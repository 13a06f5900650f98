"""A step holds only when its run is valid, right, fast enough, and keeps up with the schedule."""

from __future__ import annotations

from typing import Any

import pytest

from load.capacity.asked import P99
from load.capacity.search import Outcome
from load.capacity.steps import judged, step_of
from load.gates import bounds_of
from load.judging import Recorded
from load.measuring import Counts, Latencies, Measured
from load.result import LoadResult, result_of
from load.settings import RunSettings

RATE, SECONDS = 100.0, 2.0
SCHEDULED = 200


def found(lag: float = 0.001, latency: float = 0.01, seconds: float = SECONDS, **counts: Any) -> LoadResult:
    """The result of a run with every latency alike. Arguments in seconds."""
    known: dict[str, Any] = {"scheduled": SCHEDULED, "started": SCHEDULED, "answered": SCHEDULED, "accepted": SCHEDULED}
    measured = Measured(
        ended=True,
        seconds=seconds,
        scheduled_seconds=SECONDS,
        counts=Counts(**(known | counts)),
        response=encoded(latency),
        service=encoded(latency),
        lag=encoded(lag),
        wake=encoded(lag),
    )
    bounds = bounds_of("correctness") | {P99: 1000.0}
    settings = RunSettings(url="http://127.0.0.1:1", cases="", rate=RATE, duration=SECONDS)
    recorded = Recorded(accepted=known["accepted"], refused=0)
    return result_of(settings, measured, recorded, bounds, "test", lag_bound_ms=10.0)


def encoded(seconds: float) -> str:
    made = Latencies()
    made.record(seconds)
    return made.encoded()


def test_a_quick_and_right_run_holds() -> None:
    step = step_of(1, found(), cpu_seconds=0.1)
    assert (step.outcome, step.because) == (Outcome.HELD, ())
    assert step.core_us == pytest.approx(500.0)


def test_processor_time_that_cannot_be_seen_is_unknown() -> None:
    assert step_of(1, found(), cpu_seconds=None).core_us is None


@pytest.mark.parametrize(
    ("figures", "outcome", "names"),
    [
        ({"latency": 1.5}, Outcome.PLATFORM_SATURATED, "response time p99"),
        ({"seconds": 2.2}, Outcome.PLATFORM_SATURATED, "throughput"),
        ({"lag": 0.02}, Outcome.GENERATOR_SATURATED, "lagged"),
        ({"lag": 0.02, "latency": 5.0}, Outcome.GENERATOR_SATURATED, "lagged"),
        ({"answered": 0, "accepted": 0}, Outcome.PLATFORM_SATURATED, "throughput"),
        ({"wrong_accepts": 1}, Outcome.WRONG, "wrong accepts"),
        ({"wrong_accepts": 1, "lag": 0.02}, Outcome.WRONG, "wrong accepts"),
        ({"accepted": 201}, Outcome.WRONG, "lost use records"),
    ],
)
def test_what_fails_a_step_is_told_apart(figures: dict[str, Any], outcome: Outcome, names: str) -> None:
    got, because = judged(found(**figures))
    assert got is outcome
    assert any(names in reason.en for reason in because)
