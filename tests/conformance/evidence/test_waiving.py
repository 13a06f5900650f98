"""What waivers cover, when they are an error of the run, and what that makes of the verdict."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.evidence.model import Finding, Overall, Plan, TestResult, Verdict, Waiver, WaiverState
from conformance.evidence.verdicts import Conclusion, conclude, requirement_verdicts
from conformance.evidence.waiving import names, settle_waivers
from reference.card import violations
from reference.languages import Text
from tests.conformance.evidence.test_verdicts import A_TEXT, plan, requirement, result, results

STARTED = "2026-01-02T03:04:05+00:00"
BEFORE, AFTER = "2026-01-01", "2026-01-03"


def waiver(**fields: Any) -> Waiver:
    """A valid waiver of the test ``one``, changed by ``fields``."""
    row = Waiver(
        id="W",
        kind="waiver",
        test="one",
        reason="Mask 2.",
        owner="Vendor",
        granted_by="Lab 1",
        link="https://example.org/1",
        expires=datetime.date(2026, 1, 2),
        expected="ReadWithoutRight",
    )
    return msgspec.structs.replace(row, **fields)


def failed(test: str, violation: str = "ReadWithoutRight", verdict: Verdict = Verdict.FAILED) -> TestResult:
    """A result with one finding."""
    finding = Finding(
        violation=violation,
        subject="EF05",
        requirement="r",
        summary=Text("EF05 was given out.", "EF05 被读出。"),
        expected=A_TEXT,
        actual=Text("9000 with data", "9000 及数据"),
        source="APP11",
        causes=(),
        remedy=A_TEXT,
        exchange=0,
    )
    return TestResult(test=test, verdict=verdict, findings=(finding,), exchanges=1)


def passed(test: str) -> TestResult:
    return result(test, Verdict.PASSED)


def with_waivers(a_plan: Plan, *waivers: Waiver) -> Plan:
    return msgspec.structs.replace(a_plan, waivers=waivers)


def concluded(*waivers: Waiver, tests: tuple[TestResult, ...], a_plan: Plan | None = None) -> Conclusion:
    """The conclusion of a plan with requirements r (test one) and s (test two)."""
    whole = a_plan or plan(requirement("r", "one"), requirement("s", "two"))
    return conclude(with_waivers(whole, *waivers), tests, started=STARTED)


def state(drawn: Conclusion) -> WaiverState:
    return drawn.waivers[0].state


WAIVED = (failed("one"), passed("two"))


def test_a_waived_failure_stays_failed_and_is_marked_and_the_verdict_is_one_of_its_own() -> None:
    drawn = concluded(waiver(), tests=WAIVED)
    assert drawn.overall is Overall.WITH_WAIVERS
    assert (drawn.tests[0].verdict, drawn.tests[0].waived) == (Verdict.FAILED, ("W",))
    assert drawn.tests[1].waived == ()
    assert drawn.because.en == "1 of 2 mandatory requirements failed and were waived (W, granted by Lab 1): r."
    assert drawn.because.zh.endswith("（W，由 Lab 1 批准）：r。")
    assert state(drawn) is WaiverState.SEEN
    a_plan = plan(requirement("r", "one"))
    assert requirement_verdicts(a_plan, results(*drawn.tests)) == {"r": Verdict.FAILED}


def test_without_its_waiver_the_same_run_is_not_conformant() -> None:
    assert concluded(tests=WAIVED).overall is Overall.NOT_CONFORMANT


def test_an_expected_failure_is_marked_and_still_fails_the_product() -> None:
    drawn = concluded(waiver(kind="expected-failure", granted_by=""), tests=WAIVED)
    assert drawn.overall is Overall.NOT_CONFORMANT
    assert (drawn.tests[0].waived, drawn.tests[0].acknowledged) == ((), ("W",))


def test_every_failure_must_be_covered() -> None:
    drawn = concluded(waiver(), tests=(failed("one"), failed("two")))
    assert drawn.overall is Overall.NOT_CONFORMANT
    assert drawn.because.en == "1 of 2 mandatory requirements failed."
    assert [row.waived for row in drawn.tests] == [("W",), ()]


@pytest.mark.parametrize(
    ("fields", "tests", "expected"),
    [
        ({"expires": datetime.date.fromisoformat(BEFORE)}, (passed("one"), passed("two")), WaiverState.EXPIRED),
        ({"test": "three"}, (passed("one"), passed("two")), WaiverState.UNMATCHED),
        ({}, (passed("one"), passed("two")), WaiverState.PASSED),
        ({"granted_by": ""}, (passed("one"), passed("two")), WaiverState.UNUSABLE),
        ({"requirement": "r"}, (passed("one"), passed("two")), WaiverState.UNUSABLE),
    ],
)
def test_a_waiver_in_error_leaves_a_faultless_run_incomplete(
    fields: dict[str, Any], tests: tuple[TestResult, ...], expected: WaiverState
) -> None:
    drawn = concluded(waiver(**fields), tests=tests)
    assert (drawn.overall, state(drawn)) == (Overall.INCOMPLETE, expected)
    assert drawn.because.en.startswith("Waivers in error: W: ")
    assert drawn.waivers[0].tests == ()
    assert drawn.waivers[0].reason is not None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"expires": datetime.date.fromisoformat(BEFORE)}, WaiverState.EXPIRED),
        ({"expected": "ReadRefused"}, WaiverState.OTHER_VIOLATION),
        ({"subject": "EF06"}, WaiverState.OTHER_VIOLATION),
        ({"message": "another"}, WaiverState.OTHER_VIOLATION),
        ({"test": "*"}, WaiverState.PASSED),
        ({"granted_by": " "}, WaiverState.UNUSABLE),
    ],
)
def test_a_waiver_in_error_covers_nothing_and_never_makes_a_failure_look_milder(
    fields: dict[str, Any], expected: WaiverState
) -> None:
    drawn = concluded(waiver(**fields), tests=WAIVED)
    assert (drawn.overall, state(drawn)) == (Overall.NOT_CONFORMANT, expected)
    assert drawn.because.en.startswith("1 of 2 mandatory requirements failed. Waivers in error: W: ")
    assert drawn.tests[0].waived == ()


@pytest.mark.parametrize("fields", [{"subject": "EF05"}, {"message": "given out"}, {"message": "被读出"}])
def test_subject_and_a_part_of_the_message_narrow_a_waiver(fields: dict[str, str]) -> None:
    assert concluded(waiver(**fields), tests=WAIVED).overall is Overall.WITH_WAIVERS


@pytest.mark.parametrize(("expires", "holds"), [(BEFORE, False), (STARTED[:10], True), (AFTER, True)])
def test_a_waiver_holds_up_to_and_on_its_last_day(expires: str, holds: bool) -> None:
    drawn = concluded(waiver(expires=datetime.date.fromisoformat(expires)), tests=WAIVED)
    assert (state(drawn) is WaiverState.SEEN) == holds


@pytest.mark.parametrize("verdict", [Verdict.SKIPPED, Verdict.BLOCKED, Verdict.ERROR, Verdict.INCONCLUSIVE])
def test_a_test_without_an_answer_is_no_error_of_the_waiver_and_the_run_is_incomplete(verdict: Verdict) -> None:
    drawn = concluded(waiver(), tests=(result("one", verdict), passed("two")))
    assert (drawn.overall, state(drawn)) == (Overall.INCOMPLETE, WaiverState.NOT_SEEN)
    assert "Waivers in error" not in drawn.because.en


def test_a_test_that_does_not_apply_is_matched_by_no_waiver() -> None:
    a_plan = plan(requirement("r", "one"), requirement("s", "two"))
    tests = (msgspec.structs.replace(a_plan.tests[0], not_applicable=A_TEXT), a_plan.tests[1])
    a_plan = msgspec.structs.replace(a_plan, tests=tests)
    drawn = concluded(waiver(), tests=(passed("two"),), a_plan=a_plan)
    assert state(drawn) is WaiverState.UNMATCHED


def test_a_waived_requirement_must_have_passed_all_its_other_tests() -> None:
    a_plan = plan(requirement("r", "one", "three"), requirement("s", "two"))
    tests = (failed("one"), passed("two"))
    assert concluded(waiver(), tests=(*tests, passed("three")), a_plan=a_plan).overall is Overall.WITH_WAIVERS
    blocked = concluded(waiver(), tests=(*tests, result("three", Verdict.BLOCKED)), a_plan=a_plan)
    assert blocked.overall is Overall.INCOMPLETE
    again = concluded(waiver(), tests=(*tests, failed("three")), a_plan=a_plan)
    assert again.overall is Overall.NOT_CONFORMANT


def test_a_requirement_waiver_speaks_for_its_requirement_alone() -> None:
    a_plan = plan(requirement("r", "one"), requirement("s", "one"), requirement("t", "two"))
    for_one = waiver(test="", requirement="r")
    drawn = concluded(for_one, tests=WAIVED, a_plan=a_plan)
    assert (drawn.overall, state(drawn)) == (Overall.NOT_CONFORMANT, WaiverState.SEEN)
    for_both = msgspec.structs.replace(for_one, id="V", requirement="s")
    assert concluded(for_one, for_both, tests=WAIVED, a_plan=a_plan).overall is Overall.WITH_WAIVERS


def test_of_a_waived_requirement_one_test_must_fail_and_none_may_find_anything_else() -> None:
    a_plan = plan(requirement("r", "one", "three"), requirement("s", "two"))
    for_r = waiver(test="", requirement="r")
    for third, expected in (
        (passed("three"), WaiverState.SEEN),
        (failed("three"), WaiverState.SEEN),
        (failed("three", "ReadRefused"), WaiverState.OTHER_VIOLATION),
    ):
        assert state(concluded(for_r, tests=(*WAIVED, third), a_plan=a_plan)) is expected
    none = (passed("one"), passed("two"), passed("three"))
    assert state(concluded(for_r, tests=none, a_plan=a_plan)) is WaiverState.PASSED


def test_a_narrowed_or_stopped_run_with_waivers_is_never_conformant() -> None:
    a_plan = with_waivers(plan(requirement("r", "one"), requirement("s", "two")), waiver())
    for fields in ({"narrowed": True}, {"stopped": A_TEXT}):
        assert conclude(a_plan, WAIVED, started=STARTED, **fields).overall is Overall.INCOMPLETE


def test_a_run_in_which_everything_is_waived_shows_nothing() -> None:
    drawn = concluded(waiver(test="*"), tests=(failed("one"), failed("two")))
    assert drawn.overall is Overall.INCOMPLETE
    assert "exercised" in drawn.because.en


def test_a_waived_warning_leaves_the_run_conformant() -> None:
    a_plan = plan(requirement("r", "one"), requirement("s", "two"))
    advice = msgspec.structs.replace(a_plan.requirements[0], severity="warns")
    a_plan = msgspec.structs.replace(a_plan, requirements=(advice, a_plan.requirements[1]))
    drawn = concluded(waiver(), tests=(failed("one", verdict=Verdict.WARNING), passed("two")), a_plan=a_plan)
    assert (drawn.overall, drawn.tests[0].waived) == (Overall.CONFORMANT, ("W",))


def test_marks_that_results_bear_already_are_forgotten() -> None:
    forged = msgspec.structs.replace(failed("one"), waived=("W",), acknowledged=("X",))
    drawn = concluded(tests=(forged, passed("two")))
    assert (drawn.tests[0].waived, drawn.tests[0].acknowledged) == ((), ())
    assert drawn.overall is Overall.NOT_CONFORMANT


def test_two_waivers_of_one_id_are_both_in_error() -> None:
    drawn = concluded(waiver(), waiver(test="two"), tests=WAIVED)
    assert [row.state for row in drawn.waivers] == [WaiverState.UNUSABLE, WaiverState.UNUSABLE]


@pytest.mark.parametrize(
    ("pattern", "id", "named"),
    [
        ("a[DDF1/EF06]", "a[DDF1/EF06]", True),
        ("a[DDF1/EF06]", "aD", False),
        ("a*", "a[DDF1/EF06]", True),
        ("*EF06]", "a[DDF1/EF06]", True),
        ("a?", "ab", False),
        ("a", "ab", False),
        ("a.b", "axb", False),
    ],
)
def test_only_the_star_is_special_in_a_pattern(pattern: str, id: str, named: bool) -> None:
    assert names(pattern, id) is named


@given(st.text())
def test_every_id_is_named_by_itself_and_by_a_star(id: str) -> None:
    assert names("*", id)
    assert names(id, id)


def test_no_summary_of_a_violation_quotes_what_redaction_withholds() -> None:
    """Otherwise the public part of evidence of real data could give another verdict than the whole."""
    for name in set(violations.__all__) - {"Violation"}:
        summary = getattr(violations, name).summary
        assert "{wanted}" not in summary
        assert "{found}" not in summary


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=5), st.data())
def test_no_waivers_ever_make_a_run_conformant_that_is_not_so_without_them(
    verdicts: list[Verdict], data: st.DataObject
) -> None:
    a_plan = plan(*(requirement(f"r{number}", f"t{number}") for number in range(len(verdicts))))
    tests = tuple(
        failed(f"t{number}", verdict=verdict) if verdict is Verdict.FAILED else result(f"t{number}", verdict)
        for number, verdict in enumerate(verdicts)
    )
    waived = data.draw(st.sets(st.integers(0, len(verdicts) - 1)))
    waivers = tuple(waiver(id=f"W{number}", test=f"t{number}") for number in sorted(waived))
    bare = conclude(a_plan, tests, started=STARTED).overall
    drawn = conclude(with_waivers(a_plan, *waivers), tests, started=STARTED)
    failing = {number for number, verdict in enumerate(verdicts) if verdict is Verdict.FAILED}
    assert drawn.overall is not Overall.CONFORMANT or bare is Overall.CONFORMANT
    if drawn.overall is Overall.WITH_WAIVERS:
        assert bare is Overall.NOT_CONFORMANT
        assert failing
        assert failing == waived
    if failing - waived:
        assert drawn.overall is Overall.NOT_CONFORMANT
    assert settle_waivers(with_waivers(a_plan, *waivers), drawn.tests, STARTED) == (drawn.tests, drawn.waivers)
