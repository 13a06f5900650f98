"""Keeps a little more with every input."""

from __future__ import annotations

from tests.fuzzing.broken.raises import REFUSALS, SHARE, TOKENS, seeds

__all__ = ["REFUSALS", "SHARE", "TOKENS", "seeds", "target"]

KEPT: list[bytes] = []
A_MEBIBYTE = bytes(range(256)) * 4096


def target(data: bytes) -> None:
    """Half a mebibyte an input, of its own."""
    KEPT.append(A_MEBIBYTE[len(KEPT) % 256 : len(A_MEBIBYTE) // 2] + data)
