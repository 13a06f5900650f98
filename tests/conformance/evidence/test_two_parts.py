"""Both parts of a package of real data, file by file: what stands where, and what a changed file gives away."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from conformance.evidence.model import Exchange, Finding, Results, TestResult, Verdict
from conformance.evidence.package import (
    EXPECTED,
    PLAN,
    RESULTS,
    Package,
    UnusablePackage,
    encode,
    read_package,
    transcript_path,
)
from conformance.evidence.redaction import MARK, SALT_LENGTH, WITHHELD
from conformance.evidence.sealing import ENVELOPE, SALT, SEALED, Recipient, Seal, seal_of
from conformance.evidence.signing import demo_signer
from conformance.evidence.two_parts import TwoPartWriter
from conformance.evidence.unsealing import not_the_redaction, unseal
from reference.crypto import SigningKey
from reference.languages import Text, say
from reference.standard import load
from simulators.sources import SeededRandomness
from tests.reports.packages import CLOSED, LENGTH, OPENS, package
from tests.reports.packages import MANIFEST as HEAD
from tests.reports.packages import PLAN as A_PLAN

LABORATORY = SigningKey(bytes(31) + b"\x09")
RECIPIENT = Recipient("Laboratory", LABORATORY.public_key().hex())
STANDARD = load()
READING, OPEN, SILENT, STRANGER = OPENS, CLOSED, LENGTH, "not.planned"
STATED = {"DDF1/EF05": {"spec-version": "1.10"}, "DDF1/EF06": {"name": "张三"}}


def apdu(sent: str, received: str) -> Exchange:
    return Exchange(channel="card", kind="apdu", sent=sent, received=received, at_us=0, took_us=1)


SELECT = apdu("00A4000002EF06", "9000")
READ = (SELECT, apdu("00B2010400", "0C01319000"), apdu("00B2020400", "0D01329000"))
WHY = Text("ZeroDivisionError: 7", "ZeroDivisionError: 7")
WHOLE = (
    TestResult(test=READING, verdict=Verdict.BLOCKED, reason=WHY, exchanges=3),
    TestResult(test=OPEN, verdict=Verdict.PASSED, exchanges=1),
    TestResult(test=SILENT, verdict=Verdict.ERROR, reason=WHY),
    TestResult(test=STRANGER, verdict=Verdict.SKIPPED, reason=WHY),
)


@pytest.fixture
def sealed(tmp_path: Path) -> Package:
    """A package of what counts as real data, written without a run; anew for each test, which thus reaches the code."""
    writer = TwoPartWriter(tmp_path / "partial", STANDARD, RECIPIENT, SeededRandomness(5))
    writer.keep_record(PLAN, A_PLAN)
    writer.keep_transcript(READING, READ)
    writer.keep_transcript(OPEN, (SELECT,))
    writer.keep_results(msgspec.structs.replace(package().results, tests=WHOLE))
    writer.keep_expected(STATED)
    writer.seal(msgspec.structs.replace(HEAD, data_set="real"), demo_signer(), tmp_path / "evidence.zip")
    return read_package(tmp_path / "evidence.zip")


@pytest.fixture
def seal(sealed: Package) -> Seal:
    return seal_of(sealed.sealed[ENVELOPE], LABORATORY)


def opened(sealed: Package, seal: Seal, path: str) -> bytes:
    return seal.open(SEALED + path, sealed.sealed[SEALED + path])


# -- writing -----------------------------------------------------------------------------------------------------


def test_the_public_part_is_redacted_and_the_sealed_part_whole(sealed: Package, seal: Seal) -> None:
    public, whole = sealed.transcript(READING), unseal(sealed, LABORATORY).package.transcript(READING)
    assert [exchange.received for exchange in public] == ["9000", MARK * 3 + "9000", MARK * 3 + "9000"]
    assert whole == READ
    assert len({part.digest for exchange in public for part in exchange.withheld}) == 2
    lines = opened(sealed, seal, transcript_path(READING)).splitlines()
    assert tuple(msgspec.json.decode(line, type=Exchange) for line in lines) == whole


def test_only_what_is_withheld_is_sealed(sealed: Package) -> None:
    transcripts = {path for path in sealed.sealed if "transcripts" in path}
    assert transcripts == {SEALED + transcript_path(READING)}
    assert set(sealed.sealed) - transcripts == {ENVELOPE, *(SEALED + path for path in (SALT, RESULTS, EXPECTED))}
    assert sealed.transcript(OPEN)
    assert not any(exchange.withheld for exchange in sealed.transcript(OPEN))
    assert sealed.transcript(SILENT) == ()
    assert sealed.manifest.sealed_for == RECIPIENT.public_key


def test_the_results_of_both_parts(sealed: Package) -> None:
    public = {result.test: result for result in sealed.results.tests}
    whole = {result.test: result for result in unseal(sealed, LABORATORY).package.results.tests}
    withheld = {READING: True, OPEN: False, SILENT: True, STRANGER: False}
    assert {test: result.withheld for test, result in public.items()} == withheld
    assert (public[READING].reason, public[SILENT].reason, public[STRANGER].reason) == (WITHHELD, WITHHELD, WHY)
    assert tuple(whole.values()) == WHOLE
    assert sealed.results.overall == unseal(sealed, LABORATORY).package.results.overall


def test_what_the_sample_was_made_with_is_stated_here_and_whole_there(sealed: Package) -> None:
    whole = unseal(sealed, LABORATORY).package.expected
    assert sealed.expected == {"DDF1/EF05": {"spec-version": "1.10"}, "DDF1/EF06": {"name": "*"}}
    assert whole == STATED


def test_the_salt_is_random_and_of_its_length(sealed: Package) -> None:
    salt = unseal(sealed, LABORATORY).salt
    assert (len(salt), salt) == (SALT_LENGTH, SeededRandomness(5).bytes(SALT_LENGTH))


def test_nothing_personal_is_on_the_disk_before_the_run_is_over(tmp_path: Path) -> None:
    writer = TwoPartWriter(tmp_path / "partial", STANDARD, RECIPIENT, SeededRandomness(1))
    read = Exchange(channel="card", kind="apdu", sent="00B2010400", received="0C01319000", at_us=0, took_us=1)
    finding = Finding(
        violation="WrongContent",
        subject="s",
        requirement="r",
        summary=say("no results"),
        expected=say("passed"),
        actual=say("failed"),
        source="s",
        causes=(),
        remedy=say("passed"),
        exchange=0,
    )
    results = Results(
        schema_version=2,
        overall="incomplete",  # type: ignore[arg-type]
        because=say("no results"),
        tests=(TestResult(test="t", verdict=Verdict.FAILED, findings=(finding,)),),
    )
    writer.keep_transcript("t", (read,))
    writer.keep_results(results)
    writer.keep_expected({"DDF1/EF06": {"name": "Someone"}})
    (kept,) = msgspec.json.decode(writer.files[RESULTS], type=Results).tests
    assert (kept.withheld, kept.findings[0].actual) == (True, WITHHELD)
    seal = writer.seal_of_files
    assert seal.open(SEALED + RESULTS, writer.files[SEALED + RESULTS]) == encode(results)
    assert b"Someone" not in b"".join(path.read_bytes() for path in (tmp_path / "partial").rglob("*") if path.is_file())
    assert writer.files[SEALED + EXPECTED] == (tmp_path / "partial" / SEALED / EXPECTED).read_bytes()


# -- opening -----------------------------------------------------------------------------------------------------


def with_sealed(sealed: Package, seal: Seal, path: str, data: bytes | None) -> Package:
    """The package with another sealed file, closed as its laboratory would; None takes it away."""
    files = {name: kept for name, kept in sealed.sealed.items() if name != SEALED + path}
    if data is not None:
        files[SEALED + path] = seal.close(SEALED + path, data, SeededRandomness(9))
    return msgspec.structs.replace(sealed, sealed=files)


def test_an_untouched_package_is_the_redaction_of_its_sealed_part(sealed: Package) -> None:
    assert not_the_redaction(sealed, unseal(sealed, LABORATORY), STANDARD) == ()


def test_each_public_file_that_is_not_the_redaction_is_named(sealed: Package) -> None:
    opened = unseal(sealed, LABORATORY)
    cut = sealed.transcripts | {READING: sealed.transcript(READING)[:-1]}
    tests = (msgspec.structs.replace(sealed.results.tests[0], exchanges=99), *sealed.results.tests[1:])
    forged = msgspec.structs.replace(
        sealed, transcripts=cut, results=msgspec.structs.replace(sealed.results, tests=tests), expected={}
    )
    assert not_the_redaction(forged, opened, STANDARD) == (transcript_path(READING), RESULTS, EXPECTED)
    for fields, path in (
        ({"transcripts": cut}, transcript_path(READING)),
        ({"results": forged.results}, RESULTS),
        ({"expected": {}}, EXPECTED),
    ):
        assert not_the_redaction(msgspec.structs.replace(sealed, **fields), opened, STANDARD) == (path,)


@pytest.mark.parametrize("path", [SALT, RESULTS, EXPECTED])
def test_a_sealed_file_that_is_missing_or_has_a_broken_seal_is_named(sealed: Package, seal: Seal, path: str) -> None:
    with pytest.raises(UnusablePackage) as missing:
        unseal(with_sealed(sealed, seal, path, None), LABORATORY)
    assert (missing.value.part, missing.value.reason.en) == (SEALED + path, "the sealed part lacks this file")
    files = sealed.sealed | {SEALED + path: sealed.sealed[SEALED + path][:-1] + b"\0"}
    with pytest.raises(UnusablePackage) as broken:
        unseal(msgspec.structs.replace(sealed, sealed=files), LABORATORY)
    assert broken.value.part == SEALED + path
    assert broken.value.reason.en.startswith("the seal of this file is broken")


@pytest.mark.parametrize("path", [RESULTS, EXPECTED, transcript_path(READING)])
def test_a_sealed_file_of_another_form_is_named(sealed: Package, seal: Seal, path: str) -> None:
    with pytest.raises(UnusablePackage) as fault:
        unseal(with_sealed(sealed, seal, path, b"[7]\n"), LABORATORY)
    assert fault.value.part == SEALED + path
    assert fault.value.reason.en.startswith("the file does not have the expected form: Expected `object`")
    assert "Expected" in fault.value.reason.zh


def test_a_package_without_a_sealed_part_says_so(sealed: Package) -> None:
    files = {path: data for path, data in sealed.sealed.items() if path != ENVELOPE}
    with pytest.raises(UnusablePackage) as fault:
        unseal(msgspec.structs.replace(sealed, sealed=files), LABORATORY)
    assert (fault.value.part, "nothing in it is withheld" in fault.value.reason.en) == (ENVELOPE, True)


def test_what_is_open_is_left_as_it_is(sealed: Package) -> None:
    whole = unseal(sealed, LABORATORY).package
    assert whole.transcript(OPEN) == sealed.transcript(OPEN)
    assert (whole.manifest, whole.plan, whole.signature) == (sealed.manifest, sealed.plan, sealed.signature)
    assert PLAN not in {path.removeprefix(SEALED) for path in sealed.sealed}
