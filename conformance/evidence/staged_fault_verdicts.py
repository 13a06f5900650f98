"""Plan and verdicts of a staged fault: one test a bound, judged from the recorded figures; what was not seen says so.

Every promise on faults stands in the plan, those on other faults as not applicable. Source: decisions of the project;
no bound is official.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.evidence import bounded
from conformance.evidence.fault_findings import limit_text
from conformance.evidence.model import (
    Finding,
    Plan,
    PlannedRequirement,
    PlannedTest,
    Results,
    TestResult,
    Verdict,
)
from conformance.evidence.staged_fault_findings import FAULT_NAMES, FIGURE_NAMES, KINDS_OF_FAULT, figure_text
from conformance.evidence.staged_faults import ANSWERED, OF_FIGURE, PROFILE, FaultBound, FaultRun, judge, seen
from conformance.evidence.under_faults import PROMISES, RECOVERY
from conformance.evidence.under_load import EXERCISED_BY
from conformance.evidence.verdicts import conclude
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Requirement

TABLE = "load/faults/promises.toml"
NO_PART = say("/health names no part for this fault")
HEALTH_NOT_READ = say(
    "before the fault came, /health of this target did not call well the part that was to fail, in the form of this "
    "project"
)
TOO_SHORT = say("the fault was to last for no longer than the bound: --lasts 20 shows whether everybody is answered")
NO_BOOKS = say(
    "the platform's record of uses could not be held against the answers (--database names it, and the wire profile "
    "must carry the number of a request, as sichuan does)"
)
WORKERS_UNSEEN = say(
    "whether another worker took the place of the dead one is not seen from outside; the others did answer meanwhile"
)
NOT_SHOWN_AGAIN = say("no code that was used before the fault was shown again after it had come")


def plan_of(standard: Standard, run: FaultRun) -> Plan:
    """The plan of a staged fault: every promise on faults, and one test a bound."""
    rows = [row for id, row in standard.requirements.items() if id.startswith(PROMISES)]
    return bounded.plan(
        PROFILE,
        say("Staged fault under load: {fault}", fault=FAULT_NAMES[run.fault]),
        (_planned(row, run) for row in rows),
        (_test(row, bound, run) for row in rows for bound in _bounds(row.id, run)),
        say("The run shows one fault, staged once in this way, and no other."),
    )


def results_of(plan: Plan, run: FaultRun, *, started: str) -> Results:
    """The verdicts that the record gives, and the overall one."""
    bounds = {test_id(bound): bound for bound in run.bounds}
    return conclude(plan, [_result(test, bounds[test.id], plan, run) for test in plan.tests], started=started).results()


def test_id(bound: FaultBound) -> str:
    """The name of a bound's test: its requirement and its figure, as a test of the room ``load``."""
    return f"load_fault.{bound.requirement}.{bound.figure}"


test_id.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever pytest makes of the name


def why_not_valid(run: FaultRun) -> Iterator[Text]:
    """What keeps the run from showing that a promise was kept; nothing in a valid one."""
    if run.breaking_status != 0:
        yield say("what was to break the platform ended with {status}", status=_ended(run.breaking_status))
    elif not run.signs and run.fault == "clock-stepped":
        yield say(
            "no request was refused as too old or from the future: either the clock was not stepped by more than the "
            "platform's time window, or the platform does not look at the time"
        )
    elif not run.signs and run.figures.accepted_meanwhile:
        yield say(
            "nothing showed the fault, and codes were accepted as before: either the platform does without what was "
            "taken from it, or the command took nothing away"
        )
    elif not run.signs:
        yield say("nothing showed the fault: no answer was lost or late, nobody turned away, and health told nothing")
    if run.healing_status != 0:
        yield say("what was to heal the platform ended with {status}", status=_ended(run.healing_status))
    if not run.accepted_before:
        yield say("no code was accepted before the fault came")
    if run.unwell_before:
        yield say(
            "the platform was not well before the fault came: {count} answers lost or turned away",
            count=run.unwell_before,
        )
    if run.ran_out:
        yield say("all cases were shown before the platform had recovered: give it more of them")


def _ended(status: int | None) -> Text:
    return say("no status, being ended after its time") if status is None else say("status {status}", status=status)


def _bounds(id: str, run: FaultRun) -> list[FaultBound]:
    return [bound for bound in run.bounds if bound.requirement == id]


def _planned(row: Requirement, run: FaultRun) -> PlannedRequirement:
    return bounded.planned(row, map(test_id, _bounds(row.id, run)), _not_applicable(row.id, run))


def _test(row: Requirement, bound: FaultBound, run: FaultRun) -> PlannedTest:
    reason = _not_applicable(row.id, run) or _unseen(bound, run)
    return bounded.bound_as_test(test_id(bound), row, TABLE, _wanted(bound), reason)


def _not_applicable(id: str, run: FaultRun) -> Text | None:
    """Why the run says nothing of a requirement; one that was broken applies, even where not all of it was seen."""
    bounds = _bounds(id, run)
    if not bounds:
        if id == ANSWERED and run.fault == "database":
            return TOO_SHORT
        return NO_PART if id.endswith(".true-health") else _another(run)
    if any(judge(bound, run) is Verdict.FAILED for bound in bounds):
        return None
    unseen = [reason for bound in bounds if (reason := _unseen(bound, run)) is not None]
    return unseen[0] if len(unseen) == len(bounds) or (unseen and id == RECOVERY) else None


def _another(run: FaultRun) -> Text:
    return say("another fault was staged: {fault}", fault=FAULT_NAMES[run.fault])


def _unseen(bound: FaultBound, run: FaultRun) -> Text | None:
    """Why the figure of a bound cannot be had on this target."""
    if seen(bound.figure, run):
        return None
    of = OF_FIGURE[bound.figure]
    if of == "books":
        return NO_BOOKS
    return HEALTH_NOT_READ if of == "health" else WORKERS_UNSEEN


def _result(test: PlannedTest, bound: FaultBound, plan: Plan, run: FaultRun) -> TestResult:
    verdict = judge(bound, run)
    return bounded.judged(
        test,
        verdict,
        _reason(verdict, bound, run),
        _findings(verdict, bound, plan, run),
        answered=run.served,
        seconds=run.seconds,
    )


def _reason(verdict: Verdict, bound: FaultBound, run: FaultRun) -> Text | None:
    """Why a test has no answer."""
    if verdict is not Verdict.INCONCLUSIVE:
        return None
    reasons = list(why_not_valid(run))
    if reasons:
        return bounded.not_as_asked(reasons)
    kinds = EXERCISED_BY.get(bound.figure, frozenset())
    return NOT_SHOWN_AGAIN if kinds & frozenset(run.kinds) else bounded.nothing_shown(kinds)


def _wanted(bound: FaultBound) -> Text:
    return bounded.wanted(FIGURE_NAMES[bound.figure], limit_text(bound))


def _findings(verdict: Verdict, bound: FaultBound, plan: Plan, run: FaultRun) -> tuple[Finding, ...]:
    if verdict is not Verdict.FAILED:
        return ()
    actual = bounded.told(FIGURE_NAMES[bound.figure], figure_text(bound.figure, run.value(bound.figure)))
    fault = KINDS_OF_FAULT[bound.figure]
    return (bounded.missed(plan, bound.requirement, bound.figure, fault, _wanted(bound), actual),)
