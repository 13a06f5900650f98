"""The evidence package: the same bytes for the same run, and every tampering refused with the place named."""

from __future__ import annotations

import io
import shutil
import socket
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.evidence import package as packages
from conformance.evidence.model import Manifest, Signature, Verdict
from conformance.evidence.package import (
    CHUNK,
    EARLIEST,
    EXPECTED,
    MANIFEST,
    PLAN,
    RESULTS,
    SIGNATURE,
    Package,
    PackageWriter,
    UnusablePackage,
    canonical_zip,
    digest,
    encode,
    read_package,
)
from conformance.evidence.signing import Signer, UnusableKeyFile, demo_signer, signer_from
from reference.crypto import SigningKey
from tests.runs import certified

OTHER = Signer("Somebody", "laboratory", SigningKey(bytes(31) + b"\x07"))
Files = dict[str, bytes]


def files_of(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def files(evidence_zip: Path) -> Files:
    return files_of(evidence_zip)


def a_transcript(files: Files) -> str:
    return max((path for path in files if path.startswith("transcripts/")), key=lambda path: len(files[path]))


def refused(tmp_path: Path, content: bytes) -> UnusablePackage:
    """Why a file of these bytes is refused."""
    path = tmp_path / "evidence.zip"
    path.write_bytes(content)
    with pytest.raises(UnusablePackage) as fault:
        read_package(path)
    assert fault.value.reason.zh != fault.value.reason.en
    return fault.value


def sealed_again(files: Files, signer: Signer) -> bytes:
    """What an attacker makes of changed files: right digests, signed with a key of his own."""
    manifest = msgspec.json.decode(files[MANIFEST], type=Manifest)
    others = {path: data for path, data in files.items() if path not in (MANIFEST, SIGNATURE)}
    digests = tuple(digest(path, others[path]) for path in sorted(others))
    head = encode(msgspec.structs.replace(manifest, files=digests))
    return canonical_zip(others | {MANIFEST: head, SIGNATURE: encode(signer.sign(head))})


# -- the same run gives the same bytes ------------------------------------------------------------------------


def test_the_same_run_gives_the_same_bytes(evidence_zip: Path, tmp_path: Path) -> None:
    certified(tmp_path)
    again = (tmp_path / "evidence.zip").read_bytes()
    first, second = files_of(evidence_zip), files_of(tmp_path / "evidence.zip")
    # an SM2 signature holds a fresh random number; everything else is the run's
    assert {path for path in first if first[path] != second.get(path)} <= {SIGNATURE}
    assert first.keys() == second.keys()
    assert canonical_zip(second) == again


def test_a_zip_of_the_same_files_has_the_same_bytes_whatever_their_order(files: Files) -> None:
    backwards = dict(reversed(files.items()))
    assert canonical_zip(backwards) == canonical_zip(files)


def test_zip_and_folder_are_read_alike(evidence_zip: Path, package: Package, files: Files, tmp_path: Path) -> None:
    for path, data in files.items():
        target = tmp_path / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)
    assert read_package(tmp_path) == package


def test_every_exchange_of_the_run_stands_in_the_package(package: Package) -> None:
    assert len(package.transcripts) == len(package.plan.tests)
    for result in package.results.tests:
        assert len(package.transcript(result.test)) == result.exchanges
        assert bool(result.exchanges) == (result.verdict is not Verdict.NOT_APPLICABLE)


