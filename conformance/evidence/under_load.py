"""What a load test leaves as evidence: its figures with the histograms they come from, its bounds, its wrong answers.

A load run has no transcripts, which would be millions of exchanges: its verdicts are drawn from this record, and by
whoever has the package drawn again. Source: decisions of the project (gates of load tests); no clause speaks of load.
"""

from __future__ import annotations

import math
from typing import Final, Literal

from conformance.evidence.model import Verdict, _Record
from reference.languages import Text

PROFILE: Final = "load.qr"
"""What a load run is held against; it stands where a reading of the standard stands in other packages."""

Figure = Literal[
    "wrong_accepts",
    "wrong_refusals",
    "wrong_reasons",
    "lost_events",
    "double_uses",
    "error_share",
    "throughput",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "p999_ms",
    "generator_lag_p99_ms",
    "interruptions",
]
Of = Literal["correctness", "speed", "generator", "run"]
"""What a figure speaks of: the platform's answers, its speed, the generator itself, or whether the run was whole."""

OF_FIGURE: Final[dict[Figure, Of]] = {
    "wrong_accepts": "correctness",
    "wrong_refusals": "correctness",
    "wrong_reasons": "correctness",
    "lost_events": "correctness",
    "double_uses": "correctness",
    "error_share": "speed",
    "throughput": "speed",
    "p50_ms": "speed",
    "p95_ms": "speed",
    "p99_ms": "speed",
    "p999_ms": "speed",
    "generator_lag_p99_ms": "generator",
    "interruptions": "run",
}
PERCENTS: Final[dict[Figure, float]] = {"p50_ms": 50, "p95_ms": 95, "p99_ms": 99, "p999_ms": 99.9}
RIGHTLY_ACCEPTED: Final = frozenset({"dynamic", "static", "replayed"})
"""Kinds of code that a platform accepts at some moment of the run."""
SINGLE_USE: Final = frozenset({"dynamic", "replayed"})
NEVER_ACCEPTED: Final = frozenset({"forged", "grafted", "expired", "superseded", "cancelled", "foreign"})
EXERCISED_BY: Final[dict[str, frozenset[str]]] = {
    "wrong_accepts": NEVER_ACCEPTED,
    "wrong_refusals": RIGHTLY_ACCEPTED,
    "wrong_reasons": NEVER_ACCEPTED,
    "double_uses": SINGLE_USE,
}
"""Kinds of code of which one must have been answered before the absence of mistakes says anything."""

Histogram = tuple[tuple[int, int], ...]
"""Durations in microseconds, rising, each the upper end of its cell, with how often they occurred."""


class Bound(_Record, frozen=True, kw_only=True):
    """On which side of which limit a figure of the run must stay for a requirement of the catalogue to hold."""

    requirement: str
    figure: Figure
    side: Literal["least", "most"]
    limit: float


class Figures(_Record, frozen=True, kw_only=True):
    """What a run comes to. Times are milliseconds, throughput answers a second, all else numbers or a share."""

    wrong_accepts: int
    wrong_refusals: int
    wrong_reasons: int
    lost_events: int | None
    """None where nobody could count them."""
    double_uses: int
    error_share: float
    throughput: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    p999_ms: float
    generator_lag_p99_ms: float
    interruptions: int
    """Number of reasons why the run is not whole."""


class WrongAnswer(_Record, frozen=True, kw_only=True):
    """An answer that was wrong at any time of the run: number of the request, what was right, what came."""

    request: str
    wrong: str
    """``wrong-accept``, ``wrong-refusal`` or ``wrong-reason``."""
    kind: str
    expected: tuple[str, ...]
    got: tuple[str, ...]


