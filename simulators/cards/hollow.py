"""Hollow products: chips that hold nothing. A suite that lets one of them pass a mandatory test is worth nothing.

They stand for the ways in which test benches fool themselves: no device attached, a driver that returns its own
buffer, a stub that always says yes.
"""

from __future__ import annotations

from reference.ports import Chip, ProductUnreachable, Randomness

RESET_ANSWER = bytes.fromhex("3B8D8001" + "00" * 13 + "0C")
OK = bytes.fromhex("9000")


class NullCard:
    """Knows no command: 6D00 to all."""

    def reset(self) -> bytes:
        """A well-formed answer to reset."""
        return RESET_ANSWER

    def transmit(self, command: bytes) -> bytes:
        """6D00."""
        return bytes.fromhex("6D00")


class Always9000Card(NullCard):
    """Says yes to everything and gives no data."""

    def transmit(self, command: bytes) -> bytes:
        """9000."""
        return OK


class GenerousCard(NullCard):
    """Says yes to everything and gives as many zero bytes as are asked for."""

    def transmit(self, command: bytes) -> bytes:
        """Zero bytes and 9000."""
        wants_data = len(command) == 5 or (len(command) > 5 and len(command) > 5 + command[4])
        return bytes(command[-1] if wants_data else 0) + OK


class EchoCard(NullCard):
    """Gives back what was sent."""

    def transmit(self, command: bytes) -> bytes:
        """The command and 9000."""
        return command + OK


class SilentCard(NullCard):
    """Answers to reset and then no more."""

    def transmit(self, command: bytes) -> bytes:
        """Never answers: the reader reports the time-out."""
        raise ProductUnreachable("card", "the card did not answer in time.", "Check that a card lies on the reader.")


class RandomCard(NullCard):
    """Answers with random bytes and a random status word."""

    def __init__(self, randomness: Randomness) -> None:
        self.randomness = randomness

    def transmit(self, command: bytes) -> bytes:
        """Two to nine random bytes."""
        return self.randomness.bytes(2 + self.randomness.bytes(1)[0] % 8)


class FirstAnswerAgainCard:
    """Gives for ever the first answer that a real card gave."""

    def __init__(self, card: Chip) -> None:
        self.card = card
        self.first: bytes | None = None

    def reset(self) -> bytes:
        """The real card's answer to reset."""
        return self.card.reset()

    def transmit(self, command: bytes) -> bytes:
        """The real card's first answer."""
        if self.first is None:
            self.first = self.card.transmit(command)
        return self.first
