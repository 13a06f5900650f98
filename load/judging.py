"""Whether the platform stayed right under load: every answer against what its case allows, then the totals.

Under concurrency an answer is right when some state between sending and answering allows it; a single-use code has one
winner, whichever, which only totals can tell. Source: decision (wrong accepts are hard failures).
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from load.cases import Case
from load.measuring import Counts, Measured, WrongAnswer
from load.single_use import UNKNOWN, USED_UP, WINNABLE, WINNER, double_uses, without_winner
from reference.qr.use_log import ACCEPTED
from reference.standard.ecard.refusals import refusals

Wrong = Literal["wrong-accept", "wrong-refusal", "wrong-reason"]

CONSUMED: Final = "code.consumed"
RECORDED: Final = ("code.", "account.")
"""With what the ids of refusals begin that verification itself gives, and writes into the use log."""

WRONG_KEPT = 100
"""How many wrong answers a generator keeps in full; all are counted."""


class Outcome(NamedTuple):
    """What a platform's answer says: `ACCEPTED`, or the ids that its return code may stand for."""

    ids: frozenset[str]

    @property
    def accepted(self) -> bool:
        """Whether the code was accepted."""
        return self.ids == ACCEPTANCE.ids

    @property
    def recorded(self) -> bool:
        """Whether the platform must have written the use: an acceptance, or a refusal by verification itself."""
        return self.accepted or all(id.startswith(RECORDED) for id in self.ids)

    @property
    def unserved(self) -> bool:
        """Whether the platform says that it cannot serve now: no judgement on the code."""
        return not self.accepted and all(id.startswith("system.") or refusals()[id].retry for id in self.ids)

    @property
    def name(self) -> str:
        """For tables: the ids, joined where a return code is shared."""
        return "|".join(sorted(self.ids))


ACCEPTANCE: Final = Outcome(frozenset({ACCEPTED}))


def judge(case: Case, outcome: Outcome) -> Wrong | None:
    """What is wrong with an answer, if anything; an answer that serves nobody is an error, and not judged here."""
    if outcome.unserved or case.expected & outcome.ids:
        return None
    if outcome.accepted:
        return "wrong-accept"
    return "wrong-refusal" if case.may_be_accepted() else "wrong-reason"


class Judge:
    """Judges the answers of one generator, and keeps its totals."""

    def __init__(self) -> None:
        self.counts = Counts()
        self.wrong: list[WrongAnswer] = []
        self.keys: dict[int, int] = {}
        self.without_answer: list[str] = []

    def answered(self, case: Case, outcome: Outcome, request: str) -> Wrong | None:
        """Count an answer; what is wrong with it, if anything."""
        counts = self.counts
        counts.answered += 1
        by_outcome = counts.outcomes.setdefault(case.kind, {})
        by_outcome[outcome.name] = by_outcome.get(outcome.name, 0) + 1
        if outcome.accepted:
            counts.accepted += 1
        elif outcome.unserved:
            counts.unserved += 1
        elif outcome.recorded:
            counts.refused += 1
        if case.code_key:
            self._mark(case, outcome)
        wrong = judge(case, outcome)
        if wrong is not None:
            self._count(wrong)
            if len(self.wrong) < WRONG_KEPT:
                self.wrong.append(
                    WrongAnswer(
                        request=request,
                        wrong=wrong,
                        kind=case.kind,
                        expected=tuple(sorted(case.expected)),
                        got=tuple(sorted(outcome.ids)),
                    )
                )
        return wrong

    def silent(self, case: Case, fault: str, request: str, *, unreadable: bool = False) -> None:
        """Count a request without a readable answer; ``fault`` says why."""
        if unreadable:
            self.counts.unreadable += 1
        else:
            self.counts.unanswered += 1
        self.without_answer.append(request)
        self.counts.faults[fault] = self.counts.faults.get(fault, 0) + 1
        if case.code_key:
            self.keys[case.code_key] = self.keys.get(case.code_key, 0) | UNKNOWN

    def _mark(self, case: Case, outcome: Outcome) -> None:
        mark = self.keys.get(case.code_key, 0)
        if case.may_be_accepted():
            mark |= WINNABLE
        if outcome.accepted:
            mark += WINNER
        elif outcome.unserved:
            mark |= UNKNOWN
        elif CONSUMED in outcome.ids:
            mark |= USED_UP
        self.keys[case.code_key] = mark

    def _count(self, wrong: Wrong) -> None:
        if wrong == "wrong-accept":
            self.counts.wrong_accepts += 1
        elif wrong == "wrong-refusal":
            self.counts.wrong_refusals += 1
        else:
            self.counts.wrong_reasons += 1


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What the platform itself counted during the run, and how that was found out."""

    accepted: int
    refused: int
    double_uses: int = 0
    source: str = "database"


class Correctness(msgspec.Struct, frozen=True, kw_only=True):
    """The five ways to be wrong, counted over the run. ``lost_events`` is None where nobody could count them."""

    wrong_accepts: int
    wrong_refusals: int
    wrong_reasons: int
    lost_events: int | None
    double_uses: int
    totals_from: str


def correctness(measured: Measured, recorded: Recorded | None) -> Correctness:
    """Judge the totals of a run; without ``recorded`` lost use records stay unknown, which is said."""
    counts = measured.counts
    lost = None
    if recorded is not None:
        lost = max(counts.accepted - recorded.accepted, 0) + max(counts.refused - recorded.refused, 0)
    return Correctness(
        wrong_accepts=counts.wrong_accepts,
        wrong_refusals=counts.wrong_refusals + without_winner(measured.keys),
        wrong_reasons=counts.wrong_reasons,
        lost_events=lost,
        double_uses=max(double_uses(measured.keys), recorded.double_uses if recorded else 0),
        totals_from=recorded.source if recorded else "none",
    )
