"""What counts as a change from one package to another, and which changes are a step back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.comparing import Direction, compare, direction
from conformance.evidence.model import Overall, Severity, Verdict
from conformance.evidence.package import Package
from reference.standard.rows import Basis, Level
from tests.reports.packages import (
    CLOSED,
    LENGTH,
    MANIFEST,
    OPENS,
    ORDER,
    PASSING,
    PLAN,
    PRODUCT,
    WORD,
    finding,
    package,
    result,
    text,
)

VERDICTS = st.sampled_from(list(Verdict))


def with_verdict(test: str, verdict: Verdict, **fields: Any) -> Package:
    """The package in which all passed, with another result of one test."""
    findings = (finding("card.x"),) if verdict in (Verdict.FAILED, Verdict.WARNING) else ()
    others = tuple(row for row in PASSING if row.test != test)
    return package((*others, result(test, verdict, *findings, **fields)))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Verdict.PASSED, Verdict.FAILED, Direction.WORSE),
        (Verdict.PASSED, Verdict.WARNING, Direction.WORSE),
        (Verdict.PASSED, Verdict.SKIPPED, Direction.WORSE),
        (Verdict.PASSED, Verdict.NOT_APPLICABLE, Direction.WORSE),
        (Verdict.FAILED, Verdict.PASSED, Direction.BETTER),
        (Verdict.FAILED, Verdict.WARNING, Direction.BETTER),
        (Verdict.FAILED, Verdict.SKIPPED, Direction.WORSE),
        (Verdict.FAILED, Verdict.NOT_APPLICABLE, Direction.WORSE),
        (Verdict.WARNING, Verdict.ERROR, Direction.WORSE),
        (Verdict.BLOCKED, Verdict.PASSED, Direction.BETTER),
        (Verdict.BLOCKED, Verdict.WARNING, Direction.BETTER),
        (Verdict.BLOCKED, Verdict.FAILED, Direction.WORSE),
        (Verdict.NOT_APPLICABLE, Verdict.SKIPPED, Direction.WORSE),
        (Verdict.INCONCLUSIVE, Verdict.ERROR, Direction.WORSE),
        (Verdict.ERROR, Verdict.INCONCLUSIVE, Direction.BETTER),
        (Verdict.FAILED, Verdict.FAILED, Direction.OTHERWISE),
    ],
)
def test_what_it_means_that_a_verdict_became_another(before: Verdict, after: Verdict, expected: Direction) -> None:
    assert direction(before, after) is expected


@given(VERDICTS, VERDICTS)
def test_a_change_there_and_back_is_never_better_both_ways(before: Verdict, after: Verdict) -> None:
    both = {direction(before, after), direction(after, before)}
    assert (both == {Direction.OTHERWISE}) == (before is after)
    assert both != {Direction.BETTER}
    if Verdict.PASSED in (before, after) and before is not after:
        assert both == {Direction.WORSE, Direction.BETTER}


def test_a_test_that_got_worse_is_a_step_back_and_one_that_got_better_is_none() -> None:
    good, bad = package(PASSING), with_verdict(CLOSED, Verdict.FAILED)
    fell = compare(good, bad)
    assert fell.regression
    assert [(row.test, row.before, row.after) for row in fell.tests] == [(CLOSED, Verdict.PASSED, Verdict.FAILED)]
    assert fell.tests[0].findings_after == ("ReadWithoutRight (DDF1/DF02/EF05)",)
    assert (fell.before.overall, fell.after.overall) == (Overall.CONFORMANT, Overall.NOT_CONFORMANT)
    rose = compare(bad, good)
    assert not rose.regression
    assert rose.tests[0].direction is Direction.BETTER


def test_an_overall_verdict_that_a_package_merely_claims_is_not_believed() -> None:
    liar = msgspec.structs.replace(
        with_verdict(CLOSED, Verdict.FAILED),
        results=msgspec.structs.replace(with_verdict(CLOSED, Verdict.FAILED).results, overall=Overall.CONFORMANT),
    )
    assert compare(package(PASSING), liar).after.overall is Overall.NOT_CONFORMANT


def test_a_failure_on_other_grounds_is_shown_and_is_no_step_back() -> None:
    one = package((result(CLOSED, Verdict.FAILED, finding("card.x")),))
    other = package((result(CLOSED, Verdict.FAILED, finding("card.x", violation="StatusKept")),))
    changed = compare(one, other)
    assert [row.direction for row in changed.tests] == [Direction.OTHERWISE]
    assert not changed.regression
    assert compare(one, one).tests == ()


def test_a_test_that_disappeared_is_a_step_back_and_one_that_appeared_is_none() -> None:
    fewer = msgspec.structs.replace(PLAN, tests=tuple(test for test in PLAN.tests if test.id != ORDER))
    whole, less = package(PASSING), package(PASSING, plan=fewer)
    gone = compare(whole, less)
    assert [(row.test, row.verdict) for row in gone.disappeared] == [(ORDER, Verdict.PASSED)]
    assert gone.regression
    came = compare(less, whole)
    assert [row.test for row in came.appeared] == [ORDER]
    assert came.disappeared == ()


def test_a_planned_test_without_a_result_counts_as_skipped() -> None:
    changed = compare(package(PASSING), package(tuple(row for row in PASSING if row.test != LENGTH)))
    assert [(row.test, row.after) for row in changed.tests] == [(LENGTH, Verdict.SKIPPED)]


def test_a_run_narrowed_by_hand_is_a_step_back_from_a_conformant_one() -> None:
    changed = compare(package(PASSING), package(PASSING, narrowed=True))
    assert (changed.tests, changed.regression) == ((), True)
    assert [row.key for row in changed.circumstances] == ["narrowed"]


def test_requirements_that_changed_are_told_field_by_field() -> None:
    first, *others = PLAN.requirements
    weaker = msgspec.structs.replace(
        first, level=Level.SHOULD, severity=Severity.WARNS, basis=Basis.SIBLING, text=text("Less.")
    )
    changed = compare(
        package(PASSING),
        package(PASSING, plan=msgspec.structs.replace(PLAN, requirements=(weaker, *others))),
    )
    found = {row.field: (row.before, row.after) for row in changed.requirements}
    assert set(found) == {"level", "severity", "basis", "text"}
    assert [side.en for side in found["severity"] if side] == ["fails", "warns"]
    assert {row.requirement for row in changed.requirements} == {first.id}


def test_a_requirement_that_is_gone_is_told_with_its_text() -> None:
    less = msgspec.structs.replace(PLAN, requirements=PLAN.requirements[1:])
    (change,) = compare(package(PASSING), package(PASSING, plan=less)).requirements
    assert (change.requirement, change.field, change.after) == (PLAN.requirements[0].id, "", None)
    assert change.before == PLAN.requirements[0].text


def test_rules_and_circumstances_that_differ_are_named() -> None:
    plan = msgspec.structs.replace(PLAN, switches={"cipher": "sm1"})
    product = msgspec.structs.replace(PRODUCT, version="1.5", capabilities={"purse": True})
    manifest = msgspec.structs.replace(MANIFEST, suite_digest="00" * 32, product=product)
    changed = compare(package(PASSING), package(PASSING, plan=plan, manifest=manifest))
    assert {row.key for row in changed.rules} == {"switch.cipher", "switch.switch-of-a-later-version", "suite_digest"}
    assert {row.key for row in changed.circumstances} == {
        "version",
        "capability.purse",
        "capability.extended-length",
    }
    assert next(row for row in changed.rules if row.key == "switch.switch-of-a-later-version").after is None
    assert all(row.name.zh != row.name.en for row in (*changed.rules, *changed.circumstances))
    assert not changed.regression


@given(st.dictionaries(st.sampled_from([CLOSED, OPENS, LENGTH, WORD, ORDER]), VERDICTS))
def test_a_package_compared_with_itself_has_not_changed(verdicts: dict[str, Verdict]) -> None:
    one = package(tuple(result(test, verdict) for test, verdict in verdicts.items()))
    same = compare(one, one)
    assert not same.regression
    assert (same.tests, same.appeared, same.disappeared, same.requirements) == ((), (), (), ())
    assert (same.rules, same.circumstances, same.waivers) == ((), (), ())
