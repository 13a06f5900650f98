"""Why a run's verdict is what it is, and what became of each waiver, word for word in both languages."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
import pytest

from conformance.evidence.model import (
    Overall,
    Plan,
    Severity,
    TestResult,
    Verdict,
    Waiver,
    WaiverOutcome,
    WaiverState,
)
from conformance.evidence.verdicts import completed, conclude, counts, decides, overall, requirement_verdicts, tally
from conformance.evidence.waiving import (
    excused,
    expects,
    in_error,
    listed,
    mistake_in,
    requirements_of,
    settle_waivers,
    tests_of,
)
from reference.languages import Text, say
from reference.standard.rows import Level
from tests.conformance.evidence.test_verdicts import A_TEXT, plan, requirement, result, results
from tests.conformance.evidence.test_waiving import STARTED, failed, passed, waiver, with_waivers

tests_of.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever pytest makes of the name


def outcome(*waivers: Waiver, tests: tuple[TestResult, ...], a_plan: Plan) -> WaiverOutcome:
    """What became of the first waiver."""
    return settle_waivers(with_waivers(a_plan, *waivers), tests, STARTED)[1][0]


def reason(found: WaiverOutcome) -> str | None:
    return None if found.reason is None else found.reason.en


TWO = plan(requirement("r", "one"), requirement("s", "two"))
FIVE = plan(*(requirement(f"r{name}", name) for name in ("a1", "a2", "a3", "a4", "a5")))


# -- the verdict on the product ----------------------------------------------------------------------------------


def because(a_plan: Plan, *tests: TestResult, **fields: Any) -> tuple[Overall, str, str]:
    verdict, text = overall(a_plan, tests, **fields)
    return verdict, text.en, text.zh


def test_each_cause_is_told_in_its_words() -> None:
    both = (passed("one"), passed("two"))
    assert because(TWO, *both)[1] == "All 2 mandatory requirements that apply and can be tested passed."
    assert because(TWO, failed("one"), failed("two"))[1] == "2 of 2 mandatory requirements failed."
    assert because(TWO, *both, stopped=A_TEXT)[1:] == (
        "The run ended early: text",
        say("The run ended early: {reason}", reason=A_TEXT).zh,
    )
    assert because(TWO, *both, narrowed=True, stopped=A_TEXT)[1] == "The run ended early: text"
    assert because(TWO, *both, narrowed=True)[1] == "The run was narrowed by hand: not every planned test was run."
    assert because(TWO, narrowed=True)[1] == "No mandatory requirement was exercised on the product."
    assert because(TWO)[0] is Overall.INCOMPLETE


def test_what_did_not_pass_is_counted_from_the_worst_verdict_on() -> None:
    verdicts = (Verdict.SKIPPED, Verdict.BLOCKED, Verdict.PASSED, Verdict.BLOCKED, Verdict.WARNING)
    tests = [result(test.id, verdict) for test, verdict in zip(FIVE.tests, verdicts, strict=True)]
    verdict, english, chinese = because(FIVE, *tests)
    assert verdict is Overall.INCOMPLETE
    assert english == "4 of 5 mandatory requirements did not pass: 2 blocked, 1 skipped, 1 warning."
    assert chinese == "5 条强制性要求中有 4 条未获通过：受阻 2 条，跳过 1 条，警告 1 条。"


def test_requirements_that_do_not_decide_are_not_counted() -> None:
    a_plan = plan(
        requirement("r", "one"),
        requirement("advice", "two", level=Level.SHOULD),
        requirement("mild", "three", severity=Severity.WARNS),
        requirement("closed", "four", not_testable=A_TEXT),
        requirement("other", "five", not_applicable=A_TEXT),
    )
    assert [decides(row) for row in a_plan.requirements] == [True, False, False, False, True]
    assert because(a_plan, passed("one"))[:2] == (
        Overall.CONFORMANT,
        "All 1 mandatory requirements that apply and can be tested passed.",
    )
    assert requirement_verdicts(a_plan, results(passed("five")))["other"] is Verdict.NOT_APPLICABLE


def test_waived_requirements_are_listed_with_who_granted_it() -> None:
    a_plan = plan(*(requirement(name, f"t{name}") for name in ("a", "b", "c")))
    tests = (failed("ta"), failed("tb"), passed("tc"))
    waivers = (
        waiver(id="V", test="ta"),
        waiver(id="W", test="tb", granted_by="Lab 2"),
        waiver(id="E", test="ta", kind="expected-failure", granted_by=""),
    )
    drawn = conclude(with_waivers(a_plan, *waivers), tests, started=STARTED)
    assert drawn.overall is Overall.WITH_WAIVERS
    assert drawn.because.en == (
        "2 of 3 mandatory requirements failed and were waived (V, granted by Lab 1; W, granted by Lab 2): a, b."
    )
    assert "V，由 Lab 1 批准；W，由 Lab 2 批准" in drawn.because.zh
    assert [row.acknowledged for row in drawn.tests] == [("E",), (), ()]


def test_errors_of_waivers_stand_behind_the_cause() -> None:
    a_plan = with_waivers(TWO, waiver(id="V", test="three"), waiver(id="W", test="four"))
    drawn = conclude(a_plan, (passed("one"), passed("two")), started=STARTED, narrowed=True)
    assert drawn.overall is Overall.INCOMPLETE
    assert drawn.because.en == (
        "The run was narrowed by hand: not every planned test was run. "
        "Waivers in error: V: matches no test; W: matches no test."
    )
    assert drawn.because.zh == (
        "测试范围被人为缩小：未执行全部计划的测试。豁免出错：V: 没有对应的测试；W: 没有对应的测试。"
    )
    assert in_error(drawn.waivers) == drawn.waivers


def test_a_failure_outside_the_plans_rules_is_a_contradiction_unless_it_is_waived() -> None:
    mild = plan(requirement("r", "one"), requirement("s", "two", severity=Severity.WARNS))
    tests = (passed("one"), failed("two"))
    assert because(mild, *tests)[1] == (
        "A test failed that judges no mandatory requirement: the results contradict the plan."
    )
    assert conclude(with_waivers(mild, waiver(test="two")), tests, started=STARTED).overall is Overall.CONFORMANT


def test_what_was_not_run_says_why() -> None:
    bare = plan(requirement("r", "one", "two", "three"), blocked={"two": A_TEXT})
    off = msgspec.structs.replace(bare.tests[2], not_applicable=Text("off", "关"))
    a_plan = msgspec.structs.replace(bare, tests=(*bare.tests[:2], off))
    told = [(row.test, row.verdict, row.reason) for row in completed(a_plan, results()).tests]
    assert told == [
        ("one", Verdict.SKIPPED, say("The run left no result of this test.")),
        ("two", Verdict.BLOCKED, A_TEXT),
        ("three", Verdict.NOT_APPLICABLE, Text("off", "关")),
    ]
    whole = results(passed("one"))
    assert completed(a_plan, whole).because == whole.because


def test_counts_and_tallies() -> None:
    assert counts(results(passed("one"), failed("two"), passed("three"))) == {
        **dict.fromkeys(Verdict, 0),
        Verdict.PASSED: 2,
        Verdict.FAILED: 1,
    }
    assert tally([]) == dict.fromkeys(Verdict, 0)


def test_a_requirement_without_tests_is_skipped() -> None:
    assert requirement_verdicts(plan(requirement("r")), results()) == {"r": Verdict.SKIPPED}


# -- waivers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, None),
        ({"id": " "}, "id is empty: fill it in"),
        ({"reason": ""}, "reason is empty: fill it in"),
        ({"owner": "\t"}, "owner is empty: fill it in"),
        ({"link": ""}, "link is empty: fill it in"),
        ({"expected": ""}, "expected is empty: fill it in"),
        ({"test": ""}, "name what is meant with test or with requirement, one of both"),
        ({"requirement": "r"}, "name what is meant with test or with requirement, one of both"),
        ({"granted_by": " "}, "a waiver needs granted_by, the laboratory or regulator that granted it; what a"),
        ({"kind": "expected-failure"}, "an expected failure is granted by nobody: leave out granted_by, or say"),
        ({"kind": "expected-failure", "granted_by": ""}, None),
    ],
)
def test_a_mistake_in_a_waiver_is_named(fields: dict[str, Any], says: str | None) -> None:
    mistake = mistake_in(waiver(**fields))
    assert (mistake is None) == (says is None)
    if mistake is not None and says is not None:
        assert mistake.en.startswith(says)
        assert "None" not in mistake.zh


def test_each_outcome_gives_its_reason() -> None:
    tests = (failed("one"), passed("two"))
    for given, state, says in (
        (waiver(), WaiverState.SEEN, None),
        (
            waiver(expires=datetime.date(2026, 1, 1)),
            WaiverState.EXPIRED,
            "expired on 2026-01-01, the run began on 2026-01-02: renew it or remove it",
        ),
        (waiver(test="x*"), WaiverState.UNMATCHED, "x* names no test of the plan that applies"),
        (waiver(test="", requirement="y"), WaiverState.UNMATCHED, "y names no test of the plan that applies"),
        (
            waiver(expected="ReadRefused"),
            WaiverState.OTHER_VIOLATION,
            "expected ReadRefused, but found: one: ReadWithoutRight (EF05)",
        ),
        (waiver(test="two"), WaiverState.PASSED, "passed, although a failure was expected: two"),
        (waiver(owner=""), WaiverState.UNUSABLE, "owner is empty: fill it in"),
    ):
        found = outcome(given, tests=tests, a_plan=TWO)
        assert (found.waiver, found.state, reason(found)) == ("W", state, says)
        assert found.tests == (("one",) if state is WaiverState.SEEN else ())
        assert found.reason is None or "None" not in found.reason.zh
    twice = outcome(waiver(), waiver(test="two"), tests=tests, a_plan=TWO)
    assert (twice.state, reason(twice)) == (WaiverState.UNUSABLE, "another waiver has the same id")


def test_what_was_not_seen_is_named() -> None:
    seen = outcome(waiver(test="a*"), tests=(failed("a1"), failed("a3"), result("a5", Verdict.ERROR)), a_plan=FIVE)
    assert (seen.state, seen.tests) == (WaiverState.SEEN, ("a1", "a3"))
    assert reason(seen) == "without an answer in this run: a2; a4; a5"
    nothing = outcome(waiver(test="a*"), tests=(), a_plan=FIVE)
    assert (nothing.state, nothing.tests) == (WaiverState.NOT_SEEN, ())
    assert reason(nothing) == "without an answer in this run: a1; a2; a3 … +2"
    four = outcome(waiver(test="a*"), tests=(failed("a1"),), a_plan=FIVE)
    assert reason(four) == "without an answer in this run: a2; a3; a4 … +1"
    three = outcome(waiver(test="a*"), tests=(failed("a1"), failed("a3")), a_plan=FIVE)
    assert reason(three) == "without an answer in this run: a2; a4; a5"


def test_a_requirement_is_seen_when_one_of_its_tests_failed() -> None:
    a_plan = plan(requirement("r", "one", "two"), requirement("s", "two", "three"), requirement("t", "three"))
    given = waiver(test="", requirement="*")
    found = outcome(given, tests=(failed("one"), passed("two")), a_plan=a_plan)
    assert (found.state, found.tests, reason(found)) == (
        WaiverState.SEEN,
        ("one",),
        "without an answer in this run: s; t",
    )
    whole = outcome(given, tests=(failed("one"), passed("two"), passed("three")), a_plan=a_plan)
    assert (whole.state, reason(whole)) == (WaiverState.PASSED, "passed, although a failure was expected: s; t")


def test_findings_that_were_not_expected_are_listed() -> None:
    two = failed("a1", "ReadRefused")
    two = msgspec.structs.replace(two, findings=(*two.findings, *failed("a1").findings))
    bare = result("a2", Verdict.FAILED)
    found = outcome(waiver(test="a*"), tests=(two, bare, failed("a3")), a_plan=FIVE)
    assert found.state is WaiverState.OTHER_VIOLATION
    assert reason(found) == (
        "expected ReadWithoutRight, but found: a1: ReadRefused (EF05), ReadWithoutRight (EF05); a2: –"
    )


def test_subject_and_message_must_both_fit() -> None:
    finding = failed("one").findings[0]
    for fields, fits in (
        ({}, True),
        ({"subject": "EF05", "message": "given"}, True),
        ({"subject": "EF06", "message": "given"}, False),
        ({"subject": "EF05", "message": "9000"}, False),
        ({"message": "读出"}, True),
        ({"expected": "ReadRefused"}, False),
    ):
        assert expects(waiver(**fields), finding) is fits, fields


def test_a_waiver_speaks_for_the_requirements_it_names() -> None:
    a_plan = plan(requirement("r.1", "one"), requirement("r.2", "one", "two"), requirement("s", "one"))
    one, two = a_plan.tests
    assert requirements_of(waiver(), one) == ("r.1", "r.2", "s")
    assert requirements_of(waiver(), two) == ()
    by_rule = waiver(test="", requirement="r.*")
    assert [requirements_of(by_rule, test) for test in (one, two)] == [("r.1", "r.2"), ("r.2",)]
    off = msgspec.structs.replace(one, not_applicable=A_TEXT)
    assert tests_of(by_rule, msgspec.structs.replace(a_plan, tests=(off, two))) == (two,)


def test_only_valid_waivers_excuse_and_only_what_they_name() -> None:
    a_plan = with_waivers(
        plan(requirement("r", "one"), requirement("s", "one", "two")),
        waiver(test="", requirement="r"),
        waiver(id="E", kind="expected-failure", granted_by=""),
        waiver(id="X", test="three"),
    )
    marked, outcomes = settle_waivers(a_plan, (failed("one"), passed("two")), STARTED)
    assert excused(a_plan, outcomes) == {("one", "r")}
    assert excused(a_plan, ()) == frozenset()
    stranger = WaiverOutcome(waiver="W", state=WaiverState.SEEN, tests=("nobody", "one"))
    assert excused(a_plan, (stranger,)) == {("one", "r")}
    assert [(row.waived, row.acknowledged) for row in marked] == [(("W",), ("E",)), ((), ())]
    assert [row.waiver for row in in_error(outcomes)] == ["X"]


def test_two_waivers_of_one_test_both_stand_beside_it() -> None:
    a_plan = with_waivers(TWO, waiver(), waiver(id="V"))
    marked, _ = settle_waivers(a_plan, (failed("one"),), STARTED)
    assert marked[0].waived == ("W", "V")


def test_texts_behind_one_another() -> None:
    assert listed([]) == Text("", "")
    assert listed([A_TEXT, Text("b", "乙")]) == Text("text; b", "文字；乙")
