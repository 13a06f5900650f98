"""Verdicts of a staged fault: what is broken fails its own rows, and what was not seen is never passed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.certifying import exit_code
from conformance.comparing import compare
from conformance.evidence.measured import drawn
from conformance.evidence.model import Verdict
from conformance.evidence.package import FAULT, Package
from conformance.evidence.staged_fault_findings import FAULT_NAMES, FIGURE_NAMES, KINDS_OF_FAULT
from conformance.evidence.staged_fault_verdicts import plan_of
from conformance.evidence.staged_faults import OF_FIGURE, StagedFault
from conformance.rederiving import differences, rederive
from load.evidence import Circumstances, keep
from load.faults.bounds import bounds
from load.faults.promises import promised
from load.faults.result import FaultResult, shown
from reference.command_line import Exit
from reference.standard import load
from reports.writing import write
from tests.load.faults.faulted import OF_FAULT, RUN, UNSEEN, result, those

KINDS: tuple[StagedFault, ...] = get_args(StagedFault)
STANDARD = load()
RIGHT_ANSWERS, SINGLE_USE, NO_LOST_USE, HEALTH = (
    f"fault.every.{name}" for name in ("right-answers", "single-use", "no-lost-use", "true-health")
)
BROKEN: list[tuple[StagedFault, dict[str, Any], str, set[str]]] = [
    ("database", {"wrong_accepts": 1}, "WrongAccept", {RIGHT_ANSWERS}),
    ("database", {"wrong_refusals": 1}, "WrongRefusal", {RIGHT_ANSWERS}),
    ("database", {"wrong_reasons": 1}, "WrongReason", {RIGHT_ANSWERS}),
    ("database", {"double_uses": 1}, "DoubleUse", {SINGLE_USE}),
    ("database", {"repeated_events": 1}, "RepeatedUse", {SINGLE_USE}),
    ("database", {"lost_events": 1}, "LostUse", {NO_LOST_USE}),
    ("database", {"unasked_events": 1}, "UnaskedUse", {NO_LOST_USE}),
    ("database", {"broken_logs": 1}, "BrokenBooks", {NO_LOST_USE}),
    ("crypto-machine", {"accepted_meanwhile": 1}, "AcceptedMeanwhile", {"fault.crypto-machine.nothing-unchecked"}),
    ("disk-full", {"accepted_meanwhile": 1}, "AcceptedMeanwhile", {"fault.disk-full.no-acceptance"}),
    ("clock-stepped", {"served_meanwhile": 1}, "TimeNotChecked", {"fault.clock-stepped.stale"}),
    ("crypto-machine", {"recovered_after_s": None}, "NotRecovered", {"fault.crypto-machine.recovery"}),
    ("database", {"recovered_after_s": 15.1}, "NotRecovered", {"fault.database.recovery"}),
    ("database", {"longest_wait_s": 18.1}, "NotAnswered", {"fault.database.answered"}),
    ("disk-full", {"given_up": 1}, "NeverServed", {"fault.disk-full.recovery"}),
    ("worker-killed", {"longest_gap_s": 15.1}, "NotReplaced", {"fault.worker-killed.recovery"}),
    ("worker-killed", {"longest_silence_s": 10.1}, "AllSilent", {"fault.worker-killed.recovery"}),
    ("database", {"told_after_s": None}, "SilentHealth", {HEALTH}),
    ("database", {"told_after_s": 5.1}, "SilentHealth", {HEALTH}),
    ("disk-full", {"well_after_s": None}, "HealthStaysBad", {HEALTH}),
    ("crypto-machine", {"untrue_health": 1}, "UntrueHealth", {HEALTH}),
    ("clock-stepped", {"double_uses": 1}, "DoubleUse", {SINGLE_USE, "fault.clock-stepped.single-use"}),
]
NAMES = [f"{fault} {next(iter(bent))}" for fault, bent, _, _ in BROKEN]
DOUBTFUL: list[tuple[dict[str, Any], str]] = [
    ({"breaking_status": 1, **UNSEEN}, "was to break"),
    ({"breaking_status": None, **UNSEEN}, "ended after its time"),
    ({"healing_status": 3}, "was to heal"),
    ({"healing_status": None, "recovered_after_s": None}, "was to heal"),
    ({"accepted_before": 0}, "no code was accepted before"),
    ({"unwell_before": 2}, "not well before"),
    ({"ran_out": True, "recovered_after_s": None}, "give it more"),
    (UNSEEN, "nothing showed the fault"),
]


@pytest.mark.parametrize("fault", KINDS)
def test_a_right_run_passes_every_promise_on_its_fault_and_says_of_all_others_why_not(fault: StagedFault) -> None:
    found = result(fault)
    bounded = {bound.requirement for bound in bounds(fault, RUN.lasts_s)}
    assert set(found.verdicts) == set(promised())
    assert those(found, Verdict.PASSED) == bounded
    assert {id for id in promised() if id.startswith(f"fault.{fault}.")} <= bounded
    assert those(found, Verdict.NOT_APPLICABLE) == set(promised()) - bounded
    assert all(row.not_applicable for row in plan_of(STANDARD, found.run).requirements if row.id not in bounded)
    assert (found.valid, found.exit_code) == (True, Exit.CONFORMANT)


@pytest.mark.parametrize(("fault", "bent", "violation", "broken"), BROKEN, ids=NAMES)
def test_what_is_broken_fails_its_rows_and_no_other(
    fault: StagedFault, bent: dict[str, Any], violation: str, broken: set[str]
) -> None:
    found = result(fault, **bent)
    assert those(found, Verdict.FAILED) == broken
    assert found.exit_code is Exit.NOT_CONFORMANT
    _, results = drawn(STANDARD, found.run, started="")
    findings = [finding for test in results.tests for finding in test.findings]
    assert {(finding.requirement, finding.violation) for finding in findings} == {(id, violation) for id in broken}


def test_every_figure_has_its_words_and_what_can_accuse_has_a_run_that_it_accuses() -> None:
    assert set(FIGURE_NAMES) == set(OF_FIGURE)
    assert set(FAULT_NAMES) == set(KINDS) == set(OF_FAULT)
    assert {violation for _, _, violation, _ in BROKEN} == {fault.name for fault in KINDS_OF_FAULT.values()}
    assert set(KINDS_OF_FAULT) == {bound.figure for fault in KINDS for bound in bounds(fault, RUN.lasts_s)}


@pytest.mark.parametrize(("bent", "said"), DOUBTFUL)
@pytest.mark.parametrize("fault", KINDS)
def test_a_doubtful_run_passes_nothing_accuses_nobody_and_says_why(
    fault: StagedFault, bent: dict[str, Any], said: str
) -> None:
    found = result(fault, **{"staged_by": "command"} | bent)
    assert those(found, Verdict.PASSED, Verdict.FAILED) == set()
    assert found.exit_code is Exit.INCOMPLETE
    told = " ".join(reason.en for reason in found.why_invalid)
    assert said in told or (fault, said) == ("clock-stepped", "nothing showed the fault")
    assert said in "\n".join(shown(found)) or fault == "clock-stepped"


@pytest.mark.parametrize("fault", ["crypto-machine", "disk-full"])
def test_acceptances_with_no_sign_of_the_fault_accuse_only_where_this_tool_staged_it(fault: StagedFault) -> None:
    commanded = result(fault, **UNSEEN, accepted_meanwhile=40, staged_by="command", health_read=False)
    assert those(commanded, Verdict.PASSED, Verdict.FAILED) == set()
    assert "the command took nothing away" in commanded.why_invalid[0].en
    own = result(fault, **UNSEEN, accepted_meanwhile=40, health_read=False)
    assert len(those(own, Verdict.FAILED)) == 1
    assert those(own, Verdict.PASSED) == set()
    _, results = drawn(STANDARD, own.run, started="")
    causes = [cause.en for test in results.tests for finding in test.findings for cause in finding.causes]
    assert any("cannot be told from a platform that needs nothing" in cause for cause in causes)


@pytest.mark.parametrize("fault", KINDS)
def test_a_wrong_answer_is_a_fact_in_a_doubtful_run_too(fault: StagedFault) -> None:
    assert those(result(fault, breaking_status=1, wrong_accepts=1), Verdict.FAILED) == {RIGHT_ANSWERS}


def test_what_cannot_be_seen_on_a_target_is_not_applicable() -> None:
    books = {"lost_events": None, "repeated_events": None, "unasked_events": None, "broken_logs": None}
    found = result("database", **books, database="", health_read=False)
    assert those(found, Verdict.NOT_APPLICABLE) >= {NO_LOST_USE, HEALTH}
    assert those(found, Verdict.PASSED) == {
        RIGHT_ANSWERS,
        SINGLE_USE,
        "fault.database.recovery",
        "fault.database.answered",
    }
    killed = result("worker-killed", staged_by="command", kills=0, lost_answers=3, longest_gap_s=None)
    assert killed.verdicts["fault.worker-killed.recovery"] is Verdict.NOT_APPLICABLE
    silent = result(
        "worker-killed", staged_by="command", kills=0, lost_answers=3, longest_gap_s=None, longest_silence_s=11
    )
    assert silent.verdicts["fault.worker-killed.recovery"] is Verdict.FAILED


@pytest.mark.parametrize(
    ("lasts", "verdict"), [(2.0, Verdict.NOT_APPLICABLE), (18.0, Verdict.NOT_APPLICABLE), (18.5, Verdict.PASSED)]
)
def test_that_everybody_is_answered_is_shown_by_a_fault_that_lasts_longer_than_the_bound(
    lasts: float, verdict: Verdict
) -> None:
    assert result("database", lasts_s=lasts).verdicts["fault.database.answered"] is verdict


def test_without_a_code_that_could_show_it_a_mistake_is_not_excluded() -> None:
    outcomes = {"static": {"accepted": 60}, "forged": {"code.forged": 70}}
    found = result(outcomes=outcomes, kinds=("static", "forged"))
    assert those(found, Verdict.INCONCLUSIVE) == {SINGLE_USE}
    again = result("clock-stepped", shown_again=0)
    assert those(again, Verdict.INCONCLUSIVE) == {"fault.clock-stepped.single-use"}


@settings(max_examples=60, deadline=None)
@given(
    fault=st.sampled_from(KINDS),
    staged_by=st.sampled_from(["self", "command"]),
    bent=st.fixed_dictionaries(
        {},
        optional={
            "wrong_accepts": st.integers(0, 1),
            "double_uses": st.integers(0, 1),
            "lost_events": st.integers(0, 1),
            "accepted_meanwhile": st.integers(0, 2),
            "served_meanwhile": st.integers(0, 2),
            "recovered_after_s": st.sampled_from([None, 0.1, 60.0]),
            "told_after_s": st.sampled_from([None, 0.1, 9.0]),
            "well_after_s": st.sampled_from([None, 0.1, 90.0]),
            "longest_silence_s": st.sampled_from([0.1, 2.0, 20.0]),
            "longest_gap_s": st.sampled_from([None, 0.1, 20.0]),
            "breaking_status": st.sampled_from([0, 1, None]),
            "healing_status": st.sampled_from([0, 1, None]),
            "turned_away": st.sampled_from([0, 9]),
            "out_of_time": st.sampled_from([0, 9]),
            "unwell_before": st.integers(0, 1),
            "accepted_before": st.integers(0, 1),
            "ran_out": st.booleans(),
            "health_read": st.booleans(),
            "database": st.sampled_from(["", "sqlite"]),
        },
    ),
)
def test_nothing_passes_in_a_run_that_shows_nothing_and_command_and_evidence_agree(
    fault: StagedFault, staged_by: str, bent: dict[str, Any]
) -> None:
    found = result(fault, **{"staged_by": staged_by} | bent)
    _, results = drawn(STANDARD, found.run, started="2026-11-23T00:00:00+00:00")
    assert exit_code(results) == found.exit_code
    assert (found.exit_code is Exit.NOT_CONFORMANT) == bool(those(found, Verdict.FAILED))
    if not found.valid:
        assert those(found, Verdict.PASSED) == set()
        assert found.why_invalid
        assert found.exit_code is not Exit.CONFORMANT
    assert all(test.reason is not None for test in results.tests if test.verdict is Verdict.INCONCLUSIVE)
    if not found.run.there:
        assert those(found, Verdict.FAILED) <= {
            RIGHT_ANSWERS,
            SINGLE_USE,
            NO_LOST_USE,
            *those_of_a_clock(found.run.fault),
        }


def those_of_a_clock(fault: StagedFault) -> set[str]:
    return {"fault.clock-stepped.single-use"} if fault == "clock-stepped" else set()


# -- the evidence --------------------------------------------------------------------------------------------------


def evidence(found: FaultResult, out: Path) -> Package:
    """The package that the command would leave."""
    told = Circumstances(
        url="", books=True, wire="sichuan", started_ms=found.started_ms, ended_ms=found.ended_ms, seed=1
    )
    return keep(found.run, told, out)


def test_a_changed_figure_and_a_changed_verdict_are_found(tmp_path: Path) -> None:
    package = evidence(result(), tmp_path)
    assert differences(package, rederive(package, STANDARD)) == ()
    assert package.fault is not None
    for figure, value, where in (
        ("accepted", 61, FAULT),
        ("accepted_meanwhile", 1, "load_fault.fault.crypto-machine.nothing-unchecked.accepted_meanwhile"),
        ("told_after_s", 9.0, f"load_fault.{HEALTH}.told_after_s"),
    ):
        figures = msgspec.structs.replace(package.fault.figures, **{figure: value})
        bent = msgspec.structs.replace(package, fault=msgspec.structs.replace(package.fault, figures=figures))
        assert where in {difference.test for difference in differences(bent, rederive(bent, STANDARD))}


def test_another_fault_is_another_run_and_a_broken_promise_a_step_back(tmp_path: Path) -> None:
    right = evidence(result(), tmp_path)
    broken = evidence(result(accepted_meanwhile=3), tmp_path)
    assert compare(right, broken).regression
    longer = evidence(result(lasts_s=60.0), tmp_path)
    assert "load" in [change.key for change in compare(right, longer).circumstances]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_report_names_the_broken_promise_and_why_a_run_shows_nothing(tmp_path: Path, lang: str) -> None:
    found = result(accepted_meanwhile=3, ran_out=True, words=("<b>found</b>",))
    write(evidence(found, tmp_path), tmp_path, lang)
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert (report["profile"], report["overall"]) == ("load.fault", "not-conformant")
    assert report["fault"]["figures"]["accepted_meanwhile"] == 3
    cases = [case for case in ET.parse(tmp_path / "junit.xml").iter("testcase") if case.find("failure") is not None]
    named = {case.find("properties/property").get("value") for case in cases}  # type: ignore[union-attr]
    assert named == those(found, Verdict.FAILED) == {"fault.crypto-machine.nothing-unchecked"}
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for words in ("crypto machine lost", "密码机失联", "give it more of them", "请提供更多用例", "&lt;b&gt;found"):
        assert words in page
    assert "<b>found</b>" not in page


def test_figures_and_verdicts_are_told_with_their_bounds_in_both_languages() -> None:
    found = result(recovered_after_s=None)
    english, chinese = "\n".join(shown(found)), "\n".join(shown(found, "zh"))
    assert "until a code was accepted: did not come (at most 35 s)" in english
    assert "首次通过的时间" in chinese
    assert "fault.crypto-machine.recovery: failed" in english
