"""Waivers and expected failures: which failures they cover, and when a waiver is itself an error of the run.

No clause of the standard knows of waivers; the rules are the project's own (architecture of the harness, verdicts).
Nothing here turns a failure into a pass: a covered failure stays *failed* and is marked. A waiver that is expired,
unmatched, met by another violation or by a pass is an error of the run, and such a waiver covers nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from conformance.evidence.model import (
    Finding,
    Plan,
    PlannedTest,
    TestResult,
    Verdict,
    Waiver,
    WaiverOutcome,
    WaiverState,
)
from reference.languages import Text, say

FOUND = frozenset({Verdict.FAILED, Verdict.WARNING})
"""Verdicts of tests that found a violation."""
IN_ORDER = frozenset({WaiverState.SEEN, WaiverState.NOT_SEEN})
"""States that are no error of the run."""
MOST_NAMED = 3
DAY = len("2026-01-02")

STATE_NAMES: dict[WaiverState, Text] = {
    WaiverState.SEEN: say("seen as expected"),
    WaiverState.NOT_SEEN: say("not seen in this run"),
    WaiverState.UNUSABLE: say("cannot be used"),
    WaiverState.EXPIRED: say("expired"),
    WaiverState.UNMATCHED: say("matches no test"),
    WaiverState.OTHER_VIOLATION: say("another violation"),
    WaiverState.PASSED: say("unexpected pass"),
}

KIND_NAMES: dict[str, Text] = {"waiver": say("waiver"), "expected-failure": say("expected failure")}


def mistake_in(waiver: Waiver) -> Text | None:
    """Why nobody can go by this waiver, whatever the run brings; None where it is whole."""
    for name in ("id", "reason", "owner", "link", "expected"):
        if not getattr(waiver, name).strip():
            return say("{field} is empty: fill it in", field=name)
    if bool(waiver.test) == bool(waiver.requirement):
        return say("name what is meant with test or with requirement, one of both")
    if waiver.kind == "waiver" and not waiver.granted_by.strip():
        return say(
            "a waiver needs granted_by, the laboratory or regulator that granted it; "
            "what a vendor acknowledges himself is kind = expected-failure"
        )
    if waiver.kind == "expected-failure" and waiver.granted_by:
        return say("an expected failure is granted by nobody: leave out granted_by, or say kind = waiver")
    return None


def names(pattern: str, id: str) -> bool:
    """Whether the pattern names the id; only ``*`` is special, since brackets are part of test ids."""
    return fnmatchcase(id, pattern.replace("[", "[[]").replace("?", "[?]"))


def tests_of(waiver: Waiver, plan: Plan) -> tuple[PlannedTest, ...]:
    """The planned tests that the waiver is about; those that do not apply cannot fail and are left out."""
    return tuple(test for test in plan.tests if test.not_applicable is None and requirements_of(waiver, test))


def requirements_of(waiver: Waiver, test: PlannedTest) -> tuple[str, ...]:
    """The requirements of the test for which the waiver speaks: all of a named test's, else those that it names."""
    if waiver.test:
        return test.requirements if names(waiver.test, test.id) else ()
    return tuple(id for id in test.requirements if names(waiver.requirement, id))


def expects(waiver: Waiver, finding: Finding) -> bool:
    """Whether the finding is the one that the waiver speaks of.

    Trap: of a finding's texts only the summary may be looked at, since redaction withholds the others where they quote
    a real person's data, and the public evidence must give the same verdict.
    """
    return (
        finding.violation == waiver.expected
        and waiver.subject in ("", finding.subject)
        and (waiver.message in finding.summary.en or waiver.message in finding.summary.zh)
    )


def settle_waivers(
    plan: Plan, tests: Iterable[TestResult], started: str
) -> tuple[tuple[TestResult, ...], tuple[WaiverOutcome, ...]]:
    """The results, marked with what covers them, and what became of each waiver of the plan.

    ``started`` is the run's start as it stands in the manifest; its date, as written there, decides what is expired.
    Marks that the results bear already are forgotten.
    """
    by_test = {result.test: result for result in tests}
    outcomes = tuple(_outcome(waiver, plan, by_test, started[:DAY]) for waiver in plan.waivers)
    waived, acknowledged = (_marks(plan, outcomes, kind) for kind in ("waiver", "expected-failure"))
    marked = tuple(
        msgspec.structs.replace(result, waived=waived.get(id, ()), acknowledged=acknowledged.get(id, ()))
        for id, result in by_test.items()
    )
    return marked, outcomes


