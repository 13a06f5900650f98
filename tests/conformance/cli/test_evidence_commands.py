"""verify and replay at the command line: what each exit code stands for."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from conformance.evidence.model import Manifest, Results, TestResult, Verdict
from conformance.evidence.package import MANIFEST, RESULTS, SIGNATURE, canonical_zip, digest, encode
from conformance.evidence.signing import Signer, demo_signer
from reference.command_line import Exit
from reference.crypto import SigningKey
from reference.standard import load
from simulators.cards.mutants import registered
from tests.conformance.cli.conftest import Call
from tests.conformance.evidence.test_package import files_of
from tests.runs import certified, demo_stand

LAB = Signer("Lab 1", "laboratory", SigningKey(bytes(31) + b"\x09"))
MUTANT = next(mutant for mutant in registered(load()) if mutant.name == "ClinicalDataOpenToAll")
FAILED = "read_rights.a_file_stays_closed_without_its_read_key[DDF1/DF02/EF05]"


def signed(path: Path, files: dict[str, bytes], signer: Signer, **head: object) -> Path:
    """A package of these files under a signer's own signature."""
    manifest = msgspec.json.decode(files[MANIFEST], type=Manifest)
    others = {name: data for name, data in files.items() if name not in (MANIFEST, SIGNATURE)}
    digests = tuple(digest(name, others[name]) for name in sorted(others))
    data = encode(msgspec.structs.replace(manifest, files=digests, **head))
    path.write_bytes(canonical_zip(others | {MANIFEST: data, SIGNATURE: encode(signer.sign(data))}))
    return path


@pytest.fixture(scope="module")
def failed_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The evidence of a card that gives clinical data to anybody."""
    out = tmp_path_factory.mktemp("mutant")
    certified(out, demo_stand(card=MUTANT.make(load())), select="read_rights")
    return out / "evidence.zip"


def test_demo_evidence_is_incomplete_unless_it_is_allowed(call: Call, short_zip: Path) -> None:
    """Trap 18: a published key proves nothing."""
    refused = call("verify", short_zip)
    assert refused.code == Exit.INCOMPLETE
    assert "--allow-demo" in refused.said
    assert call("verify", short_zip, "--allow-demo").code == Exit.CONFORMANT


def test_a_trusted_signer_is_accepted_and_an_unknown_one_is_not(call: Call, short_zip: Path, tmp_path: Path) -> None:
    path = signed(tmp_path / "lab.zip", files_of(short_zip), LAB)
    trust = tmp_path / "trust.txt"
    trust.write_text(f"# laboratories\n{LAB.key.public_key().hex().upper()}  # Lab 1\n", encoding="utf-8")
    accepted = call("verify", path, "--trust", trust)
    assert (accepted.code, "Lab 1" in accepted.said) == (Exit.CONFORMANT, True)
    for options in ((), ("--allow-demo",)):
        unknown = call("verify", path, *options)
        assert unknown.code == Exit.INCOMPLETE
        assert "--trust" in unknown.said


def test_a_list_of_trusted_signers_that_cannot_be_read_is_named(call: Call, short_zip: Path, tmp_path: Path) -> None:
    called = call("verify", short_zip, "--trust", tmp_path / "no-such.txt")
    assert (called.code, "no-such.txt" in called.said) == (Exit.USAGE, True)


def test_a_changed_file_is_named_and_nothing_is_executed(call: Call, short_zip: Path, tmp_path: Path) -> None:
    files = files_of(short_zip)
    files[RESULTS] = files[RESULTS].replace(b"passed", b"failed", 1)
    (tmp_path / "changed.zip").write_bytes(canonical_zip(files))
    called = call("verify", tmp_path / "changed.zip", "--allow-demo")
    assert called.code == Exit.NOT_CONFORMANT
    assert "results.json" in called.said
    assert "bytes 0 and following" in called.said
    assert "Nothing was executed" in called.said


@pytest.mark.parametrize("head", [{"suite_digest": "00" * 32}, {"standard_digest": "00" * 32}])
def test_evidence_of_another_suite_or_other_tables_is_refused(
    call: Call, short_zip: Path, tmp_path: Path, head: dict[str, str]
) -> None:
    path = signed(tmp_path / "other.zip", files_of(short_zip), demo_signer(), **head)
    called = call("verify", path, "--allow-demo")
    assert called.code == Exit.INCOMPLETE
    assert "another version" in called.said or "other tables" in called.said


@pytest.mark.parametrize("verdict", [Verdict.PASSED, Verdict.SKIPPED, Verdict.NOT_APPLICABLE, Verdict.WARNING])
def test_a_verdict_that_an_attacker_changed_and_signed_is_found(
    call: Call, failed_zip: Path, tmp_path: Path, verdict: Verdict
) -> None:
    files = files_of(failed_zip)
    results = msgspec.json.decode(files[RESULTS], type=Results)
    tests = tuple(
        TestResult(test=result.test, verdict=verdict, exchanges=result.exchanges) if result.test == FAILED else result
        for result in results.tests
    )
    files[RESULTS] = encode(msgspec.structs.replace(results, tests=tests))
    path = signed(tmp_path / "forged.zip", files, LAB)
    called = call("verify", path)
    assert called.code == Exit.NOT_CONFORMANT
    assert FAILED in called.said


def test_verification_is_there_for_machines(call: Call, short_zip: Path) -> None:
    called = call("verify", short_zip, "--allow-demo", "--json")
    told = json.loads(called.out)
    assert (told["standing"], told["differences"], told["overall"]) == ("demo", [], "incomplete")


def test_a_failed_test_is_reproduced_from_its_recording(call: Call, failed_zip: Path) -> None:
    called = call("replay", failed_zip, FAILED)
    assert called.code == Exit.CONFORMANT
    assert "recorded failed, played back failed" in called.said
    assert MUTANT.breaks[0] in called.said
    assert "READ RECORD" in called.said


def test_a_part_of_the_name_finds_the_one_that_failed(call: Call, failed_zip: Path) -> None:
    called = call("replay", failed_zip, "stays_closed_without", "--lang", "zh")
    assert called.code == Exit.CONFORMANT
    assert FAILED in called.said


def test_a_passed_refusal_is_played_back_with_its_twin(call: Call, short_zip: Path) -> None:
    called = call("replay", short_zip, FAILED)
    assert (called.code, "recorded passed, played back passed" in called.said) == (Exit.CONFORMANT, True)


def test_a_recording_that_does_not_give_the_verdict_is_told(call: Call, failed_zip: Path, tmp_path: Path) -> None:
    files = files_of(failed_zip)
    path = next(name for name in files if "stays_closed_without" in name and "DF02_EF05" in name)
    files[path] = b"".join(files[path].splitlines(keepends=True)[:-1])
    called = call("replay", signed(tmp_path / "cut.zip", files, LAB), FAILED)
    assert (called.code, "played back error" in called.said) == (Exit.NOT_CONFORMANT, True)


def test_evidence_made_with_other_tables_is_not_replayed(call: Call, short_zip: Path, tmp_path: Path) -> None:
    path = signed(tmp_path / "other.zip", files_of(short_zip), demo_signer(), standard_digest="00" * 32)
    assert call("replay", path, FAILED).code == Exit.INCOMPLETE


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A profile of somebody's own, and the evidence of a narrowed run under it."""
    out = tmp_path_factory.mktemp("mine")
    profile = out / "mine.toml"
    profile.write_bytes((load().root / "profiles" / "national-2012.toml").read_bytes())
    certified(out, demo_stand(load(profile)), select="read_rights")
    return profile, out / "evidence.zip"


