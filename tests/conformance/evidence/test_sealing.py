"""The sealed part: opened by its laboratory alone, and found out when anything in it was changed or exchanged."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.certifying import Laboratory, UnfitDataSet, certify
from conformance.engine.run import Progress
from conformance.evidence.model import Waiver
from conformance.evidence.package import RESULTS, Package, UnusablePackage
from conformance.evidence.sealing import (
    ENVELOPE,
    SEALED,
    BrokenSeal,
    Envelope,
    Recipient,
    Seal,
    UnusableSealingKey,
    new_seal,
    opening_key_from,
    recipient_from,
    seal_of,
)
from conformance.evidence.signing import demo_signer
from conformance.evidence.unsealing import not_the_redaction, unseal
from conformance.rederiving import differences, needing_the_sealed_part, rederive
from reference.crypto import SigningKey
from reference.operating_system import SystemRandomness
from reference.standard import load
from simulators.sources import SeededRandomness
from tests.conformance.cli.conftest import Called, call
from tests.runs import demo_stand

__all__ = ["call"]

LABORATORY, STRANGER = SigningKey(bytes(31) + b"\x09"), SigningKey(bytes(31) + b"\x0b")
RECIPIENT = Recipient("Laboratory", LABORATORY.public_key().hex())
SEAL = Seal(bytes(32))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sealed")


@pytest.fixture(scope="module")
def sealed(folder: Path) -> Package:
    """A narrowed run of the demo card as real data."""
    return certify(
        msgspec.structs.replace(demo_stand(), data_set="real"),
        "card",
        folder,
        signer=demo_signer(),
        laboratory=Laboratory("Lab", "Operator"),
        progress=Progress(),
        pytest_arguments=("-k", "read_rights"),
        recipient=RECIPIENT,
        randomness=SeededRandomness(5),
    )


@given(st.binary(max_size=200), st.integers(0, 2**32))
def test_what_was_sealed_opens_again(data: bytes, seed: int) -> None:
    hidden = SEAL.close("sealed/x", data, SeededRandomness(seed))
    assert SEAL.open("sealed/x", hidden) == data
    assert len(data) < 5 or data not in hidden


@pytest.mark.parametrize("at", [0, 15, 16, -33, -32, -1])
def test_a_changed_byte_breaks_the_seal(at: int) -> None:
    hidden = bytearray(SEAL.close("sealed/x", b"some data", SeededRandomness(1)))
    hidden[at] ^= 0x80
    with pytest.raises(BrokenSeal):
        SEAL.open("sealed/x", bytes(hidden))


def test_a_file_under_another_name_or_cut_short_breaks_the_seal() -> None:
    hidden = SEAL.close("sealed/x", b"some data", SeededRandomness(1))
    for path, data in (("sealed/y", hidden), ("sealed/x", hidden[:40]), ("sealed/x", b"")):
        with pytest.raises(BrokenSeal):
            SEAL.open(path, data)


def test_two_runs_have_different_content_keys() -> None:
    keys = {new_seal(RECIPIENT, SystemRandomness())[1].content_key for _ in range(2)}
    assert len(keys) == 2


def test_the_laboratory_opens_the_envelope_and_nobody_else() -> None:
    seal, envelope = new_seal(RECIPIENT, SeededRandomness(2))
    written = msgspec.json.encode(envelope)
    hidden = seal.close("p", b"data", SeededRandomness(3))
    assert seal_of(written, LABORATORY).open("p", hidden) == b"data"
    for content, key in ((written, STRANGER), (b"{}", LABORATORY), (b"", LABORATORY)):
        with pytest.raises(UnusableSealingKey):
            seal_of(content, key)


def test_with_the_key_all_verdicts_are_derived_and_without_it_some(sealed: Package) -> None:
    standard = load()
    public = rederive(sealed, standard)
    assert public.closed == needing_the_sealed_part(sealed)
    assert (differences(sealed, public), bool(public.closed)) == ((), True)
    opened = unseal(sealed, LABORATORY)
    whole = rederive(opened.package, standard)
    assert (differences(opened.package, whole), whole.closed) == ((), frozenset())
    assert len(whole.results) == len(public.results) + len(public.closed)


def test_a_public_part_that_is_not_the_redaction_of_the_sealed_one_is_found(sealed: Package) -> None:
    standard = load()
    opened = unseal(sealed, LABORATORY)
    test = next(id for id, exchanges in sealed.transcripts.items() if any(one.withheld for one in exchanges))
    first, *rest = sealed.transcript(test)
    forged = msgspec.structs.replace(first, received="6A82")
    other = msgspec.structs.replace(sealed, transcripts=sealed.transcripts | {test: (forged, *rest)})
    assert not_the_redaction(sealed, opened, standard) == ()
    assert len(not_the_redaction(other, opened, standard)) == 1
    stated = msgspec.structs.replace(sealed, expected={})
    assert not_the_redaction(stated, opened, standard) == ("expected.json",)


@pytest.mark.parametrize("path", [RESULTS, "salt"])
def test_a_sealed_file_that_is_missing_or_exchanged_is_named(sealed: Package, path: str) -> None:
    lacking = {name: data for name, data in sealed.sealed.items() if name != SEALED + path}
    exchanged = sealed.sealed | {SEALED + path: sealed.sealed[SEALED + "expected.json"]}
    for files in (lacking, exchanged):
        with pytest.raises(UnusablePackage, match=path):
            unseal(msgspec.structs.replace(sealed, sealed=files), LABORATORY)


def test_a_package_of_made_up_data_has_nothing_to_open(package: Package) -> None:
    assert (package.sealed, package.manifest.sealed_for) == ({}, "")
    with pytest.raises(UnusablePackage, match="no sealed part"):
        unseal(package, LABORATORY)


def test_the_envelope_names_the_laboratory_and_its_public_key(sealed: Package) -> None:
    envelope = msgspec.json.decode(sealed.sealed[ENVELOPE], type=Envelope)
    assert (envelope.laboratory, envelope.public_key) == ("Laboratory", RECIPIENT.public_key)


def test_data_sets_that_do_not_fit_the_request_are_refused(tmp_path: Path, sealed: Package) -> None:
    stand = demo_stand()
    real = msgspec.structs.replace(stand, data_set="real")
    waiver = Waiver(
        id="w",
        kind="expected-failure",
        test="*",
        reason="r",
        owner="o",
        link="l",
        expires=datetime.date(2030, 1, 1),
        expected="X",
        message="m",
    )
    with_message = msgspec.structs.replace(real, waivers=(waiver,))
    for refused, recipient, earlier, says in (
        (real, None, None, "--seal-for"),
        (stand, RECIPIENT, None, "leave out --seal-for"),
        (real, RECIPIENT, sealed, "whole suite"),
        (with_message, RECIPIENT, None, "name its subject"),
    ):
        with pytest.raises(UnfitDataSet, match=says):
            certify(
                refused,
                "card",
                tmp_path,
                signer=demo_signer(),
                laboratory=Laboratory(),
                progress=Progress(),
                earlier=earlier,
                recipient=recipient,
            )


@pytest.mark.parametrize("content", ["", "{}", '{"laboratory": "L", "public_key": "00"}', '{"laboratory": 1}'])
def test_an_unusable_sealing_key_is_named_with_what_is_wanted(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lab.json"
    path.write_text(content, encoding="utf-8")
    for read in (recipient_from, opening_key_from):
        with pytest.raises(UnusableSealingKey, match=r"lab\.json"):
            read(path)


def key_files(folder: Path) -> tuple[Path, Path, Path]:
    """The laboratory's public file, its private file, and a stranger's."""
    public, private, stranger = (folder / name for name in ("public.json", "private.json", "stranger.json"))
    public.write_bytes(msgspec.json.encode(RECIPIENT))
    for path, key in ((private, LABORATORY), (stranger, STRANGER)):
        path.write_bytes(msgspec.json.encode({"laboratory": "L", "private_key": key.secret_value.hex()}))
    return public, private, stranger


def test_verify_says_how_many_verdicts_need_the_sealed_part_and_ends_incomplete(
    call: Callable[..., Called], sealed: Package, folder: Path, tmp_path: Path
) -> None:
    _, private, stranger = key_files(tmp_path)
    evidence, needed = folder / "evidence.zip", len(needing_the_sealed_part(sealed))
    without = call("verify", evidence, "--allow-demo")
    assert (without.code, f"need the sealed part: {needed}" in without.said) == (2, True)
    as_json = msgspec.json.decode(call("verify", evidence, "--allow-demo", "--json").out)
    assert (as_json["need_sealed_part"], as_json["differences"]) == (needed, [])
    opened = call("verify", evidence, "--allow-demo", "--sealing-key", private)
    assert (opened.code, "need the sealed part" in opened.said) == (0, False)
    assert (call("verify", evidence, "--sealing-key", stranger).code) == 64
    assert "密封" in call("verify", evidence, "--allow-demo", "--lang", "zh").said


def test_replay_of_a_redacted_test_says_that_the_sealed_part_is_needed(
    call: Callable[..., Called], sealed: Package, folder: Path, tmp_path: Path
) -> None:
    _, private, _ = key_files(tmp_path)
    test = next(iter(sorted(needing_the_sealed_part(sealed))))
    closed = call("replay", folder / "evidence.zip", test)
    assert (closed.code, "--sealing-key" in closed.said) == (2, True)
    assert call("replay", folder / "evidence.zip", test, "--sealing-key", private).code == 0


def test_certify_needs_a_laboratory_for_real_data(call: Callable[..., Called], tmp_path: Path) -> None:
    public, _, _ = key_files(tmp_path)
    alone = call("certify", "card", "--simulated", "--in-process", "--data-set", "real", "--out", tmp_path / "a")
    assert (alone.code, "--seal-for" in alone.said) == (64, True)
    asked = (
        "certify",
        "card",
        "--simulated",
        "--in-process",
        "--out",
        tmp_path / "b",
        "-k",
        "test_reset",
        "--seal-for",
        public,
    )
    assert call(*asked).code == 64
    assert call(*asked, "--data-set", "real").code == 2
    assert b"sealed/" not in (tmp_path / "b" / "report.json").read_bytes()
