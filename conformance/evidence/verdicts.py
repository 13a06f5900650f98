"""From the verdicts of tests to those of requirements, and from these to the verdict on the product.

The engine draws the verdict of a run here, reports show it, and `verify` derives it again. No clause of the
standard says how single results make a verdict; the rules are the project's own: only *passed* counts;
only requirements of severity *fails* decide; a run that exercised nothing, was narrowed or ended early is
never conformant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from conformance.evidence.model import (
    Overall,
    Plan,
    PlannedRequirement,
    PlannedTest,
    Results,
    Severity,
    TestResult,
    Verdict,
)
from reference.languages import Text, say
from reference.standard.rows import Level

WORST_FIRST = (
    Verdict.FAILED,
    Verdict.ERROR,
    Verdict.BLOCKED,
    Verdict.SKIPPED,
    Verdict.INCONCLUSIVE,
    Verdict.WARNING,
    Verdict.PASSED,
    Verdict.NOT_APPLICABLE,
)

VERDICT_NAMES: dict[Verdict, Text] = {
    Verdict.PASSED: say("passed"),
    Verdict.FAILED: say("failed"),
    Verdict.WARNING: say("warning"),
    Verdict.INCONCLUSIVE: say("inconclusive"),
    Verdict.NOT_APPLICABLE: say("not applicable"),
    Verdict.SKIPPED: say("skipped"),
    Verdict.BLOCKED: say("blocked"),
    Verdict.ERROR: say("error"),
}


def completed(plan: Plan, results: Results) -> Results:
    """The results with exactly one entry for each planned test, in the plan's order.

    A planned test without a result counts as not applicable or blocked where the plan says so, else as
    skipped.
    """
    return msgspec.structs.replace(results, tests=tuple(_by_test(plan, results.tests).values()))


def counts(results: Results) -> dict[Verdict, int]:
    """How many tests have each verdict; all eight are there."""
    return tally(result.verdict for result in results.tests)


def tally(verdicts: Iterable[Verdict]) -> dict[Verdict, int]:
    """How often each of the eight verdicts occurs."""
    found = Counter(verdicts)
    return {verdict: found[verdict] for verdict in Verdict}


def requirement_verdicts(plan: Plan, results: Results) -> dict[str, Verdict]:
    """The verdict of every requirement that a test can judge, by id, in the plan's order.

    The worst verdict of its tests counts; it is not applicable when all of them are. Requirements that cannot
    be tested have no verdict and are left out.
    """
    return _judged(plan, results.tests)


def decides(requirement: PlannedRequirement) -> bool:
    """Whether the requirement can make the product not conformant: a testable *shall* of severity *fails*."""
    return (
        requirement.level is Level.SHALL and requirement.severity is Severity.FAILS and requirement.not_testable is None
    )


def overall(
    plan: Plan, tests: Iterable[TestResult], *, narrowed: bool = False, stopped: Text | None = None
) -> tuple[Overall, Text]:
    """The verdict on the product, and why, in one sentence.

    ``narrowed`` and ``stopped`` are those of `Results`: such a run may show a failure, never conformance.
    """
    tests = tuple(tests)
    verdicts = _judged(plan, tests)
    deciding = [verdicts[row.id] for row in plan.requirements if decides(row)]
    applicable = [verdict for verdict in deciding if verdict is not Verdict.NOT_APPLICABLE]
    failed = applicable.count(Verdict.FAILED)
    if failed:
        return Overall.NOT_CONFORMANT, say(
            "{failed} of {total} mandatory requirements failed.", failed=failed, total=len(applicable)
        )
    return _without_failure(applicable, tests, narrowed=narrowed, stopped=stopped)


def _without_failure(
    applicable: Sequence[Verdict], tests: tuple[TestResult, ...], *, narrowed: bool, stopped: Text | None
) -> tuple[Overall, Text]:
    """Conformant or incomplete, when no mandatory requirement failed."""
    passed = applicable.count(Verdict.PASSED)
    if not passed or not any(result.exchanges for result in tests):
        return Overall.INCOMPLETE, say("No mandatory requirement was exercised on the product.")
    if stopped is not None:
        return Overall.INCOMPLETE, say("The run ended early: {reason}", reason=stopped)
    if narrowed:
        return Overall.INCOMPLETE, say("The run was narrowed by hand: not every planned test was run.")
    if any(result.verdict is Verdict.FAILED for result in tests):
        return Overall.INCOMPLETE, say(
            "A test failed that judges no mandatory requirement: the results contradict the plan."
        )
    if passed < len(applicable):
        return Overall.INCOMPLETE, say(
            "{open} of {total} mandatory requirements did not pass: {verdicts}.",
            open=len(applicable) - passed,
            total=len(applicable),
            verdicts=_listed(applicable),
        )
    return Overall.CONFORMANT, say(
        "All {total} mandatory requirements that apply and can be tested passed.", total=passed
    )


def _judged(plan: Plan, tests: Iterable[TestResult]) -> dict[str, Verdict]:
    verdicts = {id: result.verdict for id, result in _by_test(plan, tests).items()}
    return {
        row.id: _requirement_verdict(row, [verdicts.get(id, Verdict.SKIPPED) for id in row.tests])
        for row in plan.requirements
        if row.not_testable is None
    }


def _requirement_verdict(requirement: PlannedRequirement, of_tests: Sequence[Verdict]) -> Verdict:
    """The worst verdict; a failed test is held against all its requirements, whichever its finding names."""
    if requirement.not_applicable is not None:
        return Verdict.NOT_APPLICABLE
    return min(of_tests, key=WORST_FIRST.index, default=Verdict.SKIPPED)


def _by_test(plan: Plan, tests: Iterable[TestResult]) -> dict[str, TestResult]:
    given = {result.test: result for result in tests}
    return {test.id: given.get(test.id) or _not_run(test) for test in plan.tests}


def _not_run(test: PlannedTest) -> TestResult:
    if test.not_applicable is not None:
        return TestResult(test=test.id, verdict=Verdict.NOT_APPLICABLE, reason=test.not_applicable)
    if test.blocked is not None:
        return TestResult(test=test.id, verdict=Verdict.BLOCKED, reason=test.blocked)
    return TestResult(test=test.id, verdict=Verdict.SKIPPED, reason=say("The run left no result of this test."))


def _listed(verdicts: Sequence[Verdict]) -> Text:
    """The verdicts other than passed with their numbers: ``2 blocked, 1 skipped``."""
    found = tally(verdicts)
    others = [verdict for verdict in WORST_FIRST if found[verdict] and verdict is not Verdict.PASSED]
    named = [(found[verdict], VERDICT_NAMES[verdict]) for verdict in others]
    return Text(
        ", ".join(f"{number} {name.en}" for number, name in named),
        "，".join(f"{name.zh} {number} 条" for number, name in named),
    )
