"""Recording what passes between a test and the product, and playing it back.

Every chip that a test speaks to is wrapped, so that each exchange stands in the test's transcript; a played-back chip
gives the recorded answers and takes only the recorded commands.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.evidence.model import Exchange
from conformance.evidence.redaction import plain, struck
from reference.languages import Text, say
from reference.ports import Chip, Clock, ProductUnreachable
from reference.standard import Standard


class Transcript:
    """The exchanges of one test, in order, over all channels."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.began_us = clock.monotonic_us()
        self.exchanges: list[Exchange] = []

    def last(self, channel: str = "card") -> int | None:
        """Index of the latest exchange on a channel, to point at in a finding."""
        numbered = reversed(list(enumerate(self.exchanges)))
        return next((index for index, exchange in numbered if exchange.channel == channel), None)


class RecordingChip:
    """A chip whose exchanges are written down; a PIN or a key in a command is struck out before."""

    def __init__(self, chip: Chip, channel: str, transcript: Transcript, standard: Standard) -> None:
        self.chip, self.channel, self.transcript, self.standard = chip, channel, transcript, standard

    def reset(self) -> bytes:
        """Reset the chip and record its answer."""
        return self._record("reset", b"")

    def transmit(self, command: bytes) -> bytes:
        """Pass the command on and record both sides."""
        return self._record("apdu", command)

    def _record(self, kind: str, sent: bytes) -> bytes:
        clock = self.transcript.clock
        start = clock.monotonic_us()
        try:
            received = self.chip.reset() if kind == "reset" else self.chip.transmit(sent)
        except ProductUnreachable as lost:
            self._keep("lost", sent, b"", start, str(lost))
            raise
        self._keep(kind, sent, received, start)
        return received

    def _keep(self, kind: str, sent: bytes, received: bytes, start: int, note: str = "") -> None:
        written, answered, withheld = struck(self.standard, self.channel, sent, received)
        self.transcript.exchanges.append(
            Exchange(
                channel=self.channel,
                kind=kind,  # type: ignore[arg-type]
                sent=written,
                received=answered,
                at_us=start - self.transcript.began_us,
                took_us=self.transcript.clock.monotonic_us() - start,
                note=note,
                withheld=withheld,
            )
        )


class Diverged(Exception):
    """A test asked a played-back product something else than is recorded: a fault of harness or package."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


def is_recorded(recorded: str, asked: bytes) -> bool:
    """Whether a command is the recorded one; bytes that were struck out, a PIN's, may be any."""
    asked_for = asked.hex().upper()
    return len(recorded) == len(asked_for) and all(
        one in (other, "*") for one, other in zip(recorded, asked_for, strict=True)
    )


class Recording:
    """The recorded exchanges of one test with a place to go on from, shared by the test's channels."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self.exchanges = exchanges
        self.place = 0

    def answer(self, channel: str, kind: str, sent: bytes) -> bytes:
        """The recorded answer to the next exchange. Raises Diverged, or ProductUnreachable as recorded."""
        if self.place >= len(self.exchanges):
            raise Diverged(say("the recording ends after {count} exchanges", count=len(self.exchanges)))
        exchange = self.exchanges[self.place]
        lost = exchange.kind == "lost"
        fits = exchange.channel == channel and (lost or exchange.kind == kind) and is_recorded(exchange.sent, sent)
        if not fits:
            raise Diverged(
                say(
                    "exchange {number} is recorded as {recorded} on {channel}, but {asked} was asked",
                    number=self.place,
                    recorded=exchange.sent or exchange.kind,
                    channel=exchange.channel,
                    asked=sent.hex().upper() or kind,
                )
            )
        self.place += 1
        if lost:
            raise ProductUnreachable(channel, exchange.note, "")
        return plain(exchange.received)

    def finish(self) -> None:
        """Raise Diverged when exchanges are left that the test did not ask for."""
        if self.place != len(self.exchanges):
            raise Diverged(
                say(
                    "the test ended after {place} of {count} recorded exchanges",
                    place=self.place,
                    count=len(self.exchanges),
                )
            )


class PlayedBackChip:
    """A chip that gives recorded answers to recorded commands."""

    def __init__(self, recording: Recording, channel: str) -> None:
        self.recording, self.channel = recording, channel

    def reset(self) -> bytes:
        """The recorded answer to reset."""
        return self.recording.answer(self.channel, "reset", b"")

    def transmit(self, command: bytes) -> bytes:
        """The recorded answer."""
        return self.recording.answer(self.channel, "apdu", command)
