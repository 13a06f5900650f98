"""The package file by file: digests, limits, what is refused with which words, and the bytes that are written."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from pathlib import Path

import msgspec
import pytest

from conformance.evidence import package as packages
from conformance.evidence.model import Exchange, FileDigest, Manifest, Signature
from conformance.evidence.package import (
    CHUNK,
    EXPECTED,
    MANIFEST,
    PLAN,
    RESULTS,
    SIGNATURE,
    PackageWriter,
    UnusablePackage,
    canonical_zip,
    digest,
    encode,
    lines_of,
    read_package,
    sm3,
    transcript_path,
)
from conformance.evidence.signing import Signer, demo_signer
from reference.crypto import SigningKey
from reference.languages import say
from tests.reports.packages import MANIFEST as HEAD
from tests.reports.packages import OPENS, PASSING, TRANSCRIPT, package
from tests.reports.packages import PLAN as A_PLAN

Files = dict[str, bytes]
SIGNER = Signer("Lab 1", "laboratory", SigningKey(bytes(31) + b"\x07"), custody="in the safe")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A package of made-up results with one transcript, as a zip; its folder stands beside it."""
    writer = PackageWriter(tmp_path / "deep" / "partial")
    writer.keep_record(PLAN, A_PLAN)
    writer.keep_transcript(OPENS, TRANSCRIPT)
    writer.keep_transcript("silent", ())
    writer.keep_results(package(PASSING).results)
    writer.keep_expected({"DDF1/EF05": {"card-number": "7"}})
    writer.seal(HEAD, SIGNER, tmp_path / "evidence.zip")
    return tmp_path / "evidence.zip"


