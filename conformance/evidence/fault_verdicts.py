"""Plan and verdicts of a soak: one test a bound, judged from the recorded figures; promises it does not try say so.

A soak is QR verification under load, so that the rows on right answers (``load.qr.…``) are judged by it too; those on
faults (``fault.…``) only where workers are killed. Source: decisions of the project; no bound is official.
"""

from __future__ import annotations

from conformance.evidence import bounded
from conformance.evidence.fault_findings import FIGURE_NAMES, KINDS_OF_FAULT, figure_text, limit_text
from conformance.evidence.model import (
    Finding,
    Plan,
    PlannedRequirement,
    PlannedTest,
    Results,
    TestResult,
    Verdict,
)
from conformance.evidence.under_faults import (
    OF_FIGURE,
    PROFILE,
    PROMISES,
    SoakBound,
    SoakRun,
    holds,
    judge,
)
from conformance.evidence.under_load import EXERCISED_BY
from conformance.evidence.verdicts import conclude
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Requirement

TABLES = {
    "load.qr.": "load/gates.toml",
    "load.soak.": "load/soak/bounds.toml",
    PROMISES: "load/faults/promises.toml",
}
"""By how an id begins: where the bound of a row comes from."""
ON_HEALTH = say("a soak does not ask /health while something fails; the project's tests on faults do")
NOT_STAGED = say("a soak kills workers and lets nothing else fail; the project's tests on faults stage this one")
NOBODY_TO_KILL = say("the run was to kill nobody (--kill-every 0), so that nothing failed in it")
NONE_LIVED = say("no worker lived long enough, once warm, to compare its memory late in the run with that early in it")
NOBODY_KILLED = say("no worker was killed")
NOBODY_REPLACED = say("the run ended before any killed worker was replaced")


def plan_of(standard: Standard, run: SoakRun) -> Plan:
    """The plan of a soak: every promise on faults, what else the run was bounded by, and one test a bound."""
    asked = {bound.requirement for bound in run.bounds}
    rows = [
        row
        for id, row in standard.requirements.items()
        if id in asked or id.startswith((PROMISES, f"{PROFILE}.workers-killed"))
    ]
    return bounded.plan(
        PROFILE,
        say("Soak: QR verification while workers are killed"),
        (_planned(row, run) for row in rows),
        (_test(row, bound, run) for row in rows for bound in run.bounds if bound.requirement == row.id),
        say("The run kills workers on one machine; it shows nothing of a lost machine, network, disk or database."),
    )


def results_of(plan: Plan, run: SoakRun, *, started: str) -> Results:
    """The verdicts that the record gives, and the overall one."""
    bounds = {test_id(bound): bound for bound in run.bounds}
    return conclude(plan, [_result(test, bounds[test.id], plan, run) for test in plan.tests], started=started).results()


def test_id(bound: SoakBound) -> str:
    """The name of a bound's test: its requirement and its figure, as a test of the room ``load``."""
    return f"load_soak.{bound.requirement}.{bound.figure}"


test_id.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever pytest makes of the name


def _planned(row: Requirement, run: SoakRun) -> PlannedRequirement:
    tests = (test_id(bound) for bound in run.bounds if bound.requirement == row.id)
    return bounded.planned(row, tests, _not_applicable(row.id, run))


def _test(row: Requirement, bound: SoakBound, run: SoakRun) -> PlannedTest:
    table = next(table for beginning, table in TABLES.items() if row.id.startswith(beginning))
    return bounded.bound_as_test(test_id(bound), row, table, _wanted(bound), _not_applicable(row.id, run))


def _not_applicable(id: str, run: SoakRun) -> Text | None:
    """Why the run says nothing of a requirement; a promise that was broken applies, even where nothing failed."""
    bounds = [bound for bound in run.bounds if bound.requirement == id]
    if not bounds and id.startswith(PROMISES):
        return ON_HEALTH if id.endswith(".true-health") else NOT_STAGED
    if not run.kill_every and (not bounds or (id.startswith(PROMISES) and not _failed(bounds, run))):
        return NOBODY_TO_KILL
    if all(judge(bound, run) is Verdict.NOT_APPLICABLE for bound in bounds):
        return NONE_LIVED
    return None


def _failed(bounds: list[SoakBound], run: SoakRun) -> bool:
    return any(judge(bound, run) is Verdict.FAILED for bound in bounds)


def _result(test: PlannedTest, bound: SoakBound, plan: Plan, run: SoakRun) -> TestResult:
    verdict = judge(bound, run)
    return bounded.judged(
        test,
        verdict,
        _reason(verdict, bound, run),
        _findings(verdict, bound, plan, run),
        answered=run.served,
        seconds=run.seconds,
    )


def _reason(verdict: Verdict, bound: SoakBound, run: SoakRun) -> Text | None:
    """Why a test has no answer."""
    if verdict is not Verdict.INCONCLUSIVE:
        return None
    if OF_FIGURE[bound.figure] == "recovery" and not run.figures.kills:
        return NOBODY_KILLED
    missed = [row for row in run.bounds if OF_FIGURE[row.figure] == "run" and not holds(row, run)]
    if missed:
        return bounded.not_as_asked(_told(row, run) for row in missed)
    if OF_FIGURE[bound.figure] == "recovery":
        return NOBODY_REPLACED
    return bounded.nothing_shown(EXERCISED_BY.get(bound.figure, ()))


def _told(bound: SoakBound, run: SoakRun) -> Text:
    return bounded.told(FIGURE_NAMES[bound.figure], figure_text(bound.figure, run.value(bound.figure)))


def _wanted(bound: SoakBound) -> Text:
    return bounded.wanted(FIGURE_NAMES[bound.figure], limit_text(bound))


def _findings(verdict: Verdict, bound: SoakBound, plan: Plan, run: SoakRun) -> tuple[Finding, ...]:
    if verdict is not Verdict.FAILED:
        return ()
    fault = KINDS_OF_FAULT[bound.figure]
    return (bounded.missed(plan, bound.requirement, bound.figure, fault, _wanted(bound), _told(bound, run)),)
