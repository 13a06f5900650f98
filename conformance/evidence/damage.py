"""Where a damaged zip is damaged: the first file in it that no longer gives its bytes, and the chunk from which on.

A changed byte inside a deflated file spoils what follows it; what comes out before is still right. The manifest, when
it is itself whole, tells by its digests of 4 KiB chunks how far that is. Source: architecture of the harness, evidence.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Mapping, Sequence

import msgspec

from conformance.evidence.model import Manifest

LOCAL_HEADER = 30
"""Bytes of a file's header in the zip before its name; a canonical zip has no extra field behind it."""
STEP = 64
RAW_DEFLATE = -15


class Damage(msgspec.Struct, frozen=True):
    """A file whose bytes in the zip were changed, and the offset of its first wrong chunk where that can be told."""

    path: str
    offset: int | None


def damage_in(raw: bytes, entries: Sequence[zipfile.ZipInfo], manifest: str, chunk: int) -> Damage | None:
    """The first damaged file of a zip; None where the damage lies in the zip's directory or headers.

    ``entries`` is the zip's directory, as far as it could be read, ``manifest`` the path of the manifest, ``chunk`` the
    length of the pieces that it has digests of.
    """
    contents = {entry.filename: _unpacked(raw, entry) for entry in entries}
    spoilt = [entry.filename for entry in entries if zlib.crc32(contents[entry.filename]) != entry.CRC]
    if not spoilt:
        return None
    known = {} if manifest in spoilt else _chunks(contents.get(manifest, b""))
    return Damage(spoilt[0], _first_wrong(contents[spoilt[0]], known.get(spoilt[0]), chunk))


def _unpacked(raw: bytes, entry: zipfile.ZipInfo) -> bytes:
    """What can be unpacked of a file, at most as much as its directory entry says, up to the first fault."""
    start = entry.header_offset + LOCAL_HEADER + len(entry.orig_filename.encode())
    packed, unpacking, out = raw[start : start + entry.compress_size], zlib.decompressobj(RAW_DEFLATE), bytearray()
    try:
        for at in range(0, len(packed), STEP):
            out += unpacking.decompress(packed[at : at + STEP], entry.file_size - len(out) + 1)
            if len(out) > entry.file_size:
                break
    except zlib.error:
        pass
    return bytes(out)


def _chunks(manifest: bytes) -> Mapping[str, tuple[str, ...]]:
    try:
        return {row.path: row.chunks for row in msgspec.json.decode(manifest, type=Manifest).files}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _first_wrong(content: bytes, right: tuple[str, ...] | None, chunk: int) -> int | None:
    if right is None:
        return None
    for number, digest in enumerate(right):
        if hashlib.new("sm3", content[number * chunk : (number + 1) * chunk]).hexdigest() != digest:
            return number * chunk
    return len(right) * chunk
