"""What a soak leaves as evidence: codes shown while workers are killed, and everything that was found wrong.

A soak judges by totals at its end, against the platform's own books, so that it keeps figures and no exchanges, as a
load run does (`under_load`). Source: decisions of the project (promises on faults); no clause speaks of faults.
"""

from __future__ import annotations

from typing import Final, Literal

from conformance.evidence.model import Verdict, _Record
from conformance.evidence.under_load import EXERCISED_BY, on_the_right_side

PROFILE: Final = "load.soak"
"""What a soak is held against; it stands where a reading of the standard stands in other packages."""
PROMISES: Final = "fault."
"""With what the ids of all promises on faults begin."""
RECOVERY: Final = "fault.worker-killed.recovery"

Finding = Literal[
    "wrong_accepts",
    "wrong_refusals",
    "wrong_reasons",
    "double_uses",
    "lost_events",
    "repeated_events",
    "unasked_events",
    "broken_logs",
]
"""What may not be, whatever fails."""
SoakFigure = Literal[
    Finding,
    "longest_gap_s",
    "longest_silence_s",
    "memory_growth",
    "accepted",
    "not_shown",
    "given_up",
    "kills",
]
Of = Literal["answers", "recovery", "memory", "run"]
"""What a figure speaks of: answers and books, how soon the platform is whole again, its memory, or the run itself."""

OF_FIGURE: Final[dict[SoakFigure, Of]] = {
    "wrong_accepts": "answers",
    "wrong_refusals": "answers",
    "wrong_reasons": "answers",
    "double_uses": "answers",
    "lost_events": "answers",
    "repeated_events": "answers",
    "unasked_events": "answers",
    "broken_logs": "answers",
    "longest_gap_s": "recovery",
    "longest_silence_s": "recovery",
    "memory_growth": "memory",
    "accepted": "run",
    "not_shown": "run",
    "given_up": "run",
    "kills": "run",
}


class SoakBound(_Record, frozen=True, kw_only=True):
    """On which side of which limit a figure must stay for a requirement of the catalogue; a row may have several."""

    requirement: str
    figure: SoakFigure
    side: Literal["least", "most"]
    limit: float


class SoakFigures(_Record, frozen=True, kw_only=True):
    """What a soak comes to. All are numbers, but for what ends in ``_s``, which is seconds, and ``memory_growth``."""

    wrong_accepts: int
    wrong_refusals: int
    wrong_reasons: int
    double_uses: int
    lost_events: int
    repeated_events: int
    unasked_events: int
    broken_logs: int
    longest_gap_s: float
    """From a kill until as many workers answered as before, or until the end of the run."""
    longest_silence_s: float
    """Without an answer that served while codes were waiting."""
    memory_growth: float | None
    """A worker's memory late in the run to that early in it; None where none lived to tell."""
    accepted: int
    not_shown: int
    """Codes of those asked for that were neither answered nor given up; 0 where the run was to end by time."""
    given_up: int
    """Codes that got no answer however often they were shown."""
    kills: int


class SoakRun(_Record, frozen=True, kw_only=True):
    """A soak, from which its verdicts follow."""

    schema_version: int
    command: str
    """What repeats the run."""
    codes: int
    """Asked for."""
    seconds_asked: float
    """After which the run was to end; 0 where codes alone ended it."""
    kill_every: float
    """Seconds between two kills; 0 where nobody was to be killed."""
    workers: int
    connections: int
    database: str
    """``sqlite`` or ``postgresql``."""
    bounds: tuple[SoakBound, ...]
    figures: SoakFigures
    served: int
    """Codes that got an answer."""
    replaced: int
    """Of the workers killed, those whose place was seen taken."""
    lost_answers: int
    not_sent: int
    """Connections that were refused."""
    turned_away: int
    """Answers that the platform cannot serve now."""
    replayed_requests: int
    """Requests that were sent again as they were."""
    seconds: float
    """Of traffic."""
    memory_mib: float
    """Of one worker at most."""
    outcomes: dict[str, dict[str, int]]
    """Kind of code, outcome, number."""
    kinds: tuple[str, ...]
    """Kinds of code on which the platform gave a judgement; that it cannot serve now is none."""
    words: tuple[str, ...]
    """The first findings in words; all are counted in the figures."""

    @property
    def valid(self) -> bool:
        """Whether the run did what was asked of it, so that it means something that nothing was found."""
        return all(holds(row, self) for row in self.bounds if OF_FIGURE[row.figure] == "run")

    def value(self, figure: SoakFigure) -> float | None:
        """A figure by its name; None where it could not be had."""
        value: float | None = getattr(self.figures, figure)
        return value


def holds(bound: SoakBound, run: SoakRun) -> bool:
    """Whether the figure of a bound is on the right side of its limit; an unknown one is not."""
    return on_the_right_side(run.value(bound.figure), bound.side, bound.limit)


def judge(bound: SoakBound, run: SoakRun) -> Verdict:
    """The verdict on one bound.

    What was found is a fact in an invalid run too. That nothing was found proves something only in a run that did what
    was asked of it, and where a code was shown, or a worker replaced, on which the mistake could have been made.
    """
    of = OF_FIGURE[bound.figure]
    if of == "run":
        return Verdict.PASSED if holds(bound, run) else Verdict.INCONCLUSIVE
    if of == "memory" and run.figures.memory_growth is None:
        return Verdict.NOT_APPLICABLE
    if of == "recovery" and not run.figures.kills:
        return Verdict.INCONCLUSIVE
    if not holds(bound, run):
        return Verdict.FAILED
    return Verdict.PASSED if run.valid and exercised(bound.figure, run) else Verdict.INCONCLUSIVE


def exercised(figure: SoakFigure, run: SoakRun) -> bool:
    """Whether something happened in the run that could have shown the mistake."""
    if OF_FIGURE[figure] == "recovery":
        return run.replaced > 0
    kinds = frozenset(run.kinds)
    return bool(kinds & EXERCISED_BY.get(figure, kinds))


def accepted(outcomes: dict[str, dict[str, int]]) -> int:
    """How many codes were accepted, of all kinds."""
    return sum(by_outcome.get("accepted", 0) for by_outcome in outcomes.values())


def derived(run: SoakRun) -> dict[SoakFigure, float]:
    """The figures that follow from others of the record."""
    not_shown = 0 if run.seconds_asked else max(run.codes - run.served - run.figures.given_up, 0)
    return {
        "accepted": accepted(run.outcomes),
        "not_shown": not_shown,
    }


def figures_that_differ(run: SoakRun) -> list[SoakFigure]:
    """The recorded figures that do not follow from the rest of the record."""
    return [figure for figure, value in derived(run).items() if run.value(figure) != value]
