"""What a staged fault leaves as evidence: one thing fails on a platform under load, is healed, and what came of it.

Whoever stages it is this tool, on a platform that it started, or two commands of whoever runs the platform. A command
that did nothing looks like a platform that needs nothing: where nothing shows that the fault was there, nothing is
passed and nobody accused. Source: decisions of the project (promises on faults); no clause speaks of faults.
"""

from __future__ import annotations

from typing import Final, Literal

from conformance.evidence.model import Verdict, _Record
from conformance.evidence.under_faults import Finding, accepted
from conformance.evidence.under_load import EXERCISED_BY, on_the_right_side

PROFILE: Final = "load.fault"
"""What a staged fault is held against; it stands where a reading of the standard stands in other packages."""
ANSWERED: Final = "fault.database.answered"
"""The promise that can be shown only by a fault that lasts for longer than its bound."""
SILENCE: Final = 1.0
"""Seconds without an answer that serves which show that something failed (decision)."""

StagedFault = Literal["crypto-machine", "database", "disk-full", "worker-killed", "clock-stepped"]
FaultFigure = Literal[
    Finding,
    "accepted_meanwhile",
    "served_meanwhile",
    "longest_wait_s",
    "recovered_after_s",
    "given_up",
    "longest_gap_s",
    "longest_silence_s",
    "told_after_s",
    "well_after_s",
    "untrue_health",
    "accepted",
]
Of = Literal["answers", "books", "meanwhile", "recovery", "health", "run"]
"""What a figure speaks of: answers, the platform's own books, what it let pass meanwhile, its recovery, its health, or
the run itself."""

OF_FIGURE: Final[dict[FaultFigure, Of]] = {
    "wrong_accepts": "answers",
    "wrong_refusals": "answers",
    "wrong_reasons": "answers",
    "double_uses": "answers",
    "lost_events": "books",
    "repeated_events": "books",
    "unasked_events": "books",
    "broken_logs": "books",
    "accepted_meanwhile": "meanwhile",
    "served_meanwhile": "meanwhile",
    "longest_wait_s": "meanwhile",
    "recovered_after_s": "recovery",
    "given_up": "recovery",
    "longest_gap_s": "recovery",
    "longest_silence_s": "recovery",
    "told_after_s": "health",
    "well_after_s": "health",
    "untrue_health": "health",
    "accepted": "run",
}


class FaultBound(_Record, frozen=True, kw_only=True):
    """On which side of which limit a figure must stay for a requirement of the catalogue; a row may have several."""

    requirement: str
    figure: FaultFigure
    side: Literal["least", "most"]
    limit: float


class FaultFigures(_Record, frozen=True, kw_only=True):
    """What a staged fault comes to: numbers, and seconds where a name ends in ``_s``."""

    wrong_accepts: int
    wrong_refusals: int
    wrong_reasons: int
    double_uses: int
    lost_events: int | None
    """This and the three after it are None where the platform's record of uses could not be read."""
    repeated_events: int | None
    unasked_events: int | None
    broken_logs: int | None
    accepted_meanwhile: int
    """Codes accepted from a moment after the fault came until it went."""
    served_meanwhile: int
    """Answers in that time that judged a code, either way."""
    longest_wait_s: float
    """From a request to its answer, or until it was given up, from the coming of the fault on."""
    recovered_after_s: float | None
    """From the end of the fault until a code was accepted; None where none was."""
    given_up: int
    """Codes that got no answer however often they were shown."""
    longest_gap_s: float | None
    """From a kill until as many workers answered as before; None where workers cannot be seen."""
    longest_silence_s: float
    """Without an answer that served, from the coming of the fault on."""
    told_after_s: float | None
    """From the coming of the fault until health named what fails; None where it did not, or is no health of ours."""
    well_after_s: float | None
    """From the end of the fault until health was good again."""
    untrue_health: int
    """Answers of health that called the part well with the fault still there, once they had named it."""
    accepted: int
    """Codes accepted in the whole run."""


