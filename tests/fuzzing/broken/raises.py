"""Raises what it does not document, for one byte."""

from __future__ import annotations

from collections.abc import Iterator

REFUSALS = (ValueError,)
TOKENS = (b"!",)
SHARE = 1


def target(data: bytes) -> None:
    """Refuse what begins with a question mark, fall over an exclamation mark."""
    if data.startswith(b"?"):
        raise ValueError("a question")
    if b"!" in data:
        raise KeyError("!")


def seeds() -> Iterator[bytes]:
    """Nothing broken."""
    yield b"honest"
    yield b"?"
