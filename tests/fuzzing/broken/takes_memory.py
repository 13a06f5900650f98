"""Takes more memory than there is for it."""

from __future__ import annotations

from tests.fuzzing.broken.raises import REFUSALS, SHARE, TOKENS, seeds

__all__ = ["REFUSALS", "SHARE", "TOKENS", "seeds", "target"]


def target(data: bytes) -> None:
    """Believe the input that it is as long as it says."""
    bytearray(len(data) * 2**33)