def test_evidence_of_a_profile_of_ones_own_is_judged_again_with_its_file(call: Call, mine: tuple[Path, Path]) -> None:
    profile, path = mine
    assert call("verify", path, "--allow-demo", "--profile", profile).code == Exit.CONFORMANT
    shown = call("replay", path, FAILED, "--profile", profile)
    assert shown.code == Exit.CONFORMANT
    assert "recorded passed, played back passed" in shown.said
    assert "READ RECORD" in shown.said


@pytest.mark.parametrize("command", [("verify", "--allow-demo"), ("replay", FAILED)])
def test_evidence_of_a_profile_of_ones_own_asks_for_its_file(
    call: Call, mine: tuple[Path, Path], command: tuple[str, str]
) -> None:
    called = call(command[0], mine[1], command[1])
    assert called.code == Exit.INCOMPLETE
    assert "mine" in called.said
    assert "--profile" in called.said


def test_another_profile_than_that_of_the_run_is_refused(
    call: Call, mine: tuple[Path, Path], short_zip: Path, tmp_path: Path
) -> None:
    called = call("verify", short_zip, "--allow-demo", "--profile", mine[0])
    assert called.code == Exit.INCOMPLETE
    assert "national-2012, not mine" in called.said
    other = tmp_path / "mine.toml"
    other.write_text(mine[0].read_text("utf-8") + "\n# changed\n", encoding="utf-8")
    changed = call("verify", mine[1], "--allow-demo", "--profile", other)
    assert (changed.code, "another profile" in changed.said) == (Exit.INCOMPLETE, True)


def test_a_profile_file_that_is_not_there_is_named(call: Call, mine: tuple[Path, Path], tmp_path: Path) -> None:
    called = call("verify", mine[1], "--allow-demo", "--profile", tmp_path / "no-such.toml")
    assert (called.code, "no-such.toml" in called.said) == (Exit.USAGE, True)


def test_levels_bases_and_verdicts_have_chinese_names(call: Call, short_zip: Path) -> None:
    said = call("explain", "card.ddf1.ef05.read-free", "--lang", "zh").said
    assert "应，规范性" in said
    assert "通过" in call("replay", short_zip, FAILED, "--lang", "zh").said
