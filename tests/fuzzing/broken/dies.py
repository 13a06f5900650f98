"""Ends its process without a word."""

from __future__ import annotations

import os

from tests.fuzzing.broken.raises import REFUSALS, SHARE, TOKENS, seeds

__all__ = ["REFUSALS", "SHARE", "TOKENS", "seeds", "target"]


def target(data: bytes) -> None:
    """Gone where the input is not empty."""
    if data:
        os._exit(7)
