"""Verdicts of a soak: each broken thing fails its own rows, an invalid run passes none, and evidence says the same."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.certifying import exit_code
from conformance.comparing import compare
from conformance.evidence.fault_findings import FIGURE_NAMES, KINDS_OF_FAULT
from conformance.evidence.fault_verdicts import NOBODY_TO_KILL
from conformance.evidence.measured import drawn
from conformance.evidence.model import Overall, Verdict
from conformance.evidence.package import SOAK, Package, UnusablePackage, read_package
from conformance.evidence.under_faults import OF_FIGURE
from conformance.evidence.verdicts import VERDICT_NAMES
from conformance.rederiving import differences, rederive
from load.soak.bounds import bounds
from load.soak.evidence import write_evidence
from load.soak.result import SoakResult, record_of, shown
from load.soak.settings import SoakSettings
from reference.command_line import Exit
from reference.standard import load
from reference.standard.requirements.ledger import read as ledger
from reports.writing import write
from tests.load.faults.soaked import SETTINGS, asked, result, run, soaked

STANDARD = load()
RIGHT_ANSWERS, SINGLE_USE = "fault.every.right-answers", "fault.every.single-use"
NO_LOST_USE, RECOVERY = "fault.every.no-lost-use", "fault.worker-killed.recovery"
BROKEN: list[tuple[dict[str, Any], str, set[str]]] = [
    ({"wrong_accepts": 1}, "WrongAccept", {RIGHT_ANSWERS, "load.qr.no-wrong-accept"}),
    ({"wrong_refusals": 1}, "WrongRefusal", {RIGHT_ANSWERS, "load.qr.no-wrong-refusal"}),
    ({"wrong_reasons": 1}, "WrongReason", {RIGHT_ANSWERS, "load.qr.right-reason"}),
    ({"double_uses": 1}, "DoubleUse", {SINGLE_USE, "load.qr.single-use"}),
    ({"repeated_events": 1}, "RepeatedUse", {SINGLE_USE}),
    ({"lost_events": 1}, "LostUse", {NO_LOST_USE, "load.qr.no-lost-use"}),
    ({"unasked_events": 1}, "UnaskedUse", {NO_LOST_USE}),
    ({"broken_logs": 1}, "BrokenBooks", {NO_LOST_USE}),
    ({"longest_gap": 15.1}, "NotReplaced", {RECOVERY}),
    ({"longest_silence": 10.1}, "AllSilent", {RECOVERY}),
    ({"memory_growth": 1.3}, "MemoryGrows", {"load.soak.steady-memory"}),
]
INVALID: list[tuple[SoakSettings, dict[str, Any]]] = [
    (SETTINGS, {"kills": 0, "replaced": 0, "longest_gap": 0.0}),
    (SETTINGS, {"codes": 900}),
    (SETTINGS, {"codes": 999, "given_up": 1}),
    (SETTINGS, {"accepted": 0, "outcomes": {"forged": {"code.forged": 1000}}, "kinds": ("forged",)}),
    (asked(seconds=5.0), {"codes": 0, "accepted": 0, "outcomes": {}, "kinds": (), "kills": 0, "replaced": 0}),
]
FIGURES = [next(iter(bent)) for bent, _, _ in BROKEN]


def those(found: SoakResult, *wanted: Verdict) -> set[str]:
    return {id for id, verdict in found.verdicts.items() if verdict in wanted}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The evidence of a right soak."""
    return write_evidence(SETTINGS, soaked(), tmp_path_factory.mktemp("right"), lab="Sample Laboratory")


# -- the verdicts --------------------------------------------------------------------------------------------------


def test_everything_that_a_soak_is_held_to_stands_in_the_catalogue_and_its_ledger() -> None:
    judged = {bound.requirement for bound in bounds(kills=True)}
    assert judged <= set(STANDARD.requirements)
    assert judged <= set(ledger())
    assert {id for id in STANDARD.requirements if id.startswith("load.soak.")} <= judged
    assert {bound.figure for bound in bounds(kills=True)} == set(OF_FIGURE)


def test_a_right_soak_passes_all_that_it_tries() -> None:
    found = result()
    assert those(found, Verdict.PASSED) == {bound.requirement for bound in bounds(kills=True)}
    assert those(found, Verdict.NOT_APPLICABLE) == set(found.verdicts) - those(found, Verdict.PASSED)
    assert (found.right, found.recovered, found.valid, found.exit_code) == (True, True, True, Exit.CONFORMANT)