# -- tampering -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [PLAN, RESULTS, EXPECTED, "transcript"])
@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_a_changed_byte_is_named_by_file_and_chunk(tmp_path: Path, files: Files, kind: str, place: str) -> None:
    path = a_transcript(files) if kind == "transcript" else kind
    data = bytearray(files[path])
    at = {"start": 0, "middle": len(data) // 2, "end": len(data) - 1}[place]
    data[at] ^= 0x01
    fault = refused(tmp_path, canonical_zip(files | {path: bytes(data)}))
    assert fault.part == path
    assert f"bytes {at // CHUNK * CHUNK} " in fault.reason.en


@pytest.mark.parametrize(("change", "at"), [(lambda data: data[:-1], -1), (lambda data: data + b"\n" * CHUNK, 0)])
def test_a_file_cut_short_or_grown_is_named(
    tmp_path: Path, files: Files, change: Callable[[bytes], bytes], at: int
) -> None:
    """Trap 17: result packages cut short."""
    path = a_transcript(files)
    fault = refused(tmp_path, canonical_zip(files | {path: change(files[path])}))
    assert fault.part == path
    assert f"bytes {(len(files[path]) + at) // CHUNK * CHUNK} " in fault.reason.en


@pytest.mark.parametrize("needed", [MANIFEST, SIGNATURE, PLAN, RESULTS, EXPECTED])
def test_a_missing_head_file_is_named(tmp_path: Path, files: Files, needed: str) -> None:
    rest = {path: data for path, data in files.items() if path != needed}
    assert refused(tmp_path, canonical_zip(rest)).part == needed


def test_a_missing_transcript_is_named(tmp_path: Path, files: Files) -> None:
    path = a_transcript(files)
    rest = {name: data for name, data in files.items() if name != path}
    assert refused(tmp_path, canonical_zip(rest)).part == path


def test_an_added_file_is_named(tmp_path: Path, files: Files) -> None:
    assert refused(tmp_path, canonical_zip(files | {"run.sh": b"#!/bin/sh"})).part == "run.sh"


def test_every_byte_of_the_manifest_is_signed(tmp_path: Path, files: Files) -> None:
    for word in (b'"Lab"', b'"Operator"', b"in process", b"synthetic"):
        assert files[MANIFEST].count(word) == 1
        changed = files[MANIFEST].replace(word, word.replace(b"a", b"o").replace(b"i", b"e"))
        fault = refused(tmp_path, canonical_zip(files | {MANIFEST: changed}))
        assert fault.part in (SIGNATURE, MANIFEST)


@pytest.mark.parametrize(
    "change",
    [
        {"value": "00" * 64},
        {"value": "FF" * 64},
        {"value": "12"},
        {"value": "no hex"},
        {"value": ""},
        {"public_key": "00" * 64},
        {"public_key": "AB" * 64},
        {"public_key": "12"},
        {"public_key": OTHER.key.public_key().hex()},
        {"signer": "Another laboratory"},
        {"standing": "laboratory"},
    ],
)
def test_a_changed_signature_is_refused(tmp_path: Path, files: Files, change: dict[str, str]) -> None:
    signature = msgspec.structs.replace(msgspec.json.decode(files[SIGNATURE], type=Signature), **change)
    assert refused(tmp_path, canonical_zip(files | {SIGNATURE: encode(signature)})).part == SIGNATURE


def test_a_package_signed_by_another_key_is_read_as_of_an_unknown_signer(
    tmp_path: Path, files: Files, package: Package
) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(sealed_again(files, OTHER))
    assert package.signer_standing == "demo"
    assert read_package(path).signer_standing == "unknown"
    assert read_package(path, frozenset({OTHER.key.public_key().hex()})).signer_standing == "trusted"


@pytest.mark.parametrize("version", [0, 3, 99])
def test_another_schema_version_is_refused_and_the_tool_that_wrote_it_named(
    tmp_path: Path, files: Files, package: Package, version: int
) -> None:
    manifest = msgspec.structs.replace(package.manifest, schema_version=version)
    fault = refused(tmp_path, sealed_again(files | {MANIFEST: encode(manifest)}, demo_signer()))
    assert fault.part == MANIFEST
    assert package.manifest.environment.tool in fault.reason.en


def test_a_package_of_the_version_before_is_read(tmp_path: Path, files: Files, package: Package) -> None:
    manifest = msgspec.structs.replace(package.manifest, schema_version=1)
    path = tmp_path / "evidence.zip"
    path.write_bytes(sealed_again(files | {MANIFEST: encode(manifest)}, demo_signer()))
    assert read_package(path).results == package.results


@pytest.mark.parametrize("path", [PLAN, RESULTS, EXPECTED, "transcript"])
@pytest.mark.parametrize("content", [b"", b"null", b'{"extra": 1}', b"[" * 100_000, b"\xff\xfe"])
def test_a_signed_file_of_another_form_is_named(tmp_path: Path, files: Files, path: str, content: bytes) -> None:
    """Trap 10: nothing of an unknown form is taken."""
    path = a_transcript(files) if path == "transcript" else path
    if path.endswith(".jsonl") and not content:
        return  # an empty transcript has the right form; the verdict derived from it tells
    assert refused(tmp_path, sealed_again(files | {path: content}, OTHER)).part == path


def test_a_text_nested_without_end_is_refused(tmp_path: Path, files: Files) -> None:
    deep = b'{"en": "", "zh": "", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    results = files[RESULTS].replace(b'"because": {', b'"because": ' + deep + b', "was": {', 1)
    assert results != files[RESULTS]
    assert refused(tmp_path, sealed_again(files | {RESULTS: results}, OTHER)).part == RESULTS


# -- the zip itself --------------------------------------------------------------------------------------------


def zipped(entries: list[tuple[str, bytes]], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name, EARLIEST), data, method)
    return buffer.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_zip_packed_again_is_refused(tmp_path: Path, files: Files, method: int) -> None:
    assert "packed again" in refused(tmp_path, zipped(list(files.items()), method=method)).reason.en


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_stands_twice_is_named(tmp_path: Path, files: Files) -> None:
    fault = refused(tmp_path, zipped([*files.items(), (RESULTS, files[RESULTS])]))
    assert (fault.part, "2 times" in fault.reason.en) == (RESULTS, True)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_zip_cut_short_is_refused(tmp_path: Path, evidence_zip: Path, share: float) -> None:
    """Trap 17: result packages cut short."""
    whole = evidence_zip.read_bytes()
    assert refused(tmp_path, whole[: int(len(whole) * share)]).part == "evidence.zip"


@pytest.mark.parametrize("extra", [b"\0", b"PK\x05\x06" + bytes(18)])
def test_bytes_after_or_before_the_zip_are_refused(tmp_path: Path, evidence_zip: Path, extra: bytes) -> None:
    whole = evidence_zip.read_bytes()
    refused(tmp_path, whole + extra)
    assert refused(tmp_path, extra + whole).part == "evidence.zip"


@pytest.mark.parametrize("name", ["../plan.json", "/etc/passwd", "transcripts/../../x", "a/.."])
def test_a_path_that_leaves_the_package_is_refused(tmp_path: Path, files: Files, name: str) -> None:
    fault = refused(tmp_path, canonical_zip(files | {name: b"x"}))
    assert (fault.part, "leave" in fault.reason.en) == (name, True)
    assert [path.name for path in tmp_path.iterdir()] == ["evidence.zip"]


def test_a_zip_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    tmp_path: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = canonical_zip(files | {"big": bytes(1024 * 1024)})
    monkeypatch.setattr(packages, "MOST_BYTES", 1024 * 1024)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("was unpacked"))
    assert "unpacks to more" in refused(tmp_path, bomb).reason.en


def test_too_many_files_are_refused(tmp_path: Path, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MOST_FILES", len(files) - 1)
    assert "unpacks to more" in refused(tmp_path, canonical_zip(files)).reason.en


def test_an_encrypted_entry_is_refused(tmp_path: Path, evidence_zip: Path) -> None:
    data = bytearray(evidence_zip.read_bytes())
    data[6] |= 0x01
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 0x01
    assert refused(tmp_path, bytes(data)).part == "evidence.zip"


def test_reading_starts_no_program_and_opens_no_connection(
    evidence_zip: Path, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    for owner, name in ((subprocess, "Popen"), (socket, "socket")):
        monkeypatch.setattr(owner, name, lambda *_, **__: pytest.fail("was used"))
    assert read_package(evidence_zip) == package


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=st.binary(max_size=300))
def test_garbage_is_unusable_and_nothing_else(tmp_path: Path, garbage: bytes) -> None:
    refused(tmp_path, garbage)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_byte_anywhere_in_the_zip_is_refused(tmp_path: Path, files: Files, data: st.DataObject) -> None:
    small = canonical_zip({path: files[path] for path in (MANIFEST, SIGNATURE, RESULTS, a_transcript(files))})
    content = bytearray(small)
    content[data.draw(st.integers(0, len(small) - 1))] ^= data.draw(st.integers(1, 255))
    refused(tmp_path, bytes(content))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    heads=st.dictionaries(
        st.sampled_from([MANIFEST, SIGNATURE, PLAN, RESULTS, EXPECTED]),
        st.one_of(st.binary(max_size=40), st.sampled_from([b"{}", b"[]", b"null", b'{"schema_version": 1}'])),
    )
)
def test_a_package_of_garbage_files_is_unusable(tmp_path: Path, heads: Files) -> None:
    assert refused(tmp_path, canonical_zip(heads)).part in (MANIFEST, SIGNATURE, PLAN, RESULTS, EXPECTED)


def test_a_link_inside_a_folder_is_not_followed(tmp_path: Path, files: Files) -> None:
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    shutil.move(tmp_path / RESULTS, tmp_path.parent / "elsewhere.json")
    (tmp_path / RESULTS).symlink_to(tmp_path.parent / "elsewhere.json")
    with pytest.raises(UnusablePackage) as fault:
        read_package(tmp_path)
    assert fault.value.part == RESULTS


# -- writing and signing ---------------------------------------------------------------------------------------


def test_what_was_kept_stands_in_the_folder_before_anything_is_sealed(tmp_path: Path) -> None:
    writer = PackageWriter(tmp_path / "partial")
    writer.keep("plan.json", b"{}")
    assert (tmp_path / "partial" / "plan.json").read_bytes() == b"{}"


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"not json",
        b'{"signer": "Lab", "standing": "laboratory"}',
        b'{"signer": "Lab", "standing": "king", "private_key": "' + b"07" * 32 + b'"}',
        b'{"signer": "Lab", "standing": "vendor", "private_key": "xy"}',
        b'{"signer": "Lab", "standing": "vendor", "private_key": "0707"}',
        b'{"signer": "Lab", "standing": "vendor", "private_key": "' + b"00" * 32 + b'"}',
        b'{"signer": "Lab", "standing": "vendor", "private_key": "' + b"FF" * 32 + b'"}',
        b'{"signer": "Lab", "standing": "vendor", "private_key": "' + b"07" * 32 + b'", "more": 1}',
    ],
)
def test_an_unusable_key_file_is_refused_with_what_it_must_look_like(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "lab.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnusableKeyFile) as fault:
        signer_from(path)
    assert "lab.json" in fault.value.text.en
    assert "64 hex digits" in fault.value.text.en
    assert "07" * 32 not in str(fault.value)


def test_a_key_file_signs_in_its_own_name(tmp_path: Path, files: Files) -> None:
    path = tmp_path / "lab.json"
    path.write_text(
        '{"signer": "Lab 1", "standing": "laboratory", "private_key": "%s"}' % ("07" * 32), encoding="utf-8"
    )
    signer = signer_from(path)
    (tmp_path / "evidence.zip").write_bytes(sealed_again(files, signer))
    signature = read_package(tmp_path / "evidence.zip").signature
    assert (signature.signer, signature.standing) == ("Lab 1", "laboratory")
    assert signature.public_key == signer.key.public_key().hex()
