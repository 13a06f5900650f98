"""Certifying with waivers and comparing runs at the command line, on a card that gives clinical data to anybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from conformance.engine.stand import Stand
from conformance.engine.waivers import read_waivers
from conformance.evidence.model import Overall, Results, Verdict
from conformance.evidence.package import RESULTS, canonical_zip, encode, read_package
from reference.command_line import Exit
from reference.standard import load
from simulators.cards.mutants import registered
from tests.conformance.cli.conftest import Call
from tests.conformance.cli.test_evidence_commands import LAB, signed
from tests.conformance.evidence.test_package import files_of
from tests.runs import certified, demo_stand

CARD = ("certify", "card", "--simulated", "--in-process")
MUTANT = next(mutant for mutant in registered(load()) if mutant.name == "ClinicalDataOpenToAll")
FAILING = (
    "attributes.nothing_of_an_area_is_had_without_its_right[df02]",
    "read_rights.a_failed_authentication_opens_nothing[DDF1/DF02/EF05]",
    "read_rights.a_file_stays_closed_without_its_read_key[DDF1/DF02/EF05]",
    "read_rights.a_right_of_one_application_opens_nothing_in_another",
    "read_rights.no_other_key_of_the_directory_opens_a_file[DDF1/DF02/EF05]",
    "read_rights.no_record_is_given_out_without_the_right[DDF1/DF02]",
)


def rows(*tests: str, kind: str = "waiver", expires: str = "2026-12-31") -> str:
    """A waivers file for these tests; the demo's clock stands at the second of January 2026."""
    granted = 'granted_by = "Commission 1"' if kind == "waiver" else ""
    return "".join(
        f"""
[[waiver]]
id = "W-{number}"
kind = "{kind}"
test = "{test}"
reason = "Mask 2 gives it out."
owner = "Sample Vendor"
{granted}
link = "https://example.org/{number}"
expires = {expires}
expected = "ReadWithoutRight"
subject = "DDF1/DF02/EF05"
"""
        for number, test in enumerate(tests)
    )


@pytest.fixture
def certified_with(
    call: Call, tmp_path: Path, on_the_stand: Callable[[Stand], None]
) -> Callable[[str], tuple[int, str]]:
    """Certifies the mutant with a waivers file of this content into ``tmp_path``; exit code and what was said."""

    def certifying(content: str) -> tuple[int, str]:
        (tmp_path / "waivers.toml").write_text(content, encoding="utf-8")
        on_the_stand(demo_stand(card=MUTANT.make(load())))
        called = call(*CARD, "--waivers", tmp_path / "waivers.toml", "--out", tmp_path)
        return called.code, called.said

    return certifying


def test_a_run_whose_failures_are_all_waived_is_conformant_with_waivers_and_verified_as_such(
    call: Call, tmp_path: Path, certified_with: Callable[[str], tuple[int, str]]
) -> None:
    code, said = certified_with(rows(*FAILING))
    assert code == Exit.CONFORMANT
    assert "conformant with waivers" in said
    assert "Conformant with 6 waivers to profile" in said
    assert "granted by Commission 1, owner Sample Vendor, until 2026-12-31" in said
    package = read_package(tmp_path / "evidence.zip")
    assert package.results.overall is Overall.WITH_WAIVERS
    assert [row.id for row in package.plan.waivers] == [f"W-{number}" for number in range(6)]
    marked = {result.test: (result.verdict, result.waived) for result in package.results.tests if result.waived}
    assert marked == {test: (Verdict.FAILED, (f"W-{number}",)) for number, test in enumerate(FAILING)}
    verified = call("verify", tmp_path / "evidence.zip", "--allow-demo")
    assert verified.code == Exit.CONFORMANT
    assert "conformant with waivers" in verified.said


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (rows(*FAILING, expires="2026-01-01"), Exit.NOT_CONFORMANT, "expired on 2026-01-01"),
        (rows(*FAILING, "no-such-test"), Exit.INCOMPLETE, "matches no test"),
    ],
)
def test_what_is_not_covered_by_valid_waivers_is_never_conformant_and_verify_agrees(
    call: Call,
    tmp_path: Path,
    certified_with: Callable[[str], tuple[int, str]],
    content: str,
    code: Exit,
    says: str,
) -> None:
    found, said = certified_with(content)
    assert found == code
    assert says in said
    assert call("verify", tmp_path / "evidence.zip", "--allow-demo").code == Exit.CONFORMANT


def forgery(results: Results, how: str) -> Results:
    """The results of the mutant, with one lie about waivers."""
    if how == "marks":
        tests = tuple(msgspec.structs.replace(result, waived=()) for result in results.tests)
        return msgspec.structs.replace(results, tests=tests)
    if how == "states":
        return msgspec.structs.replace(results, waivers=results.waivers[1:])
    return msgspec.structs.replace(results, overall=Overall.CONFORMANT)