@pytest.mark.parametrize(("bent", "violation", "broken"), BROKEN, ids=FIGURES)
def test_what_is_broken_fails_its_rows_and_no_other(bent: dict[str, Any], violation: str, broken: set[str]) -> None:
    found = result(**bent)
    assert those(found, Verdict.FAILED) == broken
    assert found.exit_code is Exit.NOT_CONFORMANT
    assert not (found.right and found.recovered)


def test_every_figure_that_can_accuse_has_a_soak_that_it_accuses() -> None:
    assert len(BROKEN) == len(KINDS_OF_FAULT)
    assert {violation for _, violation, _ in BROKEN} == {fault.name for fault in KINDS_OF_FAULT.values()}
    assert set(FIGURE_NAMES) == set(OF_FIGURE)


@pytest.mark.parametrize(("settings", "bent"), INVALID)
def test_an_invalid_soak_passes_no_promise(settings: SoakSettings, bent: dict[str, Any]) -> None:
    found = result(settings, **bent)
    assert not found.valid
    assert found.why_invalid
    assert {id for id in those(found, Verdict.PASSED) if not id.startswith("load.soak.")} == set()
    assert found.exit_code is Exit.INCOMPLETE


@pytest.mark.parametrize(("bent", "violation", "broken"), BROKEN, ids=FIGURES)
def test_what_is_broken_is_a_fact_in_an_invalid_soak_too(
    bent: dict[str, Any], violation: str, broken: set[str]
) -> None:
    found = result(codes=900, **bent)
    assert those(found, Verdict.FAILED) == broken
    assert found.exit_code is Exit.NOT_CONFORMANT


def test_nobody_is_blamed_for_silence_when_nobody_was_killed() -> None:
    assert result(kills=0, replaced=0, longest_silence=60.0).verdicts[RECOVERY] is Verdict.INCONCLUSIVE


def test_who_was_not_seen_replaced_in_time_is_not_known_to_be_replaced() -> None:
    found = result(kills=1, replaced=0, longest_gap=4.0)
    assert found.verdicts[RECOVERY] is Verdict.INCONCLUSIVE
    assert found.exit_code is Exit.INCOMPLETE


def test_without_a_single_use_code_nobody_is_known_to_count_its_uses() -> None:
    outcomes = {"static": {"accepted": 200}, "forged": {"code.forged": 800}}
    found = result(outcomes=outcomes, kinds=("static", "forged"))
    assert those(found, Verdict.INCONCLUSIVE) == {SINGLE_USE, "load.qr.single-use"}


def test_memory_of_workers_that_all_died_young_is_not_applicable() -> None:
    found = result(memory_growth=None)
    assert found.verdicts["load.soak.steady-memory"] is Verdict.NOT_APPLICABLE
    assert found.exit_code is Exit.CONFORMANT


def test_where_nobody_is_to_be_killed_promises_do_not_apply_and_right_answers_do() -> None:
    quiet = {"kills": 0, "replaced": 0, "longest_gap": 0.0}
    found = result(asked(kill_every=0.0), **quiet)
    assert {id for id in found.verdicts if id.startswith("fault.")} <= those(found, Verdict.NOT_APPLICABLE)
    assert found.verdicts["load.qr.no-lost-use"] is Verdict.PASSED
    assert found.exit_code is Exit.CONFORMANT
    plan, _ = drawn(STANDARD, run(asked(kill_every=0.0), **quiet), started="")
    reasons = {row.id: row.not_applicable for row in plan.requirements}
    assert reasons[SINGLE_USE] == reasons["load.soak.workers-killed"] == NOBODY_TO_KILL
    broken = result(asked(kill_every=0.0), **quiet, broken_logs=1)
    assert broken.verdicts[NO_LOST_USE] is Verdict.FAILED


def test_figures_and_verdicts_are_told_in_both_languages() -> None:
    bent = result(codes=900, broken_logs=1, words=["broken_logs: the use log"])
    english, chinese = shown(bent), shown(bent, "zh")
    assert "codes not shown: 100" in "\n".join(english)
    assert "未出示的二维码" in "\n".join(chinese)
    assert f"{NO_LOST_USE}: failed" in english
    assert f"{NO_LOST_USE}: {VERDICT_NAMES[Verdict.FAILED].zh}" in chinese


