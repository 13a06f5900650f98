"""Recorded exchanges put into words for reports: any bytes, whole or not, in any field."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from conformance.evidence.decoding import decode, tables_for
from conformance.evidence.model import Exchange
from reference.standard.loader import DEFAULT_PROFILE

REFUSALS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
TOKENS = (b'"kind":"lost"', b'"kind":"reset"', b'"channel":"sam"', b"00A4000002", b"9000", b"6Cxx", b'"note":', b"-1")
SHARE = 12
TABLES = tables_for(DEFAULT_PROFILE)


def target(data: bytes) -> None:
    """The bytes as one line of a transcript."""
    exchange = msgspec.json.decode(data, type=Exchange)
    for tables in (TABLES, None):
        told = decode(exchange, tables)
        assert told.title.en
        assert told.title.zh


def seeds() -> Iterator[bytes]:
    """A reset, a command, one without an answer."""
    for channel, kind, sent, received in (
        ("card", "reset", "", "3B6D000000816B0000101512345678ABCD"),
        ("card", "apdu", "00A4000002DDF1", "9000"),
        ("sam", "apdu", "80CA000008", "01026982"),
        ("card", "lost", "0084000008", ""),
    ):
        yield msgspec.json.encode(
            Exchange(channel=channel, kind=kind, sent=sent, received=received, at_us=1, took_us=2)  # type: ignore[arg-type]
        )
