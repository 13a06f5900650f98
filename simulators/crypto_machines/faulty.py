"""Crypto machines with one fault each, to try out what calls them: pools, platforms, and software of others."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

import msgspec

from reference.keys.messages import Answer
from reference.keys.tables import error_code
from reference.ports import CryptoMachine, Randomness
from simulators.crypto_machines.machine import Reply, SimulatedMachine

FOREIGN_CHECK_VALUE = "0000000000000000"
DELAY_S = 10.0
"""Longer than any caller should wait."""


class SlowMachine(SimulatedMachine):
    """Every answer comes late."""

    sleep: Callable[[float], None] = staticmethod(time.sleep)

    def reply(self, body: bytes) -> Reply:
        """The right reply, after `DELAY_S`."""
        self.sleep(DELAY_S)
        return super().reply(body)


class DroppingMachine(SimulatedMachine):
    """Hangs up instead of answering."""

    def reply(self, body: bytes) -> Reply:
        """Nothing, and the end of the connection."""
        return Reply(hang_up=True)


class RefusingMachine(SimulatedMachine):
    """Answers every request with its internal fault."""

    def answer(self, command: str, body: bytes) -> Answer:
        """The error alone."""
        return Answer(command, error_code("broken"))


class ForeignKeysMachine(SimulatedMachine):
    """Shows the check value of other keys, as after an exchange of the device."""

    def answer(self, command: str, body: bytes) -> Answer:
        """The right answer but for the check value."""
        answer = super().answer(command, body)
        return msgspec.structs.replace(answer, check_value=FOREIGN_CHECK_VALUE) if command == "device" else answer


class HalfAnsweringMachine(SimulatedMachine):
    """Dies in the middle of every answer."""

    def reply(self, body: bytes) -> Reply:
        """The first half of the right message, and the end of the connection."""
        message = super().reply(body).message
        return Reply(message[: len(message) // 2], hang_up=True)


class Fault(StrEnum):
    """How a fault is called for on the command line."""

    SLOW = "slow"
    DROP = "drop"
    REFUSE = "refuse"
    WRONG_CHECK = "wrong-check"
    HALF_ANSWER = "half-answer"


BY_FAULT: dict[Fault | None, type[SimulatedMachine]] = {
    None: SimulatedMachine,
    Fault.SLOW: SlowMachine,
    Fault.DROP: DroppingMachine,
    Fault.REFUSE: RefusingMachine,
    Fault.WRONG_CHECK: ForeignKeysMachine,
    Fault.HALF_ANSWER: HalfAnsweringMachine,
}


def machine_with(fault: Fault | None, inside: CryptoMachine, randomness: Randomness) -> SimulatedMachine:
    """A machine with a fault, or a healthy one for None."""
    return BY_FAULT[fault](inside, randomness)
