"""A scripted card: gives recorded answers to recorded commands, so that a failure can be shown to other software.

It holds no keys and computes nothing. Commands are found by their bytes from where the script stands, and from its
start when they are not found further on; a command that was never recorded is refused with 6F00.
"""

from __future__ import annotations

from collections.abc import Sequence

UNKNOWN = bytes.fromhex("6F00")


class ScriptedCard:
    """A Chip over a list of (command, answer); the empty command stands for a reset."""

    def __init__(self, script: Sequence[tuple[bytes, bytes]]) -> None:
        self.script: list[tuple[bytes, bytes]] = list(script)
        self.place = 0

    def reset(self) -> bytes:
        """The recorded answer to reset; the script goes on behind it."""
        return self._answer(b"") or bytes.fromhex("3B00")

    def transmit(self, command: bytes) -> bytes:
        """The recorded answer to the command."""
        return self._answer(command) or UNKNOWN

    def _answer(self, command: bytes) -> bytes:
        order = [*range(self.place, len(self.script)), *range(self.place)]
        found = next((index for index in order if self.script[index][0] == command), None)
        if found is None:
            return b""
        self.place = found + 1
        _, answer = self.script[found]
        recorded: bytes = answer
        return recorded
