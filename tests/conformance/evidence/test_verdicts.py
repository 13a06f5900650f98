"""The rules by which verdicts of tests make those of requirements and of the product."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from conformance.evidence.verdicts import completed, counts, overall, requirement_verdicts
from reference.languages import Text
from reference.standard.rows import Basis, Level

A_TEXT = Text("text", "文字")


def requirement(
    id: str,
    *tests: str,
    level: Level = Level.SHALL,
    severity: Severity = Severity.FAILS,
    not_testable: Text | None = None,
    not_applicable: Text | None = None,
) -> PlannedRequirement:
    return PlannedRequirement(
        id=id,
        level=level,
        basis=Basis.NORMATIVE if severity is Severity.FAILS else Basis.SIBLING,
        document="APP11",
        clause="6.3",
        text=A_TEXT,
        why=A_TEXT,
        severity=severity,
        tests=tests,
        not_testable=not_testable,
        not_applicable=not_applicable,
    )


def plan(*requirements: PlannedRequirement, blocked: dict[str, Text] | None = None) -> Plan:
    ids = dict.fromkeys(test for row in requirements for test in row.tests)
    return Plan(
        schema_version=1,
        profile="national-2012",
        profile_title=A_TEXT,
        standard=A_TEXT,
        switches={},
        requirements=requirements,
        tests=tuple(
            PlannedTest(
                id=id,
                nodeid=id,
                title=A_TEXT,
                requirements=tuple(row.id for row in requirements if id in row.tests),
                side="positive",
                severity=Severity.FAILS,
                blocked=(blocked or {}).get(id),
            )
            for id in ids
        ),
        limits=(),
    )


def result(test: str, verdict: Verdict, *, exchanges: int = 1) -> TestResult:
    return TestResult(test=test, verdict=verdict, exchanges=exchanges)


def results(*tests: TestResult) -> Results:
    return Results(schema_version=1, overall=Overall.INCOMPLETE, because=A_TEXT, tests=tests)


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (Verdict.FAILED, Verdict.ERROR),
        (Verdict.ERROR, Verdict.BLOCKED),
        (Verdict.BLOCKED, Verdict.SKIPPED),
        (Verdict.SKIPPED, Verdict.INCONCLUSIVE),
        (Verdict.INCONCLUSIVE, Verdict.WARNING),
        (Verdict.WARNING, Verdict.PASSED),
        (Verdict.PASSED, Verdict.NOT_APPLICABLE),
    ],
)
def test_the_worst_verdict_of_its_tests_is_that_of_the_requirement(worse: Verdict, better: Verdict) -> None:
    verdicts = requirement_verdicts(
        plan(requirement("r", "one", "two")), results(result("one", better), result("two", worse))
    )
    assert verdicts == {"r": worse}


def test_a_requirement_is_not_applicable_when_all_its_tests_are() -> None:
    given_results = results(result("one", Verdict.NOT_APPLICABLE), result("two", Verdict.NOT_APPLICABLE))
    assert requirement_verdicts(plan(requirement("r", "one", "two")), given_results) == {"r": Verdict.NOT_APPLICABLE}


def test_a_requirement_that_cannot_be_tested_has_no_verdict() -> None:
    assert requirement_verdicts(plan(requirement("r", not_testable=A_TEXT)), results()) == {}


def test_a_requirement_without_result_is_skipped_and_one_without_budget_blocked() -> None:
    a_plan = plan(requirement("r", "one"), requirement("s", "two"), blocked={"two": A_TEXT})
    assert requirement_verdicts(a_plan, results()) == {"r": Verdict.SKIPPED, "s": Verdict.BLOCKED}


def test_a_failed_test_is_held_against_every_requirement_that_it_judges() -> None:
    a_plan = plan(requirement("r", "t"), requirement("s", "t"))
    verdicts = requirement_verdicts(a_plan, results(result("t", Verdict.FAILED)))
    assert verdicts == {"r": Verdict.FAILED, "s": Verdict.FAILED}


def test_a_test_that_the_plan_lacks_counts_as_skipped() -> None:
    whole = plan(requirement("r", "one", "two"))
    a_plan = msgspec.structs.replace(whole, tests=whole.tests[:1])
    given_results = results(result("one", Verdict.PASSED), result("two", Verdict.PASSED))
    assert requirement_verdicts(a_plan, given_results) == {"r": Verdict.SKIPPED}


def test_counts_name_all_eight_verdicts() -> None:
    counted = counts(results(result("one", Verdict.PASSED), result("two", Verdict.PASSED)))
    assert set(counted) == set(Verdict)
    assert counted[Verdict.PASSED] == sum(counted.values()) == 2


def test_completed_results_have_one_entry_for_each_planned_test_and_none_else() -> None:
    a_plan = plan(requirement("r", "one", "two"))
    whole = completed(a_plan, results(result("stranger", Verdict.PASSED), result("two", Verdict.PASSED)))
    assert [(entry.test, entry.verdict) for entry in whole.tests] == [
        ("one", Verdict.SKIPPED),
        ("two", Verdict.PASSED),
    ]


def test_conformant_when_every_mandatory_requirement_passed() -> None:
    a_plan = plan(
        requirement("r", "t"),
        requirement("advice", "u", level=Level.SHOULD, severity=Severity.WARNS),
        requirement("closed book", not_testable=A_TEXT),
        requirement("other product", "v"),
    )
    tests = (
        result("t", Verdict.PASSED),
        result("u", Verdict.WARNING),
        result("v", Verdict.NOT_APPLICABLE, exchanges=0),
    )
    verdict, because = overall(a_plan, tests)
    assert verdict is Overall.CONFORMANT
    assert because.en.startswith("All 1 mandatory")
    assert because.zh.startswith("适用且可测试的 1 条")


@pytest.mark.parametrize(
    "verdict", [Verdict.ERROR, Verdict.BLOCKED, Verdict.SKIPPED, Verdict.INCONCLUSIVE, Verdict.WARNING]
)
def test_one_mandatory_requirement_that_did_not_pass_leaves_the_run_incomplete(verdict: Verdict) -> None:
    a_plan = plan(requirement("r", "t"), requirement("s", "u"))
    drawn, because = overall(a_plan, (result("t", Verdict.PASSED), result("u", verdict)))
    assert drawn is Overall.INCOMPLETE
    assert because.en == f"1 of 2 mandatory requirements did not pass: 1 {verdict}."


def test_a_failure_makes_the_product_not_conformant_even_in_a_narrowed_and_stopped_run() -> None:
    a_plan = plan(requirement("r", "t"), requirement("s", "u"))
    verdict, because = overall(a_plan, (result("t", Verdict.FAILED),), narrowed=True, stopped=A_TEXT)
    assert verdict is Overall.NOT_CONFORMANT
    assert because.en == "1 of 2 mandatory requirements failed."


@pytest.mark.parametrize(("narrowed", "stopped"), [(True, None), (False, A_TEXT)])
def test_a_narrowed_or_stopped_run_is_never_conformant(narrowed: bool, stopped: Text | None) -> None:
    verdict, _ = overall(
        plan(requirement("r", "t")), (result("t", Verdict.PASSED),), narrowed=narrowed, stopped=stopped
    )
    assert verdict is Overall.INCOMPLETE


def test_an_empty_plan_is_incomplete() -> None:
    assert overall(plan(), ())[0] is Overall.INCOMPLETE


def test_passing_without_a_single_exchange_is_incomplete() -> None:
    verdict, because = overall(plan(requirement("r", "t")), (result("t", Verdict.PASSED, exchanges=0),))
    assert verdict is Overall.INCOMPLETE
    assert "exercised" in because.en


def test_a_failed_test_that_judges_nothing_mandatory_is_a_contradiction() -> None:
    a_plan = plan(requirement("r", "t"), requirement("s", "u", severity=Severity.WARNS))
    verdict, because = overall(a_plan, (result("t", Verdict.PASSED), result("u", Verdict.FAILED)))
    assert verdict is Overall.INCOMPLETE
    assert "contradict" in because.en


@given(st.lists(st.sampled_from(list(Verdict)), max_size=6))
def test_conformant_means_that_something_passed_and_the_rest_does_not_apply(verdicts: list[Verdict]) -> None:
    a_plan = plan(*(requirement(f"r{number}", f"t{number}") for number in range(len(verdicts))))
    drawn, _ = overall(a_plan, [result(f"t{number}", verdict) for number, verdict in enumerate(verdicts)])
    only_passed = set(verdicts) - {Verdict.NOT_APPLICABLE} == {Verdict.PASSED}
    assert (drawn is Overall.CONFORMANT) == only_passed
    assert (drawn is Overall.NOT_CONFORMANT) == (Verdict.FAILED in verdicts)