class FaultRun(_Record, frozen=True, kw_only=True):
    """A staged fault, from which its verdicts follow."""

    schema_version: int
    command: str
    """What repeats the run; the commands that break and heal are their owner's, and not told."""
    fault: StagedFault
    staged_by: Literal["self", "command"]
    """``self``: this tool did it to a platform that it had started; ``command``: a command of somebody's."""
    lasts_s: float
    """Asked for."""
    connections: int
    pace_s: float
    """Seconds that a connection rests after each code."""
    database: str
    """``sqlite`` or ``postgresql``; empty where the platform's record of uses could not be read."""
    bounds: tuple[FaultBound, ...]
    figures: FaultFigures
    breaking_status: int | None
    """How what breaks ended: 0 is well; None where it did not end in time."""
    healing_status: int | None
    accepted_before: int
    """Codes accepted before the fault came."""
    unwell_before: int
    """Answers lost, requests turned away and connections refused before the fault came."""
    lost_answers: int
    """This and the counts after it: from the coming of the fault to the end of the run."""
    not_sent: int
    """Connections that were refused."""
    turned_away: int
    """Answers that the platform cannot serve now."""
    out_of_time: int
    """Answers that the request is too old, or from the future."""
    broken_off: int
    """Connections that the platform ended without a word; 0 where it did so before, too, which then shows nothing."""
    kills: int
    """Workers that this tool killed."""
    shown_again: int
    """Codes that were used up before the fault came and then refused as such after it."""
    ran_out: bool
    """Whether all cases were shown before the platform had recovered."""
    health_read: bool
    """Whether health could be read before the fault came and called well what was to fail."""
    served: int
    """Codes that got an answer, in the whole run."""
    seconds: float
    """From the first code to the last."""
    outcomes: dict[str, dict[str, int]]
    """Kind of code, outcome, number."""
    kinds: tuple[str, ...]
    """Kinds of code on which the platform gave a judgement; that it cannot serve now is none."""
    words: tuple[str, ...]
    """The first findings in words; all are counted in the figures."""

    @property
    def signs(self) -> int:
        """What shows that the fault was there; only answers on the time show that of a clock."""
        if self.fault == "clock-stepped":
            return self.out_of_time
        counted = self.lost_answers + self.not_sent + self.turned_away + self.broken_off + self.kills
        told = self.figures.told_after_s is not None
        return counted + told + (self.figures.longest_silence_s >= SILENCE)

    @property
    def there(self) -> bool:
        """Whether the fault was there: what this tool does itself is, of a command's doing something must be seen."""
        return self.breaking_status == 0 and (self.staged_by == "self" or self.signs > 0)

    @property
    def whole(self) -> bool:
        """Whether it can be told how the platform recovered: it was well before, the fault came, and it went."""
        return self.there and self.well_before and self.healing_status == 0 and not self.ran_out

    @property
    def well_before(self) -> bool:
        """Whether codes were accepted before the fault came, and nothing failed yet."""
        return self.accepted_before > 0 and not self.unwell_before

    @property
    def valid(self) -> bool:
        """Whether it means something that nothing was found."""
        return self.whole and self.signs > 0

    def value(self, figure: FaultFigure) -> float | None:
        """A figure by its name; None where it could not be had."""
        value: float | None = getattr(self.figures, figure)
        return value


def holds(bound: FaultBound, run: FaultRun) -> bool:
    """Whether the figure of a bound is on the right side of its limit; an unknown one is not."""
    return on_the_right_side(run.value(bound.figure), bound.side, bound.limit)


def seen(figure: FaultFigure, run: FaultRun) -> bool:
    """Whether a figure can be had on this target at all."""
    of = OF_FIGURE[figure]
    if of == "books":
        return bool(run.database)
    if of == "health":
        return run.health_read
    return figure != "longest_gap_s" or (run.staged_by == "self" and run.fault == "worker-killed")


def judge(bound: FaultBound, run: FaultRun) -> Verdict:
    """The verdict on one bound.

    A wrong answer or book is a fact whatever else happened. What a platform did while the fault was there, and how it
    recovered, can be held against it only where the fault was there, and gone; and nothing passes in a run that does
    not show so much.
    """
    of = OF_FIGURE[bound.figure]
    if not seen(bound.figure, run):
        return Verdict.NOT_APPLICABLE
    if not holds(bound, run):
        accused = {"answers": True, "books": True, "meanwhile": run.there}.get(of, run.whole)
        return Verdict.FAILED if accused else Verdict.INCONCLUSIVE
    return Verdict.PASSED if run.valid and exercised(bound, run) else Verdict.INCONCLUSIVE


def exercised(bound: FaultBound, run: FaultRun) -> bool:
    """Whether something happened in the run that could have shown the mistake."""
    if OF_FIGURE[bound.figure] != "answers":
        return True
    if bound.requirement.startswith("fault.clock-stepped.") and not run.shown_again:
        return False
    kinds = frozenset(run.kinds)
    return bool(kinds & EXERCISED_BY.get(bound.figure, kinds))


def derived(run: FaultRun) -> dict[FaultFigure, float]:
    """The figures that follow from others of the record."""
    return {"accepted": accepted(run.outcomes)}


def figures_that_differ(run: FaultRun) -> list[FaultFigure]:
    """The recorded figures that do not follow from the rest of the record."""
    return [figure for figure, value in derived(run).items() if run.value(figure) != value]
