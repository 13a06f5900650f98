"""From the verdicts of tests to those of requirements, and from these to the verdict on the product.

The engine draws the verdict of a run here, reports show it, and `verify` derives it again. No clause of the
standard says how single results make a verdict; the rules are the project's own: only *passed* counts;
only requirements of severity *fails* decide; a run that exercised nothing, was narrowed or ended early is
never conformant. Waivers (`waiving`) change no verdict of a test or requirement, only that on the product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from conformance.evidence.model import (
    SCHEMA_VERSION,
    Overall,
    Plan,
    PlannedRequirement,
    PlannedTest,
    Results,
    Severity,
    TestResult,
    Verdict,
    WaiverOutcome,
)
from conformance.evidence.waiving import STATE_NAMES, excused, in_error, listed, settle_waivers
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

HARMLESS = (Verdict.PASSED, Verdict.NOT_APPLICABLE)
"""What must be left of a requirement beside its waived failures: all else was judged, and well."""

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


OVERALL_NAMES: dict[Overall, Text] = {
    Overall.CONFORMANT: say("conformant"),
    Overall.WITH_WAIVERS: say("conformant with waivers"),
    Overall.NOT_CONFORMANT: say("not conformant"),
    Overall.INCOMPLETE: say("incomplete"),
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


class Conclusion(msgspec.Struct, frozen=True, kw_only=True):
    """What a run's results come to: the results with the marks of waivers, and the verdict on the product."""

    tests: tuple[TestResult, ...]
    waivers: tuple[WaiverOutcome, ...]
    overall: Overall
    because: Text

    def results(self, *, narrowed: bool = False, stopped: Text | None = None) -> Results:
        """What a package keeps of it; ``narrowed`` and ``stopped`` are those of `Results`."""
        return Results(
            schema_version=SCHEMA_VERSION,
            overall=self.overall,
            because=self.because,
            tests=self.tests,
            narrowed=narrowed,
            stopped=stopped,
            waivers=self.waivers,
        )


def conclude(
    plan: Plan, tests: Iterable[TestResult], *, started: str, narrowed: bool = False, stopped: Text | None = None
) -> Conclusion:
    """Waivers settled and the overall verdict drawn; ``started`` is the manifest's and decides what has expired."""
    marked, waivers = settle_waivers(plan, tests, started)
    verdict, because = overall(plan, marked, waivers=waivers, narrowed=narrowed, stopped=stopped)
    return Conclusion(tests=marked, waivers=waivers, overall=verdict, because=because)


def overall(
    plan: Plan,
    tests: Iterable[TestResult],
    *,
    waivers: Sequence[WaiverOutcome] = (),
    narrowed: bool = False,
    stopped: Text | None = None,
) -> tuple[Overall, Text]:
    """The verdict on the product, and why, in one sentence.

    ``narrowed`` and ``stopped`` are those of `Results`: such a run may show a failure, never conformance. ``waivers``
    is what `settle_waivers` found: without it nothing is excused.
    """
    tests = tuple(tests)
    covered = excused(plan, waivers)
    recorded, beside = _judged(plan, tests), _judged(plan, tests, covered)
    deciding = [row.id for row in plan.requirements if decides(row) and recorded[row.id] is not Verdict.NOT_APPLICABLE]
    failed = sum(beside[id] is Verdict.FAILED for id in deciding)
    if failed:
        because = say("{failed} of {total} mandatory requirements failed.", failed=failed, total=len(deciding))
        return Overall.NOT_CONFORMANT, _joined(because, _errors(waivers))
    waived = [id for id in deciding if recorded[id] is Verdict.FAILED and beside[id] in HARMLESS]
    verdicts = [recorded[id] for id in deciding]
    still_open = any(beside[id] is not Verdict.PASSED for id in deciding if id not in waived)
    cause = (
        _cut_short(verdicts, tests, narrowed=narrowed, stopped=stopped)
        or _contradiction(tests, covered)
        or (_did_not_pass(verdicts) if still_open else None)
    )
    errors = _errors(waivers)
    if cause is not None or errors is not None:
        return Overall.INCOMPLETE, _joined(cause, errors)
    if waived:
        return Overall.WITH_WAIVERS, _waived(plan, waivers, waived, len(deciding))
    return Overall.CONFORMANT, say(
        "All {total} mandatory requirements that apply and can be tested passed.", total=len(deciding)
    )


def _cut_short(
    verdicts: Sequence[Verdict], tests: tuple[TestResult, ...], *, narrowed: bool, stopped: Text | None
) -> Text | None:
    """Why the run as a whole cannot show conformance, if it cannot."""
    if Verdict.PASSED not in verdicts or not any(result.exchanges for result in tests):
        return say("No mandatory requirement was exercised on the product.")
    if stopped is not None:
        return say("The run ended early: {reason}", reason=stopped)
    if narrowed:
        return say("The run was narrowed by hand: not every planned test was run.")
    return None


def _contradiction(tests: tuple[TestResult, ...], covered: frozenset[tuple[str, str]]) -> Text | None:
    """A failed test that neither fails a mandatory requirement nor is waived, if there is one."""
    waived = {id for id, _ in covered}
    if all(result.test in waived for result in tests if result.verdict is Verdict.FAILED):
        return None
    return say("A test failed that judges no mandatory requirement: the results contradict the plan.")


def _did_not_pass(verdicts: Sequence[Verdict]) -> Text:
    return say(
        "{open} of {total} mandatory requirements did not pass: {verdicts}.",
        open=len(verdicts) - verdicts.count(Verdict.PASSED),
        total=len(verdicts),
        verdicts=_listed(verdicts),
    )


def _waived(plan: Plan, outcomes: Sequence[WaiverOutcome], waived: Sequence[str], total: int) -> Text:
    """Which rules the product breaks with whose permission."""
    seen = {outcome.waiver for outcome in outcomes if outcome.tests}
    used = [waiver for waiver in plan.waivers if waiver.kind == "waiver" and waiver.id in seen]
    grants = [say("{id}, granted by {granted_by}", id=waiver.id, granted_by=waiver.granted_by) for waiver in used]
    return say(
        "{failed} of {total} mandatory requirements failed and were waived ({grants}): {rules}.",
        failed=len(waived),
        total=total,
        grants=listed(grants),
        rules=", ".join(waived),
    )


def _errors(waivers: Sequence[WaiverOutcome]) -> Text | None:
    """The waivers that are errors of the run, in one sentence; None where none is."""
    errors = [say("{id}: {state}", id=row.waiver, state=STATE_NAMES[row.state]) for row in in_error(waivers)]
    return say("Waivers in error: {errors}.", errors=listed(errors)) if errors else None


def _joined(*sentences: Text | None) -> Text:
    said = [sentence for sentence in sentences if sentence is not None]
    return Text(" ".join(sentence.en for sentence in said), "".join(sentence.zh for sentence in said))


def _judged(
    plan: Plan, tests: Iterable[TestResult], covered: frozenset[tuple[str, str]] = frozenset()
) -> dict[str, Verdict]:
    """The verdict of every testable requirement; ``covered`` pairs of test and requirement do not count."""
    verdicts = {id: result.verdict for id, result in _by_test(plan, tests).items()}
    return {
        row.id: _requirement_verdict(
            row,
            [
                Verdict.NOT_APPLICABLE if (id, row.id) in covered else verdicts.get(id, Verdict.SKIPPED)
                for id in row.tests
            ],
        )
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
