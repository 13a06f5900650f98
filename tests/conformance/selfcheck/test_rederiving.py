"""Verdicts derived again from transcripts: the same for an honest package, different wherever one was altered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from conformance.evidence.model import Exchange, Overall, Results, TestResult, Verdict
from conformance.evidence.package import Package
from conformance.rederiving import CannotRederive, differences, judge_again, rederive
from reference.languages import Text
from reference.standard import load
from simulators.cards.mutants import registered
from tests.runs import LostAfter, certified, demo_stand

STANDARD = load()
MUTANT = next(mutant for mutant in registered(STANDARD) if mutant.name == "ClinicalDataOpenToAll")
OPEN_FILE = "read_rights.a_file_stays_closed_without_its_read_key[DDF1/DF02/EF05]"
CLOSED_FILE = "read_rights.a_file_stays_closed_without_its_read_key[DDF1/DF02/EF06]"


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The evidence of a card that is not conformant, narrowed to one module."""
    stand = demo_stand(card=MUTANT.make(STANDARD))
    return certified(tmp_path_factory.mktemp("mutant"), stand, select="read_rights")


def altered(package: Package, test: str, change: Callable[[TestResult], TestResult]) -> Package:
    """The package with one result changed, as an attacker re-signs it."""
    tests = tuple(change(result) if result.test == test else result for result in package.results.tests)
    assert tests != package.results.tests
    return msgspec.structs.replace(package, results=msgspec.structs.replace(package.results, tests=tests))


def different(package: Package) -> list[str]:
    return [difference.test for difference in differences(package, rederive(package, STANDARD))]


def test_an_honest_package_comes_out_the_same(package: Package, failed: Package) -> None:
    assert different(package) == []
    assert different(failed) == []
    assert failed.results.overall is Overall.NOT_CONFORMANT


def test_what_failed_fails_again_with_the_same_findings(failed: Package) -> None:
    derived = rederive(failed, STANDARD).results
    recorded = {result.test: result for result in failed.results.tests}
    assert recorded[OPEN_FILE].verdict is Verdict.FAILED
    assert derived[OPEN_FILE].findings == recorded[OPEN_FILE].findings


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.FAILED])
def test_a_failure_that_was_made_something_else_is_found(failed: Package, verdict: Verdict) -> None:
    """Trap 5: a verdict is derived from what was seen, never taken over; a failure cannot be hidden as skipped."""
    forged = altered(failed, OPEN_FILE, lambda result: TestResult(test=result.test, verdict=verdict, exchanges=99))
    assert OPEN_FILE in different(forged)


def test_a_failure_that_was_left_out_is_found(failed: Package) -> None:
    tests = tuple(result for result in failed.results.tests if result.test != OPEN_FILE)
    results = msgspec.structs.replace(failed.results, tests=tests)
    assert OPEN_FILE in different(msgspec.structs.replace(failed, results=results))


def test_a_finding_that_was_removed_is_found(failed: Package) -> None:
    forged = altered(failed, OPEN_FILE, lambda result: msgspec.structs.replace(result, findings=()))
    assert OPEN_FILE in different(forged)


def test_a_pass_that_was_made_a_failure_is_found(package: Package) -> None:
    forged = altered(package, CLOSED_FILE, lambda result: msgspec.structs.replace(result, verdict=Verdict.FAILED))
    assert different(forged)[0] == CLOSED_FILE


def test_an_overall_verdict_that_does_not_follow_is_found(failed: Package) -> None:
    for change in (
        {"overall": Overall.CONFORMANT},
        {"because": Text("All is well.", "一切正常。")},
        {"narrowed": False},
    ):
        results = msgspec.structs.replace(failed.results, **change)
        assert different(msgspec.structs.replace(failed, results=results)) == ["results.json"]


def test_a_plan_that_was_made_smaller_or_milder_is_found(failed: Package) -> None:
    plan = failed.plan
    fewer = msgspec.structs.replace(plan, tests=tuple(test for test in plan.tests if test.id != OPEN_FILE))
    not_mine = Text("not mine", "与我无关")
    milder = msgspec.structs.replace(
        plan, requirements=tuple(msgspec.structs.replace(row, not_applicable=not_mine) for row in plan.requirements)
    )
    for forged in (fewer, milder):
        assert different(msgspec.structs.replace(failed, plan=forged)) == ["plan.json"]


@pytest.mark.parametrize("change", ["answer", "shorter", "longer", "other command", "empty"])
def test_a_transcript_that_does_not_fit_its_verdict_is_found(package: Package, change: str) -> None:
    exchanges = package.transcript(CLOSED_FILE)
    last = exchanges[-1]
    changed: dict[str, tuple[Exchange, ...]] = {
        "answer": (*exchanges[:-1], msgspec.structs.replace(last, received="01039000")),
        "shorter": exchanges[:-1],
        "longer": (*exchanges, last),
        "other command": (*exchanges[:-1], msgspec.structs.replace(last, sent="00B2020400")),
        "empty": (),
    }
    forged = msgspec.structs.replace(package, transcripts=package.transcripts | {CLOSED_FILE: changed[change]})
    assert CLOSED_FILE in different(forged)


def test_a_run_that_ended_early_comes_out_the_same(tmp_path: Path) -> None:
    package = certified(tmp_path, demo_stand(card=LostAfter(MUTANT.make(STANDARD), 500)))
    assert package.results.stopped is not None
    assert different(package) == []


@pytest.mark.parametrize("change", [{"suite_digest": "00" * 32}, {"standard_digest": "00" * 32}])
def test_another_suite_or_other_tables_are_refused_with_the_tool_to_use(
    package: Package, change: dict[str, str]
) -> None:
    """Trap 8: a verdict is bound to the suite and the tables that it was drawn with."""
    forged = msgspec.structs.replace(package, manifest=msgspec.structs.replace(package.manifest, **change))
    with pytest.raises(CannotRederive) as fault:
        rederive(forged, STANDARD)
    assert package.manifest.environment.tool in fault.value.text.en


def test_another_kind_of_product_is_refused(package: Package) -> None:
    product = msgspec.structs.replace(package.manifest.product, kind="toaster")
    forged = msgspec.structs.replace(package, manifest=msgspec.structs.replace(package.manifest, product=product))
    with pytest.raises(CannotRederive, match="toaster"):
        rederive(forged, STANDARD)


def test_one_test_is_judged_again_with_the_twin_that_it_leans_on(package: Package, failed: Package) -> None:
    assert judge_again(package, STANDARD, CLOSED_FILE).verdict is Verdict.PASSED
    again = judge_again(failed, STANDARD, OPEN_FILE)
    (recorded,) = (result for result in failed.results.tests if result.test == OPEN_FILE)
    assert (again.verdict, again.findings) == (recorded.verdict, recorded.findings)


def test_results_of_another_form_are_no_results() -> None:
    """Trap 10: an unknown field is refused."""
    with pytest.raises(msgspec.ValidationError, match="extra"):
        msgspec.json.decode(
            b'{"schema_version": 1, "overall": "conformant", "because": {"en": "", "zh": ""}, "tests": [], "extra": 1}',
            type=Results,
        )