def files_of(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sealed_again(files: Files) -> Files:
    """The files with manifest and signature made to fit them."""
    manifest = msgspec.json.decode(files[MANIFEST], type=Manifest)
    rows = tuple(digest(path, data) for path, data in sorted(files.items()) if path not in (MANIFEST, SIGNATURE))
    head = encode(msgspec.structs.replace(manifest, files=rows))
    return files | {MANIFEST: head, SIGNATURE: encode(SIGNER.sign(head))}


def refused(path: Path, content: bytes | Files) -> UnusablePackage:
    path.write_bytes(content if isinstance(content, bytes) else canonical_zip(content))
    with pytest.raises(UnusablePackage) as fault:
        read_package(path)
    assert str(fault.value) == f"{fault.value.part}: {fault.value.reason}"
    assert "None" not in fault.value.reason.zh
    return fault.value


# -- writing -----------------------------------------------------------------------------------------------------


def test_what_was_written_is_read_back(written: Path) -> None:
    read = read_package(written)
    assert read.plan == A_PLAN
    assert read.results == package(PASSING).results
    assert read.expected == {"DDF1/EF05": {"card-number": "7"}}
    assert read.transcript(OPENS) == TRANSCRIPT
    assert read.transcript("silent") == read.transcript("no such test") == ()
    assert set(read.transcripts) == {test.id for test in A_PLAN.tests}
    assert (read.sealed, read.signer_standing) == ({}, "unknown")
    assert read.manifest_digest == sm3(files_of(written)[MANIFEST])
    assert read.signature.signer == "Lab 1"


def test_the_manifest_is_completed_by_digests_and_the_keys_custody(written: Path) -> None:
    read, files = read_package(written), files_of(written)
    assert (read.manifest.key_custody, read.manifest.sealed_for) == ("in the safe", "")
    assert msgspec.structs.replace(read.manifest, files=(), key_custody="") == msgspec.structs.replace(HEAD, files=())
    listed = {row.path: row for row in read.manifest.files}
    assert list(listed) == sorted(files.keys() - {MANIFEST, SIGNATURE})
    assert all(row == digest(path, files[path]) for path, row in listed.items())
    assert [path for path in files if path.startswith("transcripts/")] == [transcript_path(OPENS)]


def test_the_manifest_names_the_key_that_the_package_is_sealed_for(tmp_path: Path) -> None:
    writer = PackageWriter(tmp_path / "partial")
    writer.sealed_for = "AB" * 64
    writer.seal(HEAD, SIGNER, tmp_path / "evidence.zip")
    assert msgspec.json.decode(writer.files[MANIFEST], type=Manifest).sealed_for == "AB" * 64


def test_the_folder_holds_the_same_files_and_reads_the_same(written: Path) -> None:
    folder = written.parent / "deep" / "partial"
    on_disk = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert on_disk == files_of(written)
    assert read_package(folder) == read_package(written)
    assert sorted(path.name for path in written.parent.iterdir()) == ["deep", "evidence.zip"]
    PackageWriter(folder).keep("one/more", b"x")
    assert (folder / "one" / "more").read_bytes() == b"x"
    PackageWriter(folder).keep("one/other", b"y")
    PackageWriter(folder).keep("two/three/four", b"z")
    assert (folder / "two" / "three" / "four").read_bytes() == b"z"


def test_the_zip_is_one_of_its_kind(written: Path) -> None:
    raw = written.read_bytes()
    assert raw == canonical_zip(files_of(written))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    for entry in entries:
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.compress_type == zipfile.ZIP_DEFLATED
        assert stat.S_IMODE(entry.external_attr >> 16) == 0o644


def test_each_file_is_packed_with_the_same_level() -> None:
    data = b"".join(b"%d %d\n" % (number, number * number) for number in range(2000))
    packing = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packing.compress(data) + packing.flush()
    assert packed in canonical_zip({"a": data})
    assert len(packed) != len(zlib.compress(data, 5)) - 6 != len(zlib.compress(data, 7)) - 6


def test_a_zip_written_again_has_the_very_same_bytes() -> None:
    assert sm3(canonical_zip({"b": b"two" * 500, "a": b"one"})) == sm3(canonical_zip({"a": b"one", "b": b"two" * 500}))
    assert canonical_zip({"a": bytes(range(256)) * 64}) != canonical_zip({"a": bytes(range(256)) * 65})


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_digest_covers_the_whole_and_each_chunk(size: int) -> None:
    data = bytes(number % 251 for number in range(size))
    chunks = tuple(sm3(data[at : at + 4096]) for at in range(0, size, 4096))
    assert digest("p", data) == FileDigest(path="p", size=size, sm3=sm3(data), chunks=chunks)


def test_the_digest_is_sm3() -> None:
    assert sm3(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@pytest.mark.parametrize(
    ("test", "path"),
    [
        ("read_rights.closed[DDF1/EF05]", "transcripts/read_rights.closed_DDF1_EF05_-"),
        ("a b??c-d.e_f", "transcripts/a_b_c-d.e_f-"),
        ("姓名", "transcripts/_-"),
    ],
)
def test_a_transcript_has_a_path_of_word_characters_and_a_digest_of_its_test(test: str, path: str) -> None:
    assert transcript_path(test) == f"{path}{sm3(test.encode())[:8]}.jsonl"
    assert transcript_path("a/b") != transcript_path("a?b")


def test_records_and_exchanges_are_written_as_text_that_people_can_read() -> None:
    assert encode({"a": 1}) == b'{\n "a": 1\n}\n'
    assert lines_of(TRANSCRIPT[:2]) == b"".join(msgspec.json.encode(one) + b"\n" for one in TRANSCRIPT[:2])
    assert lines_of(()) == b""


# -- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [MANIFEST, SIGNATURE, PLAN, RESULTS, EXPECTED])
def test_a_package_without_one_of_its_heads_says_which(written: Path, path: str) -> None:
    files = {name: data for name, data in files_of(written).items() if name != path}
    fault = refused(written, files)
    assert (fault.part, fault.reason) == (
        path,
        say("the package lacks this file; ask for the whole package again"),
    )


def test_a_file_that_the_manifest_lists_and_one_that_it_does_not_list(written: Path) -> None:
    files = files_of(written)
    gone = transcript_path(OPENS)
    fault = refused(written, {name: data for name, data in files.items() if name != gone})
    assert (fault.part, fault.reason.en) == (gone, "the manifest lists this file, but the package lacks it")
    fault = refused(written, files | {"run.sh": b"x"})
    assert (fault.part, fault.reason.en) == ("run.sh", "this file is not listed in the manifest")


@pytest.mark.parametrize("version", [0, 3])
def test_an_unknown_schema_version_names_those_that_are_known_and_the_tool(written: Path, version: int) -> None:
    files = files_of(written)
    manifest = msgspec.json.decode(files[MANIFEST], type=Manifest)
    files[MANIFEST] = encode(msgspec.structs.replace(manifest, schema_version=version))
    fault = refused(written, files)
    assert (fault.part, fault.reason.en) == (
        MANIFEST,
        f"schema version {version} is not 1 or 2; use the tool version that wrote it: {HEAD.environment.tool}",
    )


def test_a_signature_that_does_not_fit_is_refused_before_anything_else_is_read(written: Path) -> None:
    files = files_of(written)
    signature = msgspec.json.decode(files[SIGNATURE], type=Signature)
    files[SIGNATURE] = encode(msgspec.structs.replace(signature, signer="Lab 2"))
    files[PLAN] = b"no plan"
    fault = refused(written, files)
    assert fault.part == SIGNATURE
    assert fault.reason.en == "the SM2 signature does not fit the manifest: one of them was changed"


LONG = bytes(range(256)) * 64
"""Four chunks."""


@pytest.mark.parametrize(
    ("data", "start"),
    [
        (b"\1" + LONG[1:], 0),
        (LONG[:CHUNK] + b"\1" + LONG[CHUNK + 1 :], CHUNK),
        (LONG[:-1] + b"\1", 3 * CHUNK),
        (LONG + b"\1", 4 * CHUNK),
        (LONG[: 2 * CHUNK], 2 * CHUNK),
        (b"", 0),
    ],
)
def test_a_changed_file_is_named_with_its_first_wrong_chunk(written: Path, data: bytes, start: int) -> None:
    files = sealed_again(files_of(written) | {"more.bin": LONG})
    written.write_bytes(canonical_zip(files))
    assert read_package(written).plan == A_PLAN
    fault = refused(written, files | {"more.bin": data})
    assert (fault.part, fault.reason.en) == ("more.bin", f"the file was changed in bytes {start} and following")


@pytest.mark.parametrize("field", ["size", "sm3"])
def test_every_digest_of_a_file_must_fit(written: Path, field: str) -> None:
    files = files_of(written)
    manifest = msgspec.json.decode(files[MANIFEST], type=Manifest)
    first, *others = manifest.files
    other = msgspec.structs.replace(first, **{field: 1 if field == "size" else "00"})
    head = encode(msgspec.structs.replace(manifest, files=(other, *others)))
    fault = refused(written, files | {MANIFEST: head, SIGNATURE: encode(SIGNER.sign(head))})
    assert fault.part == first.path


@pytest.mark.parametrize("path", [PLAN, RESULTS, EXPECTED, transcript_path(OPENS)])
@pytest.mark.parametrize("content", [b"7", b"{", b'"\xff"', b"[" * 100_000])
def test_a_signed_file_of_another_form_is_named_with_the_reason(written: Path, path: str, content: bytes) -> None:
    fault = refused(written, sealed_again(files_of(written) | {path: content}))
    assert fault.part == path
    assert fault.reason.en.startswith("the file does not have the expected form: ")
    assert not fault.reason.en.endswith(("None", ": "))


@pytest.mark.parametrize("path", [MANIFEST, SIGNATURE])
@pytest.mark.parametrize("content", [b"7", b"{", b'"\xff"', b"[" * 100_000])
def test_a_head_of_another_form_is_named(written: Path, path: str, content: bytes) -> None:
    assert refused(written, files_of(written) | {path: content}).part == path


@pytest.mark.parametrize("name", ["/a", "../a", "a/../b", "a\\b", "C:a", ".."])
def test_a_path_that_leads_out_is_refused(written: Path, name: str) -> None:
    fault = refused(written, {name: b"x"})
    assert (fault.part, fault.reason.en) == (name, "this path would leave the package's folder")


def zipped(*entries: tuple[str, int]) -> bytes:
    """A zip of these names with their Unix modes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, mode in entries:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, b"x")
    return buffer.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("entries", "part", "says"),
    [
        ([("a", 0o644), ("l", stat.S_IFLNK | 0o777)], "l", "this is a link; a package holds files only"),
        ([("a", 0o644), ("b", 0o644), ("b", 0o644)], "b", "this file stands 2 times in the zip"),
        ([("a", 0o644), ("A.B", 0o644), ("a.b", 0o644)], "a.b", "2 files have this name, but for capital letters"),
        ([("a..b", 0o644)], "evidence.zip", "the zip was packed again by another program"),
    ],
)
def test_what_no_run_writes_is_refused_before_it_is_unpacked(
    written: Path, entries: list[tuple[str, int]], part: str, says: str
) -> None:
    fault = refused(written, zipped(*entries))
    assert (fault.part, fault.reason.en[: len(says)]) == (part, says)


def test_a_file_that_is_no_zip_says_why(written: Path) -> None:
    fault = refused(written, b"no zip")
    assert (fault.part, fault.reason.en) == ("evidence.zip", "this is no whole zip file: File is not a zip file")


def damaged(path: Path, name: str) -> bytes:
    """The zip with a byte of this file's packed bytes changed."""
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo(name)
    raw[entry.header_offset + 30 + len(name) + 2 * entry.compress_size // 3] ^= 0x11
    return bytes(raw)


def test_a_damaged_file_inside_the_zip_is_named_as_exactly_as_can_be(written: Path) -> None:
    placed = refused(written, damaged(written, PLAN))
    assert (placed.part, placed.reason.en[:30]) == (PLAN, "the file was changed in bytes ")
    assert placed.reason.en.endswith(" and following")


def test_a_damaged_manifest_inside_the_zip_is_named(written: Path) -> None:
    fault = refused(written, damaged(written, MANIFEST))
    assert fault.part == MANIFEST
    assert fault.reason.en.startswith("the file was changed inside the zip: ")
    assert "None" not in fault.reason.en


def test_a_path_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnusablePackage) as fault:
        read_package(tmp_path / "none.zip")
    assert fault.value.part == "none.zip"
    assert fault.value.reason.en.startswith("the file cannot be read: [Errno 2]")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").write_bytes(b"")

    def unreadable(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", unreadable)
    with pytest.raises(UnusablePackage) as fault:
        read_package(tmp_path / "folder")
    assert (fault.value.part, fault.value.reason.en) == (
        "folder",
        "the file cannot be read: [Errno 13] Permission denied",
    )


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_the_limits_are_the_last_that_is_taken(written: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    files = files_of(written)
    path = written if kind == "zip" else written.parent / "deep" / "partial"
    total = sum(len(data) for data in files.values())
    for name, limit in (("MOST_FILES", len(files)), ("MOST_BYTES", total)):
        monkeypatch.setattr(packages, name, limit)
        assert read_package(path).plan == A_PLAN
        monkeypatch.setattr(packages, name, limit - 1)
        with pytest.raises(UnusablePackage) as fault:
            read_package(path)
        assert fault.value.part == path.name
        says = "the zip unpacks to more" if kind == "zip" else "the folder holds more"
        assert fault.value.reason.en == f"{says} than a run can have written"
        monkeypatch.undo()


def test_the_limits_hold_a_whole_run() -> None:
    assert (packages.MOST_BYTES, packages.MOST_FILES) == (256 * 1024 * 1024, 20_000)


def test_sealed_files_are_carried_along_as_they_are(written: Path) -> None:
    files = sealed_again(files_of(written) | {"sealed/x": b"\0\1", "sealedly": b"2"})
    written.write_bytes(canonical_zip(files))
    assert read_package(written).sealed == {"sealed/x": b"\0\1"}


def test_the_demo_signer_is_known_and_a_trusted_key_trusted(written: Path) -> None:
    assert read_package(written, frozenset({SIGNER.key.public_key().hex()})).signer_standing == "trusted"
    files = files_of(written)
    files[SIGNATURE] = encode(demo_signer().sign(files[MANIFEST]))
    written.write_bytes(canonical_zip(files))
    assert read_package(written).signer_standing == "demo"


def test_an_exchange_on_each_line_and_an_empty_file_are_read(written: Path) -> None:
    files = files_of(written)
    one = Exchange(channel="card", kind="reset", sent="", received="3B", at_us=0, took_us=1)
    for exchanges in ((one, one), ()):
        written.write_bytes(canonical_zip(sealed_again(files | {transcript_path(OPENS): lines_of(exchanges)})))
        assert read_package(written).transcript(OPENS) == exchanges
