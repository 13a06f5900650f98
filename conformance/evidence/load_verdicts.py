"""Plan and verdicts of a load run: one test a requirement of the catalogue, judged from the recorded figures alone.

Rows of basis *decision* can only warn in a conformance run. A load run is held against bounds that whoever ordered it
chose, and a missed one fails it: its profile is its own, and headline and limits say that no bound is official.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from conformance.evidence import bounded
from conformance.evidence.load_findings import FIGURE_NAMES, KINDS_OF_FAULT, figure_text, limit_text
from conformance.evidence.model import (
    SCHEMA_VERSION,
    Finding,
    Plan,
    PlannedRequirement,
    PlannedTest,
    Results,
    TestResult,
    Verdict,
)
from conformance.evidence.under_load import EXERCISED_BY, OF_FIGURE, PROFILE, Bound, Figure, LoadRun, holds, judge
from conformance.evidence.verdicts import conclude
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Requirement

ON_TIME, COMPLETE = "load.qr.generator-on-time", "load.qr.run-complete"
TWINS: dict[Figure, Figure] = {"wrong_accepts": "wrong_refusals", "wrong_reasons": "wrong_refusals"}
"""Who refuses everything accepts nothing wrongly: that counts only where right codes were accepted in the same run."""
NO_BOUND = say("the run gives it no bound (--gates names a tier, or a file with [bounds])")
NO_RECORDS = say("the platform's record of uses could not be read (--database names it)")
LIMITS = (
    say("All bounds are decisions of this project or of whoever ordered the run; no official text gives one."),
    say("The figures hold for this network, these machines, this mix of codes and this load, and for no other."),
    bounded.NOT_EVERY_CODE,
)


def plan_of(standard: Standard, run: LoadRun) -> Plan:
    """The plan that a run with these bounds has: every requirement on a platform under load, and on the run itself."""
    rows = [row for row in standard.requirements.values() if row.id.startswith(f"{PROFILE}.")]
    bounds = {bound.requirement: bound for bound in run.bounds}
    return Plan(
        schema_version=SCHEMA_VERSION,
        profile=PROFILE,
        profile_title=say("QR verification under load"),
        standard=say("bounds: {gates}; decisions, no official limits", gates=run.gates_from),
        switches={},
        requirements=tuple(_planned(row, bounds.get(row.id), run) for row in rows),
        tests=tuple(_test(row, bounds[row.id], bounds, run) for row in rows if row.id in bounds),
        limits=LIMITS,
    )


def results_of(plan: Plan, run: LoadRun, *, started: str) -> Results:
    """The verdicts that the record gives, and the overall one."""
    bounds = {test_id(bound): bound for bound in run.bounds}
    alone = {test.id: _result(test, bounds[test.id], plan, run) for test in plan.tests}
    return conclude(plan, [_settled(test, alone) for test in plan.tests], started=started).results()


def test_id(bound: Bound) -> str:
    """The name of a bound's test: that of its requirement, as a test of the room ``load``."""
    return f"load_qr.{bound.requirement.removeprefix(PROFILE + '.')}"


test_id.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever pytest makes of the name


def _planned(row: Requirement, bound: Bound | None, run: LoadRun) -> PlannedRequirement:
    if bound is None:
        return bounded.planned(row, (), NO_BOUND)
    return bounded.planned(row, (test_id(bound),), _not_applicable(bound, run))


def _test(row: Requirement, bound: Bound, bounds: dict[str, Bound], run: LoadRun) -> PlannedTest:
    twin = [test_id(other) for other in bounds.values() if other.figure == TWINS.get(bound.figure)]
    return bounded.bound_as_test(
        test_id(bound), row, "load/gates.toml", _wanted(bound), _not_applicable(bound, run), "".join(twin)
    )


def _not_applicable(bound: Bound, run: LoadRun) -> Text | None:
    return NO_RECORDS if bound.figure == "lost_events" and run.figures.lost_events is None else None


def _result(test: PlannedTest, bound: Bound, plan: Plan, run: LoadRun) -> TestResult:
    verdict = judge(bound, run.value(bound), valid=run.valid, kinds=frozenset(run.kinds))
    return bounded.judged(
        test,
        verdict,
        _reason(verdict, bound, run),
        _findings(verdict, bound, plan, run),
        answered=run.answered,
        seconds=run.seconds,
    )


def _settled(test: PlannedTest, results: dict[str, TestResult]) -> TestResult:
    """The result, inconclusive where a refusal's positive twin did not pass."""
    result = results[test.id]
    if not test.twin or result.verdict is not Verdict.PASSED or results[test.twin].verdict is Verdict.PASSED:
        return result
    reason = say("refused, but the positive twin {twin} did not pass in this run", twin=test.twin)
    return msgspec.structs.replace(result, verdict=Verdict.INCONCLUSIVE, reason=reason)


def _reason(verdict: Verdict, bound: Bound, run: LoadRun) -> Text | None:
    """Why a test has no answer."""
    if verdict is Verdict.NOT_APPLICABLE:
        return _not_applicable(bound, run)
    if verdict is Verdict.ERROR:
        return _lagged(bound, run)
    if verdict is not Verdict.INCONCLUSIVE:
        return None
    if OF_FIGURE[bound.figure] == "correctness":
        return bounded.nothing_shown(EXERCISED_BY.get(bound.figure, ()))
    return _together([*run.interruptions, *_late(run)])


def _late(run: LoadRun) -> Iterable[Text]:
    late = [row for row in run.bounds if OF_FIGURE[row.figure] == "generator" and not holds(row, run.value(row))]
    return [_lagged(row, run) for row in late]


def _lagged(bound: Bound, run: LoadRun) -> Text:
    return say(
        "The generator lagged: p99 {lag:.1f} ms, bound {bound:g} ms. Give it more processor time, more generators or a "
        "lower rate.",
        lag=run.figures.generator_lag_p99_ms,
        bound=bound.limit,
    )


def _together(texts: list[Text]) -> Text:
    return Text(" ".join(text.en for text in texts), "".join(text.zh for text in texts))


def _findings(verdict: Verdict, bound: Bound, plan: Plan, run: LoadRun) -> tuple[Finding, ...]:
    if verdict is not Verdict.FAILED:
        return ()
    actual = bounded.told(FIGURE_NAMES[bound.figure], figure_text(bound.figure, run.value(bound)))
    fault = KINDS_OF_FAULT[bound.figure]
    return (bounded.missed(plan, bound.requirement, bound.figure, fault, _wanted(bound), actual),)


def _wanted(bound: Bound) -> Text:
    return bounded.wanted(FIGURE_NAMES[bound.figure], limit_text(bound))
