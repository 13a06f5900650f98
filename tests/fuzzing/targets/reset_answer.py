"""Answers to reset (ISO/IEC 7816-3 8.2): the historical bytes are found within them, or the reason is given."""

from __future__ import annotations

from collections.abc import Iterator

from reference.card.reset_answer import MalformedReset, historical_bytes

REFUSALS = (MalformedReset,)
TOKENS = (b"\x3b", b"\x3f", b"\xff", b"\x80\x01")
SHARE = 40
MOST_HISTORICAL = 15


def target(data: bytes) -> None:
    """The bytes as the answer."""
    historical = historical_bytes(data)
    assert len(historical) <= MOST_HISTORICAL
    assert historical in data


def seeds() -> Iterator[bytes]:
    """Answers of the two interfaces, and one of the inverse convention."""
    for answer in (
        "3B8D80018073C8211012345678ABCDEF0102",
        "3B6D000000816B0000101512345678ABCD",
        "3F00",
        "3BFF9600FFC10A31FE4D8031E073FE211140079007F2",
    ):
        yield bytes.fromhex(answer)
