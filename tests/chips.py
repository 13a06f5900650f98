"""Tiny chips for tests of readers and adapters: each answers in one way only."""

from __future__ import annotations

import threading
from collections.abc import Callable

from reference.ports import ProductUnreachable

T0_ANSWER = bytes.fromhex("3B6500006865616C74")
T1_ANSWER = bytes.fromhex("3B80800101")
OK = b"\x90\x00"


class CountingChip:
    """Answers a command with how many came before it since the last reset, and keeps what came."""

    def __init__(self, answer_to_reset: bytes = T1_ANSWER) -> None:
        self.answer_to_reset = answer_to_reset
        self.resets = 0
        self.commands: list[bytes] = []
        self.since_reset = 0

    def reset(self) -> bytes:
        self.resets, self.since_reset = self.resets + 1, 0
        return self.answer_to_reset

    def transmit(self, command: bytes) -> bytes:
        self.commands.append(command)
        self.since_reset += 1
        return bytes([self.since_reset - 1]) + OK


class FixedChip:
    """Answers every command alike."""

    def __init__(self, answer: bytes, answer_to_reset: bytes = T1_ANSWER) -> None:
        self._answer, self._answer_to_reset = answer, answer_to_reset

    def reset(self) -> bytes:
        return self._answer_to_reset

    def transmit(self, command: bytes) -> bytes:
        return self._answer


class FailingChip(FixedChip):
    """Raises what it is given on every command."""

    def __init__(self, make: Callable[[], Exception]) -> None:
        super().__init__(OK)
        self._make = make

    def transmit(self, command: bytes) -> bytes:
        raise self._make()


class HangingChip(FixedChip):
    """Does not come back from a command until it is let go."""

    def __init__(self) -> None:
        super().__init__(OK)
        self.let_go = threading.Event()

    def transmit(self, command: bytes) -> bytes:
        self.let_go.wait(30)
        return OK


def mute() -> Exception:
    """What a chip raises that has fallen silent."""
    return ProductUnreachable("Chip", "It is mute.", "Reset it.")
