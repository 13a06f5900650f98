"""One id through catalogue, gate, broken platform, evidence and report; each gate fails for its own reason only."""

from __future__ import annotations

import functools
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.certifying import exit_code
from conformance.comparing import compare
from conformance.evidence.load_verdicts import COMPLETE, ON_TIME, plan_of, results_of
from conformance.evidence.model import Overall, Results, TestResult, Verdict
from conformance.evidence.package import LOAD, Package, UnusablePackage, read_package
from conformance.evidence.under_load import figures_that_differ
from conformance.evidence.verdicts import requirement_verdicts
from conformance.rederiving import differences, rederive
from load.evidence import record_of, write_evidence
from load.gates import bounds_of, gates, tiers
from load.judging import Recorded
from load.measuring import Counts, Latencies, Measured
from load.result import LoadResult, result_of
from load.settings import RunSettings
from reference.command_line import Exit
from reference.standard import load
from reference.standard.requirements.ledger import read as ledger
from reference.standard.rows import Basis
from reports.writing import write
from tests.load.hollow_platforms import (
    BOUNDS,
    BROKEN,
    HOLLOW,
    ForgedAccepted,
    MostlySlow,
    Platform,
    RefusesAll,
    ServesNobody,
    TenthSlow,
    cases,
    run_against,
)

STANDARD = load()
ROWS = {id: row for id, row in STANDARD.requirements.items() if id.startswith("load.qr.")}
OF_THE_RUN = {ON_TIME, COMPLETE}
EVERY = sorted(BROKEN, key=lambda broken: broken.__name__)


def verdicts(found: LoadResult) -> dict[str, Verdict]:
    """The verdict on every requirement that the evidence of a run gives."""
    run = record_of(found, own=False)
    plan = plan_of(STANDARD, run)
    return requirement_verdicts(plan, results_of(plan, run, started="2026-11-22T00:00:00+00:00"))


def results(found: LoadResult) -> Results:
    run = record_of(found, own=False)
    return results_of(plan_of(STANDARD, run), run, started="2026-11-22T00:00:00+00:00")


def those(found: dict[str, Verdict], wanted: Verdict) -> set[str]:
    return {id for id, verdict in found.items() if verdict is wanted}


@functools.cache
def recorded_once(seconds: float) -> str:
    """The histogram of one duration."""
    found = Latencies()
    found.record(seconds)
    return found.encoded()


