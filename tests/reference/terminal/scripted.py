"""A chip that answers from a list and keeps what it was sent."""

from __future__ import annotations

from collections.abc import Iterable


class ListedChip:
    """Gives the listed answers in order; the last one for ever."""

    def __init__(self, answers: Iterable[str], reset: str = "3B6D000000816B0000101512345678ABCD") -> None:
        self.answers = [bytes.fromhex(answer) for answer in answers]
        self.reset_answer = bytes.fromhex(reset)
        self.sent: list[str] = []

    def reset(self) -> bytes:
        """The answer to reset given."""
        return self.reset_answer

    def transmit(self, command: bytes) -> bytes:
        """The next listed answer."""
        self.sent.append(command.hex().upper())
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
