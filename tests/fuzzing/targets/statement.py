"""Capability statements in TOML, as vendors write them."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.adapters.real_cards import UnusableFile, read_statement
from tests.fuzzing.scratch import written

REFUSALS = (UnusableFile,)
TOKENS = (
    b"capabilities",
    b"[capabilities]\n",
    b'data_set = "real"\n',
    b"= true\n",
    b"= 1979-05-27T07:32:00Z\n",
    b'"""',
)
SHARE = 12


def target(data: bytes) -> None:
    """The bytes as the file."""
    assert read_statement(written("statement.toml", data)).product().kind == "user-card"


def seeds() -> Iterator[bytes]:
    """A short one, and one with capabilities."""
    head = b'name = "Card"\nvendor = "Vendor"\nversion = "1.0"\nsample = "7"\n'
    yield head
    yield head + b'data_set = "synthetic"\n[capabilities]\nappend-record = true\n"financial-application" = false\n'
    yield head.replace(b"Card", "居民健康卡".encode())