@pytest.fixture(scope="module")
def waived_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The evidence of the mutant with all its failures waived."""
    out = tmp_path_factory.mktemp("waived")
    (out / "waivers.toml").write_text(rows(*FAILING), encoding="utf-8")
    stand = demo_stand(card=MUTANT.make(load()))
    certified(out, msgspec.structs.replace(stand, waivers=read_waivers(out / "waivers.toml")))
    return out / "evidence.zip"


@pytest.mark.parametrize("how", ["marks", "states", "overall"])
def test_a_lie_about_waivers_is_found_out(call: Call, tmp_path: Path, waived_zip: Path, how: str) -> None:
    files = files_of(waived_zip)
    files[RESULTS] = encode(forgery(msgspec.json.decode(files[RESULTS], type=Results), how))
    called = call("verify", signed(tmp_path / "forged.zip", files, LAB))
    assert called.code == Exit.NOT_CONFORMANT
    assert RESULTS in called.said


def test_a_waivers_file_that_cannot_be_used_ends_the_command_before_the_run(call: Call, tmp_path: Path) -> None:
    (tmp_path / "waivers.toml").write_text(rows("x").replace('"waiver"', '"pardon"'), encoding="utf-8")
    called = call(*CARD, "--waivers", tmp_path / "waivers.toml", "--out", tmp_path / "out")
    assert called.code == Exit.USAGE
    assert "row 1 (W-0)" in called.said
    assert not (tmp_path / "out").exists()


def test_machines_are_told_the_states_of_waivers(
    call: Call, tmp_path: Path, on_the_stand: Callable[[Stand], None]
) -> None:
    (tmp_path / "waivers.toml").write_text(rows("no-such-test"), encoding="utf-8")
    on_the_stand(demo_stand())
    called = call(*CARD, "-k", "structure", "--waivers", tmp_path / "waivers.toml", "--out", tmp_path, "--json")
    assert called.code == Exit.INCOMPLETE
    assert json.loads(called.out)["waivers"] == {"W-0": "unmatched"}


def test_a_later_run_of_what_failed_settles_waivers_anew(
    call: Call, tmp_path: Path, waived_zip: Path, on_the_stand: Callable[[Stand], None]
) -> None:
    on_the_stand(demo_stand(card=MUTANT.make(load())))
    without = call(*CARD, "--rerun", waived_zip, "--out", tmp_path)
    assert without.code == Exit.NOT_CONFORMANT
    package = read_package(tmp_path / "evidence.zip")
    assert not any(result.waived for result in package.results.tests)
    assert call("verify", tmp_path / "evidence.zip", "--allow-demo").code == Exit.CONFORMANT


def test_a_step_back_is_shown_with_its_tests_and_exits_with_1(
    call: Call, tmp_path: Path, evidence_zip: Path, waived_zip: Path
) -> None:
    called = call("compare", evidence_zip, waived_zip, "--json", tmp_path / "changes.json")
    assert called.code == Exit.NOT_CONFORMANT
    assert "B is a step back (worse: 8, disappeared: 0, better: 0, new: 0)." in called.said
    told = json.loads((tmp_path / "changes.json").read_bytes())
    worse = {row["test"]: row["after"] for row in told["tests"] if row["direction"] == "worse"}
    assert {test for test, verdict in worse.items() if verdict == "failed"} == set(FAILING)
    assert (told["regression"], told["before"]["overall"], told["after"]["overall"]) == (
        True,
        "conformant",
        "conformant-with-waivers",
    )
    assert len(told["waivers"]) == len(FAILING)
    back = call("compare", waived_zip, evidence_zip, "--lang", "zh")
    assert back.code == Exit.CONFORMANT
    assert "变好 8" in back.said


def test_a_run_compared_with_itself_has_no_differences(call: Call, evidence_zip: Path, tmp_path: Path) -> None:
    called = call("compare", evidence_zip, evidence_zip, "--json", tmp_path / "same.json")
    assert called.code == Exit.CONFORMANT
    told = json.loads((tmp_path / "same.json").read_bytes())
    lists = ("tests", "appeared", "disappeared", "requirements", "rules", "circumstances", "waivers")
    assert [told[name] for name in lists] == [[]] * len(lists)


def test_packages_that_cannot_be_compared_are_named(call: Call, evidence_zip: Path, tmp_path: Path) -> None:
    missing = call("compare", evidence_zip, tmp_path / "no-such.zip")
    assert (missing.code, "no-such.zip" in missing.said) == (Exit.USAGE, True)
    files = files_of(evidence_zip)
    files[RESULTS] = files[RESULTS].replace(b"passed", b"failed", 1)
    (tmp_path / "changed.zip").write_bytes(canonical_zip(files))
    for pair in ((evidence_zip, tmp_path / "changed.zip"), (tmp_path / "changed.zip", evidence_zip)):
        changed = call("compare", *pair)
        assert changed.code == Exit.INCOMPLETE
        assert "results.json" in changed.said
    unwritable = call("compare", evidence_zip, evidence_zip, "--json", tmp_path / "no-such-folder" / "f.json")
    assert (unwritable.code, "Name another file" in unwritable.said) == (Exit.USAGE, True)
