"""Goes on for ever where the input is not empty."""

from __future__ import annotations

from tests.fuzzing.broken.raises import REFUSALS, SHARE, TOKENS, seeds

__all__ = ["REFUSALS", "SHARE", "TOKENS", "seeds", "target"]


def target(data: bytes) -> None:
    """Swallow every Exception meanwhile, as careless code does."""
    while data:
        try:
            data = data[::-1]
        except Exception:
            continue
