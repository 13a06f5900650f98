"""Bytes as a dialogue: what several targets read their input as, a list of pieces, each behind its length byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MOST_PIECES = 24


def pieces(data: bytes) -> Iterator[bytes]:
    """The pieces of the input; the last one may be shorter than its length says."""
    at = 0
    for _ in range(MOST_PIECES):
        if at >= len(data):
            return
        yield data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]


def joined(parts: Iterable[bytes]) -> bytes:
    """The input that has these pieces, of at most 255 bytes each."""
    return b"".join(bytes((len(part),)) + part for part in parts)
