"""The headline and the groups that all forms of a report share."""

from __future__ import annotations

import msgspec

from conformance.evidence.model import Overall, Verdict
from reference.languages import Text
from reports.summary import replay_command, summarise
from reports.wording import visible
from tests.reports.packages import (
    BLOCK,
    CLOSED,
    EMPTY_PLAN,
    EVERY_VERDICT,
    LENGTH,
    ORDER,
    PASSING,
    PLAN,
    WORD,
    package,
    text,
)


def test_the_headline_of_a_conformant_product_says_to_what_and_on_what_it_rests() -> None:
    summary = summarise(package(PASSING))
    assert summary.overall is Overall.CONFORMANT
    assert summary.headline == Text(
        "Conformant to profile national-2012 (APP11 v1.1 + REV2): "
        "2 normative, 1 from the field, 3 decided, 1 not testable",
        "符合配置 national-2012（《APP11 v1.1 + REV2》）：规范性 2 条，现场 1 条，约定 3 条，不可测试 1 条",
    )


def test_the_headline_counts_what_passed_when_not_all_did() -> None:
    summary = summarise(package(EVERY_VERDICT))
    assert summary.headline.en == (
        "Not conformant to profile national-2012 (APP11 v1.1 + REV2): 0 of 2 normative passed, "
        "0 of 1 from the field passed, 0 of 3 decided passed, 1 not testable"
    )
    assert summary.headline.zh.startswith("不符合配置 national-2012")


def test_the_headline_of_an_incomplete_run_gives_no_verdict() -> None:
    summary = summarise(package(PASSING, narrowed=True))
    assert summary.headline.en.startswith("Incomplete, no verdict on profile national-2012")
    assert summary.headline.zh.startswith("测试不完整，对配置 national-2012")


def test_a_stopped_and_narrowed_run_names_both_reasons() -> None:
    summary = summarise(package(PASSING, narrowed=True, stopped=text("power cut")))
    assert [reason.en for reason in summary.cut_short()] == [
        "The run ended early: power cut",
        "The run was narrowed by hand: not every planned test was run.",
    ]


def test_a_package_that_claims_more_than_it_shows_is_found_out() -> None:
    assert summarise(package(EVERY_VERDICT, claimed=Overall.CONFORMANT)).contradicts_package
    assert not summarise(package(PASSING, claimed=Overall.CONFORMANT)).contradicts_package


def test_open_tests_stand_in_the_order_of_urgency() -> None:
    summary = summarise(package(EVERY_VERDICT))
    assert [test.planned.id for test in summary.without_answer()] == [ORDER, BLOCK, WORD, LENGTH]


def test_requirements_are_grouped_by_what_they_are_about() -> None:
    areas = summarise(package(PASSING)).areas()
    assert list(areas)[:3] == ["card.df02", "card.sw", "card.ddf1"]
    assert sum(len(rows) for rows in areas.values()) == len(PLAN.requirements)


def test_a_test_named_by_a_requirement_but_not_planned_leaves_it_without_a_pass() -> None:
    plan = msgspec.structs.replace(PLAN, tests=tuple(test for test in PLAN.tests if test.id != WORD))
    summary = summarise(package(PASSING, plan=plan))
    word = next(row for row in summary.requirements if row.planned.id == "card.sw.security-status")
    assert word.tests == ()
    assert word.verdict is Verdict.SKIPPED


def test_transcripts_of_passed_tests_are_not_carried_along() -> None:
    summary = summarise(package(EVERY_VERDICT))
    assert {test.planned.id for test in summary.tests if test.exchanges} >= {CLOSED, LENGTH, ORDER}
    assert all(not test.exchanges for test in summary.with_verdict(Verdict.PASSED))


def test_an_empty_plan_is_incomplete() -> None:
    assert summarise(package((), plan=EMPTY_PLAN)).overall is Overall.INCOMPLETE


def test_the_replay_command_cannot_be_made_to_run_something_else() -> None:
    assert replay_command("x; rm -rf ~ '") == "healthcard replay evidence.zip 'x; rm -rf ~ '\"'\"''"


def test_what_cannot_be_seen_is_spelled_out_and_the_rest_left_alone() -> None:
    assert visible("卡\tA\n\x00\u200b\U000e0041\ud800") == "卡\tA\n\\u0000\\u200b\\U000e0041\\ud800"