# -- the evidence --------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    findings=st.fixed_dictionaries({name: st.integers(0, 1) for name in FIGURES[:8]}),
    kills=st.integers(0, 2),
    gap=st.sampled_from([0.0, 3.0, 20.0]),
    growth=st.sampled_from([None, 1.0, 2.0]),
    codes=st.sampled_from([0, 999, 1000]),
    kill_every=st.sampled_from([0.0, 5.0]),
    kinds=st.sets(st.sampled_from(["dynamic", "forged"])),
)
def test_command_and_evidence_never_disagree_on_the_exit_code(
    findings: dict[str, int],
    kills: int,
    gap: float,
    growth: float | None,
    codes: int,
    kill_every: float,
    kinds: set[str],
) -> None:
    wanted, bent = (
        asked(kill_every=kill_every),
        {
            **findings,
            "kills": kills,
            "replaced": kills,
            "longest_gap": gap,
            "memory_growth": growth,
            "codes": codes,
            "kinds": tuple(kinds),
        },
    )
    found = result(wanted, **bent)
    _, results = drawn(STANDARD, run(wanted, **bent), started="2026-11-23T00:00:00+00:00")
    assert exit_code(results) == found.exit_code
    assert (found.exit_code is Exit.NOT_CONFORMANT) == bool(those(found, Verdict.FAILED))


def test_evidence_of_a_soak_is_read_back_with_its_record(package: Package) -> None:
    assert package.soak == record_of(SETTINGS, soaked())
    assert package.load is None
    assert package.results.overall is Overall.CONFORMANT
    assert (package.manifest.profile, package.manifest.lab) == ("load.soak", "Sample Laboratory")


def test_every_verdict_is_derived_again_from_the_figures(package: Package) -> None:
    derived = rederive(package, STANDARD)
    assert len(derived.results) == len(bounds(kills=True))
    assert differences(package, derived) == ()


@pytest.mark.parametrize(("figure", "value"), [("accepted", 201), ("not_shown", 1)])
def test_a_figure_that_does_not_follow_from_the_counts_is_noticed(package: Package, figure: str, value: int) -> None:
    assert package.soak is not None
    figures = msgspec.structs.replace(package.soak.figures, **{figure: value})
    bent = msgspec.structs.replace(package, soak=msgspec.structs.replace(package.soak, figures=figures))
    assert SOAK in [difference.test for difference in differences(bent, rederive(bent, STANDARD))]


def test_a_verdict_that_does_not_follow_from_the_figures_is_noticed(package: Package) -> None:
    assert package.soak is not None
    figures = msgspec.structs.replace(package.soak.figures, double_uses=3)
    bent = msgspec.structs.replace(package, soak=msgspec.structs.replace(package.soak, figures=figures))
    noticed = {difference.test for difference in differences(bent, rederive(bent, STANDARD))}
    assert f"load_soak.{SINGLE_USE}.double_uses" in noticed


def test_a_soak_without_its_record_is_no_package(tmp_path: Path) -> None:
    write_evidence(SETTINGS, soaked(), tmp_path)
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "evidence.zip") as archive:
        archive.extractall(unpacked)
    (unpacked / SOAK).unlink()
    with pytest.raises(UnusablePackage, match=SOAK):
        read_package(unpacked)


def test_a_soak_with_fewer_kills_asked_for_is_another_run_and_a_doubled_use_a_step_back(
    package: Package, tmp_path: Path
) -> None:
    other = write_evidence(asked(kill_every=60.0), soaked(double_uses=1), tmp_path)
    comparison = compare(package, other)
    assert comparison.regression
    assert "load" in [change.key for change in comparison.circumstances]
    quiet = write_evidence(asked(kill_every=0.0), soaked(), tmp_path)
    assert [change.key for change in compare(package, quiet).rules] == ["bound.load.soak.workers-killed.kills"]


@pytest.mark.parametrize(("bent", "violation", "broken"), BROKEN, ids=FIGURES)
def test_a_report_names_what_was_broken_under_its_ids(
    bent: dict[str, Any], violation: str, broken: set[str], tmp_path: Path
) -> None:
    package = write_evidence(SETTINGS, soaked(**bent, words=["<b>found</b>"]), tmp_path)
    findings = [finding for test in package.results.tests for finding in test.findings]
    assert {(finding.requirement, finding.violation) for finding in findings} == {(id, violation) for id in broken}
    write(package, tmp_path)
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["overall"] == "not-conformant"
    assert {row["id"] for row in report["requirements"]["list"] if row["verdict"] == "failed"} == broken
    assert report["soak"]["served"] == 1000
    failures = [case for case in ET.parse(tmp_path / "junit.xml").iter("testcase") if case.find("failure") is not None]
    assert {case.find("properties/property").get("value") for case in failures} == broken  # type: ignore[union-attr]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert all(f'id="r-{id}"' in page for id in broken)
    assert "&lt;b&gt;found&lt;/b&gt;" in page
    assert "<b>found</b>" not in page
