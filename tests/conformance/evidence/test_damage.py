"""Where a damaged zip is damaged: file and chunk, as far as the manifest can tell."""

from __future__ import annotations

import hashlib
import io
import random
import zipfile
import zlib

import msgspec
import pytest

from conformance.evidence.damage import LOCAL_HEADER, STEP, Damage, _unpacked, damage_in
from conformance.evidence.model import FileDigest, Manifest
from conformance.evidence.package import canonical_zip, digest, encode
from tests.reports.packages import MANIFEST

CHUNK = 512
NAME = "结果.json"
CONTENT = random.Random(1).randbytes(4 * CHUNK + 100)
"""Random bytes do not get shorter, so that a place in the zip is a place in the file."""


def digested(path: str, data: bytes) -> FileDigest:
    """Digests by chunks of this test's length."""
    chunks = tuple(hashlib.new("sm3", data[at : at + CHUNK]).hexdigest() for at in range(0, len(data), CHUNK))
    return msgspec.structs.replace(digest(path, data), chunks=chunks)


def manifest_of(**files: bytes) -> bytes:
    rows = tuple(digested(NAME if path == "it" else path, data) for path, data in files.items())
    whole: Manifest = msgspec.structs.replace(MANIFEST, files=rows)
    return encode(whole)


def zipped(files: dict[str, bytes]) -> tuple[bytearray, dict[str, zipfile.ZipInfo], list[zipfile.ZipInfo]]:
    raw = canonical_zip(files)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        entries = archive.infolist()
    return bytearray(raw), {entry.filename: entry for entry in entries}, entries


def begin(entry: zipfile.ZipInfo) -> int:
    return entry.header_offset + LOCAL_HEADER + len(entry.filename.encode())


FILES = {"manifest.json": manifest_of(it=CONTENT, plan=b"x"), NAME: CONTENT, "plan": b"x"}


def found(raw: bytearray, entries: list[zipfile.ZipInfo]) -> Damage | None:
    return damage_in(bytes(raw), entries, "manifest.json", CHUNK)


def test_an_honest_zip_has_no_damage() -> None:
    raw, _, entries = zipped(FILES)
    assert found(raw, entries) is None
    assert found(raw, []) is None


@pytest.mark.parametrize("chunk", range(5))
def test_a_changed_byte_is_placed_in_its_chunk(chunk: int) -> None:
    raw, by_name, entries = zipped(FILES)
    at = begin(by_name[NAME]) + 20 + chunk * CHUNK  # stored blocks of random bytes have short heads
    raw[at] ^= 0x40
    assert found(raw, entries) == Damage(NAME, chunk * CHUNK)


def test_what_comes_out_before_the_fault_is_still_right() -> None:
    text = b"".join(b"line %d\n" % number for number in range(4000))
    raw, by_name, entries = zipped({"manifest.json": manifest_of(it=text), NAME: text})
    entry = by_name[NAME]
    raw[begin(entry) + entry.compress_size // 2] ^= 0x10
    damage = found(raw, entries)
    assert damage is not None
    assert damage.offset is not None
    assert 0 < damage.offset < len(text)
    assert damage.offset % CHUNK == 0


def test_the_first_damaged_file_is_named() -> None:
    raw, by_name, entries = zipped(FILES)
    raw[begin(by_name[NAME]) + 30] ^= 0x40
    raw[begin(by_name["plan"]) + 1] ^= 0x40
    damage = found(raw, entries)
    assert damage is not None
    assert damage.path == entries[1].filename


def test_a_file_cut_short_in_its_last_chunk_is_wrong_from_there() -> None:
    raw, by_name, entries = zipped({"manifest.json": manifest_of(it=CONTENT), NAME: CONTENT})
    entry = by_name[NAME]
    del raw[begin(entry) + entry.compress_size - 40 :]
    assert found(raw, entries) == Damage(NAME, 4 * CHUNK)


def test_bytes_added_behind_a_file_are_placed_behind_its_last_chunk() -> None:
    shorter = CONTENT[: 4 * CHUNK]
    raw, _, entries = zipped({"manifest.json": manifest_of(it=shorter), NAME: CONTENT})
    next(entry for entry in entries if entry.filename == NAME).CRC ^= 1
    assert found(raw, entries) == Damage(NAME, 4 * CHUNK)


@pytest.mark.parametrize("manifest", [b"", b"{}", b"\xff", b"[" * 100_000, manifest_of(plan=b"x")])
def test_without_a_manifest_that_knows_the_file_only_the_file_is_named(manifest: bytes) -> None:
    raw, by_name, entries = zipped({"manifest.json": manifest, NAME: CONTENT})
    raw[begin(by_name[NAME]) + 30] ^= 0x40
    assert found(raw, entries) == Damage(NAME, None)


def test_without_any_manifest_only_the_file_is_named() -> None:
    raw, by_name, entries = zipped({NAME: CONTENT})
    raw[begin(by_name[NAME]) + 30] ^= 0x40
    assert found(raw, entries) == Damage(NAME, None)


def test_a_damaged_manifest_places_nothing() -> None:
    raw, by_name, entries = zipped(FILES)
    entry = by_name["manifest.json"]
    raw[begin(entry) + entry.compress_size - 8] ^= 0x10
    raw[begin(by_name[NAME]) + 30] ^= 0x40
    assert found(raw, entries) == Damage("manifest.json", None)
    later = [*entries[1:], entries[0]]
    assert found(raw, later) == Damage(NAME, None)


def test_no_more_is_unpacked_than_the_directory_says() -> None:
    bomb = bytes(1 << 20)
    raw, _, entries = zipped({NAME: bomb})
    entries[0].file_size, entries[0].CRC = 10, entries[0].CRC ^ 1
    assert found(raw, entries) == Damage(NAME, None)
    assert len(_unpacked(bytes(raw), entries[0])) == 11


def test_a_file_longer_than_the_directory_says_is_damaged_where_it_should_have_ended() -> None:
    raw, by_name, entries = zipped({"manifest.json": manifest_of(it=bytes(CHUNK)), NAME: bytes(CHUNK * 8)})
    entry = by_name[NAME]
    entry.file_size = CHUNK
    entry.CRC ^= 1
    assert found(raw, entries) == Damage(NAME, CHUNK)


def test_a_damaged_manifest_is_not_believed_though_it_can_be_read() -> None:
    raw, by_name, entries = zipped(FILES)
    by_name["manifest.json"].CRC ^= 1
    raw[begin(by_name[NAME]) + 30] ^= 0x40
    assert found(raw, [*entries[1:], entries[0]]) == Damage(NAME, None)


def test_the_limit_holds_for_all_steps_of_unpacking_together() -> None:
    content = random.Random(2).randbytes(64) + bytes(1 << 20)
    raw, _, entries = zipped({NAME: content})
    entries[0].file_size = 80
    assert len(_unpacked(bytes(raw), entries[0])) == 81


def test_a_file_that_goes_on_where_the_directory_lets_it_end_is_damaged() -> None:
    """Stored blocks have five bytes of head, so that a step ends exactly where the directory says the file does."""
    raw, _, entries = zipped({NAME: CONTENT})
    length = STEP - 5
    entries[0].file_size, entries[0].CRC = length, zlib.crc32(CONTENT[:length])
    assert found(raw, entries) == Damage(NAME, None)