@functools.cache
def run_of(platform: type[Platform]) -> LoadResult:
    """What a run against the platform comes to, with bounds on everything."""
    return run_against(platform())


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The evidence of a good platform."""
    return write_evidence(run_of(Platform), tmp_path_factory.mktemp("good"))


# -- one id from end to end ----------------------------------------------------------------------------------------


def test_gates_are_the_rows_of_the_catalogue_and_nothing_else() -> None:
    assert set(gates()) | OF_THE_RUN == set(ROWS)
    assert {row.source.basis for row in ROWS.values()} == {Basis.DECISION}


def test_the_ledger_knows_every_gate() -> None:
    assert set(ROWS) - set(ledger()) == set()


def test_every_tier_bounds_requirements_of_the_catalogue_alone() -> None:
    assert {id for tier in tiers() for id in bounds_of(tier)} - set(ROWS) == set()


def test_every_requirement_on_a_platform_has_a_platform_that_breaks_it() -> None:
    assert {id for id, _ in BROKEN.values()} == {id for id, row in ROWS.items() if row.actor == "platform"}
    assert set(BOUNDS) == set(gates())


def test_a_right_platform_passes_everything() -> None:
    found = run_of(Platform)
    assert set(verdicts(found).values()) == {Verdict.PASSED}
    assert found.exit_code is Exit.CONFORMANT
    assert results(found).overall is Overall.CONFORMANT


@pytest.mark.parametrize("broken", EVERY, ids=lambda broken: broken.__name__)
def test_a_broken_platform_fails_the_requirement_that_it_breaks_and_no_other(broken: type[Platform]) -> None:
    found = run_of(broken)  # type: ignore[arg-type]
    assert those(verdicts(found), Verdict.FAILED) == {BROKEN[broken][0]}
    assert {gate.id for gate in found.gates if gate.held is False} == {BROKEN[broken][0]}


@pytest.mark.parametrize("broken", EVERY, ids=lambda broken: broken.__name__)
def test_a_broken_platform_is_caught_for_the_right_reason_and_reported_under_its_id(
    broken: type[Platform], tmp_path: Path
) -> None:
    id, violation = BROKEN[broken]
    found = run_of(broken)  # type: ignore[arg-type]
    package = write_evidence(found, tmp_path)
    findings = [finding for result in package.results.tests for finding in result.findings]
    assert [(finding.requirement, finding.violation) for finding in findings] == [(id, violation)]
    assert found.exit_code == exit_code(package.results) == Exit.NOT_CONFORMANT

    write(package, tmp_path)
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["overall"] == "not-conformant"
    assert [row["id"] for row in report["requirements"]["list"] if row["verdict"] == "failed"] == [id]
    failures = [case for case in ET.parse(tmp_path / "junit.xml").iter("testcase") if case.find("failure") is not None]
    assert [case.find("properties/property").get("value") for case in failures] == [id]  # type: ignore[union-attr]
    assert f'id="r-{id}"' in (tmp_path / "report.html").read_text(encoding="utf-8")


# -- nothing passes for doing nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", ["correctness", "province"])
@pytest.mark.parametrize("hollow", HOLLOW, ids=lambda hollow: hollow.__name__)
def test_a_hollow_platform_is_never_conformant(hollow: type[Platform], tier: str) -> None:
    found = run_against(hollow(), bounds=bounds_of(tier))
    assert found.exit_code is not Exit.CONFORMANT
    assert results(found).overall is not Overall.CONFORMANT


def test_who_refuses_everything_is_not_praised_for_accepting_nothing_wrongly() -> None:
    found = verdicts(run_against(RefusesAll()))
    assert found["load.qr.no-wrong-refusal"] is Verdict.FAILED
    assert found["load.qr.no-wrong-accept"] is Verdict.INCONCLUSIVE


def test_who_serves_nobody_passes_no_gate_of_the_answers() -> None:
    found = run_against(ServesNobody(), bounds=bounds_of("correctness"))
    assert those(verdicts(found), Verdict.PASSED) == OF_THE_RUN
    assert found.exit_code is Exit.INCOMPLETE


def test_without_a_forged_code_nobody_is_known_to_refuse_one() -> None:
    good = [case for case in cases() if case.kind in ("static", "dynamic")]
    found = run_against(Platform(), bounds=bounds_of("correctness"), shown=iter(good))
    assert found.exit_code is Exit.INCOMPLETE
    assert "load.qr.no-wrong-accept" in found.headline.en
    assert those(verdicts(found), Verdict.INCONCLUSIVE) == {"load.qr.no-wrong-accept", "load.qr.right-reason"}


def test_a_record_of_uses_that_cannot_be_read_is_not_applicable_and_says_why() -> None:
    found = run_against(Platform(), records=False)
    assert verdicts(found)["load.qr.no-lost-use"] is Verdict.NOT_APPLICABLE
    run = record_of(found, own=False)
    row = next(row for row in plan_of(STANDARD, run).requirements if row.id == "load.qr.no-lost-use")
    assert row.not_applicable is not None
    assert "--database" in row.not_applicable.en
    assert found.exit_code is Exit.CONFORMANT


def test_a_requirement_without_a_bound_is_not_applicable_and_says_why() -> None:
    found = run_against(Platform(), bounds=bounds_of("city"))
    assert those(verdicts(found), Verdict.NOT_APPLICABLE) == {"load.qr.p50", "load.qr.p999"}


# -- an invalid run ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bent", "broken", "as_what"),
    [
        ({"lag": 0.5}, ON_TIME, Verdict.ERROR),
        ({"ended": False}, COMPLETE, Verdict.INCONCLUSIVE),
        ({"reachable": False}, COMPLETE, Verdict.INCONCLUSIVE),
    ],
)
def test_an_invalid_run_accuses_nobody_of_being_slow(bent: dict[str, float], broken: str, as_what: Verdict) -> None:
    found = run_against(MostlySlow(), **bent)  # type: ignore[arg-type]
    judged = verdicts(found)
    assert judged[broken] is as_what
    assert those(judged, Verdict.FAILED) == set()
    assert judged["load.qr.p50"] is Verdict.INCONCLUSIVE
    assert found.exit_code == exit_code(results(found)) == Exit.INCOMPLETE


def test_a_wrong_accept_counts_in_an_invalid_run_too() -> None:
    found = run_against(ForgedAccepted(), lag=0.5)
    assert those(verdicts(found), Verdict.FAILED) == {"load.qr.no-wrong-accept"}
    assert found.exit_code == exit_code(results(found)) == Exit.NOT_CONFORMANT


@settings(max_examples=25, deadline=None)
@given(
    wrong=st.tuples(*[st.integers(0, 1)] * 3),
    kinds=st.sets(st.sampled_from(["static", "replayed", "forged", "cancelled"])),
    busy=st.booleans(),
    lag=st.sampled_from([0.001, 0.5]),
    milliseconds=st.sampled_from([1, 700, 5000]),
    ended=st.booleans(),
    recorded=st.sampled_from([None, 0, 90]),
    tier=st.sampled_from(sorted(tiers())),
)
def test_command_and_evidence_never_disagree_on_the_exit_code(
    wrong: tuple[int, ...],
    kinds: set[str],
    busy: bool,
    lag: float,
    milliseconds: int,
    ended: bool,
    recorded: int | None,
    tier: str,
) -> None:
    latency, late = recorded_once(milliseconds / 1000), recorded_once(lag)
    answered = 90 if kinds else 0
    outcome = "system.busy" if busy else "accepted"
    counts = Counts(
        scheduled=100,
        started=100,
        answered=answered,
        unserved=answered if busy else 0,
        accepted=0 if busy else answered,
        wrong_accepts=wrong[0] if kinds else 0,
        wrong_refusals=wrong[1] if kinds else 0,
        wrong_reasons=wrong[2] if kinds else 0,
        outcomes={kind: {outcome: 1} for kind in kinds},
    )
    measured = Measured(
        ended=ended,
        seconds=1.0,
        counts=counts,
        response=latency,
        service=latency,
        lag=late,
        wake=late,
    )
    uses = None if recorded is None else Recorded(accepted=recorded, refused=0)
    found = result_of(RunSettings(url="http://127.0.0.1:1", cases=""), measured, uses, bounds_of(tier), tier)
    assert exit_code(results(found)) == found.exit_code


# -- the evidence --------------------------------------------------------------------------------------------------


def test_the_percentiles_of_the_evidence_are_those_of_the_histogram(package: Package) -> None:
    assert package.load is not None
    assert figures_that_differ(package.load) == []


def test_every_verdict_is_derived_again_from_the_figures(package: Package) -> None:
    derived = rederive(package, STANDARD)
    assert len(derived.results) == len(ROWS)
    assert differences(package, derived) == ()


@pytest.mark.parametrize(("figure", "value"), [("p95_ms", 1.0), ("throughput", 9999.0)])
def test_a_figure_that_does_not_follow_from_the_counts_is_noticed(package: Package, figure: str, value: float) -> None:
    assert package.load is not None
    figures = msgspec.structs.replace(package.load.figures, **{figure: value})
    bent = msgspec.structs.replace(package, load=msgspec.structs.replace(package.load, figures=figures))
    assert LOAD in [difference.test for difference in differences(bent, rederive(bent, STANDARD))]


def test_a_verdict_that_does_not_follow_from_the_figures_is_noticed(package: Package) -> None:
    first = package.results.tests[0]
    praised = (TestResult(test=first.test, verdict=Verdict.WARNING), *package.results.tests[1:])
    bent = msgspec.structs.replace(package, results=msgspec.structs.replace(package.results, tests=praised))
    assert first.test in [difference.test for difference in differences(bent, rederive(bent, STANDARD))]


def test_a_load_run_without_its_record_is_no_package(tmp_path: Path) -> None:
    write_evidence(run_of(Platform), tmp_path)
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "evidence.zip") as archive:
        archive.extractall(unpacked)
    (unpacked / LOAD).unlink()
    with pytest.raises(UnusablePackage, match=LOAD):
        read_package(unpacked)


def test_two_runs_with_other_bounds_were_not_held_to_the_same_rules(package: Package, tmp_path: Path) -> None:
    other = write_evidence(run_against(Platform(), bounds=BOUNDS | {"load.qr.p95": 400}), tmp_path)
    assert [change.key for change in compare(package, other).rules] == ["bound.load.qr.p95"]


def test_a_platform_that_became_slow_is_a_step_back(package: Package, tmp_path: Path) -> None:
    comparison = compare(package, write_evidence(run_of(TenthSlow), tmp_path))
    assert comparison.regression
    assert [change.test for change in comparison.tests] == ["load_qr.p95"]