def excused(plan: Plan, outcomes: Sequence[WaiverOutcome]) -> frozenset[tuple[str, str]]:
    """Test and requirement of every failure that a valid waiver covers; expected failures excuse nothing."""
    planned = {test.id: test for test in plan.tests}
    return frozenset(
        (id, requirement)
        for waiver, outcome in _with_outcome(plan, outcomes)
        if waiver.kind == "waiver"
        for id in outcome.tests
        if id in planned
        for requirement in requirements_of(waiver, planned[id])
    )


def in_error(outcomes: Iterable[WaiverOutcome]) -> tuple[WaiverOutcome, ...]:
    """The waivers that are themselves an error of the run."""
    return tuple(outcome for outcome in outcomes if outcome.state not in IN_ORDER)


def listed(texts: Sequence[Text]) -> Text:
    """Texts behind one another."""
    return Text("; ".join(text.en for text in texts), "；".join(text.zh for text in texts))


def _with_outcome(plan: Plan, outcomes: Sequence[WaiverOutcome]) -> list[tuple[Waiver, WaiverOutcome]]:
    by_id = {outcome.waiver: outcome for outcome in outcomes}
    return [(waiver, by_id[waiver.id]) for waiver in plan.waivers if waiver.id in by_id]


def _marks(plan: Plan, outcomes: Sequence[WaiverOutcome], kind: str) -> dict[str, tuple[str, ...]]:
    marks: dict[str, tuple[str, ...]] = {}
    for waiver, outcome in _with_outcome(plan, outcomes):
        if waiver.kind == kind:
            for id in outcome.tests:
                marks[id] = (*marks.get(id, ()), waiver.id)
    return marks


def _outcome(waiver: Waiver, plan: Plan, results: Mapping[str, TestResult], day: str) -> WaiverOutcome:
    def error(state: WaiverState, reason: Text) -> WaiverOutcome:
        return WaiverOutcome(waiver=waiver.id, state=state, reason=reason)

    mistake = mistake_in(waiver)
    if sum(other.id == waiver.id for other in plan.waivers) > 1:
        mistake = say("another waiver has the same id")
    if mistake is not None:
        return error(WaiverState.UNUSABLE, mistake)
    if waiver.expires.isoformat() < day:
        return error(
            WaiverState.EXPIRED,
            say("expired on {expires}, the run began on {day}: renew it or remove it", expires=waiver.expires, day=day),
        )
    tests = tests_of(waiver, plan)
    if not tests:
        return error(
            WaiverState.UNMATCHED,
            say("{pattern} names no test of the plan that applies", pattern=waiver.test or waiver.requirement),
        )
    found = [results[test.id] for test in tests if test.id in results and results[test.id].verdict in FOUND]
    other = [result for result in found if not _as_expected(waiver, result)]
    if other:
        return error(
            WaiverState.OTHER_VIOLATION,
            say(
                "expected {expected}, but found: {found}",
                expected=waiver.expected,
                found=_some(f"{result.test}: {_findings(result)}" for result in other),
            ),
        )
    units = _units(waiver, tests)
    passed = [name for name, ids in units.items() if all(_verdict(results, id) is Verdict.PASSED for id in ids)]
    if passed:
        return error(WaiverState.PASSED, say("passed, although a failure was expected: {which}", which=_some(passed)))
    seen = tuple(result.test for result in found)
    unseen = [name for name, ids in units.items() if not set(ids) & set(seen)]
    return WaiverOutcome(
        waiver=waiver.id,
        state=WaiverState.SEEN if seen else WaiverState.NOT_SEEN,
        tests=seen,
        reason=say("without an answer in this run: {which}", which=_some(unseen)) if unseen else None,
    )


def _units(waiver: Waiver, tests: Sequence[PlannedTest]) -> dict[str, tuple[str, ...]]:
    """What must fail: every test that is named, or for every requirement that is named one of its tests."""
    if waiver.test:
        return {test.id: (test.id,) for test in tests}
    units: dict[str, tuple[str, ...]] = {}
    for test in tests:
        for requirement in requirements_of(waiver, test):
            units[requirement] = (*units.get(requirement, ()), test.id)
    return units


def _as_expected(waiver: Waiver, result: TestResult) -> bool:
    return bool(result.findings) and all(expects(waiver, finding) for finding in result.findings)


def _verdict(results: Mapping[str, TestResult], id: str) -> Verdict:
    return results[id].verdict if id in results else Verdict.SKIPPED


def _findings(result: TestResult) -> str:
    return ", ".join(f"{finding.violation} ({finding.subject})" for finding in result.findings) or "–"


def _some(entries: Iterable[str]) -> str:
    """The first entries, and how many there are beyond them."""
    all_of_them = list(entries)
    beyond = len(all_of_them) - MOST_NAMED
    return "; ".join(all_of_them[:MOST_NAMED]) + (f" … +{beyond}" if beyond > 0 else "")
