"""A seeded source of randomness for simulators and tests."""

from __future__ import annotations

import random


class SeededRandomness:
    """Random bytes that come again with the same seed."""

    def __init__(self, seed: int) -> None:
        self.generator = random.Random(seed)  # noqa: S311 - repeatable by purpose, never used for keys

    def bytes(self, length: int) -> bytes:
        """The next ``length`` bytes."""
        return self.generator.randbytes(length)
