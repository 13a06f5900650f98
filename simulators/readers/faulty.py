"""A reader that misbehaves: slow, mute, cutting answers short, losing the card, flipping bits.

For trying out what stands behind the reader: the harness itself, and software of others. What a healthy reader does
is ISO/IEC 7816-3, 6.2 (power, reset, removal) and 12.1 (an answer ends with two status bytes). Commands are counted
from 1; a command that gets no answer does not reach the card.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from reference.languages import Text, say
from reference.ports import Chip, ProductUnreachable, Randomness
from simulators.sources import SeededRandomness

BITS = 8
SEED = 7816


class Slow(msgspec.Struct, frozen=True):
    """Every answer to a command comes later."""

    milliseconds: int


class Mute(msgspec.Struct, frozen=True):
    """From this command on none is answered; resets still are."""

    first: int


class Truncated(msgspec.Struct, frozen=True):
    """Every so many answers one lacks its last byte, or all but its first."""

    every: int
    to_one_byte: bool = False


class Gone(msgspec.Struct, frozen=True):
    """After so many commands the card is out: no command and no reset is answered.

    With ``back`` a reset finds it again, and it stays for as many commands as before.
    """

    after: int
    back: bool = False


class Garbage(msgspec.Struct, frozen=True):
    """Every so many answers one has a flipped bit."""

    every: int


Fault = Slow | Mute | Truncated | Gone | Garbage

BY_NAME: dict[str, Callable[[int], Fault]] = {
    "slow": Slow,
    "mute": Mute,
    "truncate": Truncated,
    "stub": lambda every: Truncated(every, to_one_byte=True),
    "gone": Gone,
    "away": lambda after: Gone(after, back=True),
    "garbage": Garbage,
}
"""How faults are called for: a name, a colon, a number."""


class UnknownFault(ValueError):
    """The words call for no fault: ``text`` says which there are."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def fault_of(words: str) -> Fault:
    """The fault called for by words like ``mute:20``. Raises UnknownFault."""
    name, _, number = words.partition(":")
    if name not in BY_NAME or not (number.isascii() and number.isdigit() and int(number)):
        raise UnknownFault(
            say(
                "{words}: a fault is a name and a number from 1, as in mute:20. Names: {names}.",
                words=words,
                names=", ".join(BY_NAME),
            )
        )
    return BY_NAME[name](int(number))


class FaultyReader:
    """A reader with these faults around any chip, itself a `Chip`; faults work together, in the order given."""

    def __init__(
        self,
        chip: Chip,
        *faults: Fault,
        sleep: Callable[[float], None] = time.sleep,
        randomness: Randomness | None = None,
    ) -> None:
        """``sleep`` waits for seconds; ``randomness`` says which bits are flipped, seeded when left out."""
        self.chip, self.faults = chip, faults
        self.sleep = sleep
        self.randomness = randomness or SeededRandomness(SEED)
        self.commands = 0
        self.since_found = 0
        """Commands since the card was last found by a reset."""

    def reset(self) -> bytes:
        """The chip's answer to reset. Raises ProductUnreachable when the card is gone for good."""
        if any(isinstance(fault, Gone) and not fault.back and self.commands >= fault.after for fault in self.faults):
            raise _lost(say("The card is gone."))
        self.since_found = 0
        return self.chip.reset()

    def transmit(self, command: bytes) -> bytes:
        """The chip's answer, as the faults leave it. Raises ProductUnreachable when they leave none."""
        self.commands += 1
        self.since_found += 1
        for fault in self.faults:
            self._withhold(fault)
        answer = self.chip.transmit(command)
        for fault in self.faults:
            answer = self._spoil(fault, answer)
        return answer

    def _withhold(self, fault: Fault) -> None:
        match fault:
            case Mute(first) if self.commands >= first:
                raise _lost(say("The card does not answer."))
            case Gone(after, back) if (self.since_found if back else self.commands) > after:
                raise _lost(say("The card is gone."))

    def _spoil(self, fault: Fault, answer: bytes) -> bytes:
        match fault:
            case Slow(milliseconds):
                self.sleep(milliseconds / 1000)
            case Truncated(every, to_one_byte) if self.commands % every == 0:
                return answer[:1] if to_one_byte else answer[:-1]
            case Garbage(every) if self.commands % every == 0 and answer:
                return self._with_flipped_bit(answer)
        return answer

    def _with_flipped_bit(self, answer: bytes) -> bytes:
        place, bit = self.randomness.bytes(2)
        spoiled = bytearray(answer)
        spoiled[place % len(answer)] ^= 1 << bit % BITS
        return bytes(spoiled)


def _lost(reason: Text) -> ProductUnreachable:
    return ProductUnreachable(say("Faulty reader"), reason, say("It was told to: start it again without this fault."))
