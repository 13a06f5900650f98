"""Seeded sources of randomness and time for simulators and tests."""

from __future__ import annotations

import random
import secrets


class SeededRandomness:
    """Random bytes that come again with the same seed."""

    def __init__(self, seed: int) -> None:
        self.generator = random.Random(seed)  # noqa: S311 - repeatable by purpose, never used for keys

    def bytes(self, length: int) -> bytes:
        """The next ``length`` bytes."""
        return self.generator.randbytes(length)


class SystemRandomness:
    """Random bytes of the operating system."""

    def bytes(self, length: int) -> bytes:
        """``length`` fresh bytes."""
        return secrets.token_bytes(length)