class LoadRun(_Record, frozen=True, kw_only=True):
    """A load run, from which its verdicts follow. Times are milliseconds where their name says so, else seconds."""

    schema_version: int
    command: str
    """What repeats the run."""
    shape: str
    rate: float
    duration: float
    generators: int
    connections: int
    gates_from: str
    """The tier, or the name of the user's file, that the bounds come from."""
    bounds: tuple[Bound, ...]
    scheduled: int
    answered: int
    unserved: int
    """Of those answered, the ones by which the platform said that it cannot serve now."""
    seconds: float
    """From the run's begin to its last answer."""
    figures: Figures
    interruptions: tuple[Text, ...]
    """Why the run is not whole; empty where it is."""
    totals_from: str
    """Where the platform's own count of uses was read; ``none`` where it could not be."""
    response: Histogram
    """Response time, from the intended start."""
    service: Histogram
    """Service time, from sending."""
    outcomes: dict[str, dict[str, int]]
    """Kind of code, outcome, number."""
    kinds: tuple[str, ...]
    """Kinds of code on which the platform gave a judgement; that it cannot serve now is none."""
    faults: dict[str, int]
    """Why requests remained without a readable answer."""
    wrong: tuple[WrongAnswer, ...]
    """Wrong answers in full, the first of each generator; all are counted in the figures."""

    @property
    def valid(self) -> bool:
        """Whether the figures of speed say something of the platform."""
        return all(holds(row, self.value(row)) for row in self.bounds if OF_FIGURE[row.figure] in ("generator", "run"))

    def value(self, bound: Bound) -> float | None:
        """The figure that a bound speaks of."""
        return value_of(self.figures, bound.figure)


def value_of(figures: Figures, figure: Figure) -> float | None:
    """A figure by its name; None where it could not be had."""
    value: float | None = getattr(figures, figure)
    return value


def holds(bound: Bound, value: float | None) -> bool:
    """Whether a figure is on the right side of its limit; an unknown one is not."""
    return on_the_right_side(value, bound.side, bound.limit)


def on_the_right_side(value: float | None, side: Literal["least", "most"], limit: float) -> bool:
    """Whether a value, where it is known, keeps to a limit."""
    if value is None:
        return False
    return value >= limit if side == "least" else value <= limit


def judge(bound: Bound, value: float | None, *, valid: bool, kinds: frozenset[str]) -> Verdict:
    """The verdict on one bound. ``kinds`` of code were judged; ``valid``: the run's figures of speed count.

    A wrong answer is a fact in an invalid run too. That none was seen proves something only where a code was shown on
    which the mistake could have been made. A late generator is a fault of the tester, never of the platform.
    """
    of = OF_FIGURE[bound.figure]
    if of == "generator":
        return Verdict.PASSED if holds(bound, value) else Verdict.ERROR
    if of == "run":
        return Verdict.PASSED if holds(bound, value) else Verdict.INCONCLUSIVE
    if value is None:
        return Verdict.NOT_APPLICABLE if of == "correctness" else Verdict.INCONCLUSIVE
    if of == "speed" and not valid:
        return Verdict.INCONCLUSIVE
    if not holds(bound, value):
        return Verdict.FAILED
    exercised = bool(kinds & EXERCISED_BY.get(bound.figure, kinds))
    return Verdict.PASSED if of == "speed" or exercised else Verdict.INCONCLUSIVE


def percentile(histogram: Histogram, percent: float) -> int:
    """The smallest duration in microseconds that so many per cent of all do not exceed; 0 where there is none.

    Ranks are rounded as HdrHistogram rounds them.
    """
    rank = max(int(percent / 100 * sum(count for _, count in histogram) + 0.5), 1)
    counted = 0
    for upper, count in histogram:
        counted += count
        if counted >= rank:
            return upper
    return 0


def derived(run: LoadRun) -> dict[Figure, float]:
    """The figures that follow from others of the record: percentiles, throughput, share of errors, interruptions."""
    served = run.answered - run.unserved
    return {
        **{figure: percentile(run.response, percent) / 1000 for figure, percent in PERCENTS.items()},
        "throughput": served / run.seconds if run.seconds else 0.0,
        "error_share": 1 - served / run.scheduled if run.scheduled else 1.0,
        "interruptions": len(run.interruptions),
    }


def figures_that_differ(run: LoadRun) -> list[Figure]:
    """The recorded figures that do not follow from the rest of the record."""
    return [
        figure
        for figure, value in derived(run).items()
        if not math.isclose(value_of(run.figures, figure) or 0.0, value, rel_tol=1e-9, abs_tol=1e-9)
    ]
