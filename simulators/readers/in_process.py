"""The in-process reader: a slot that a chip is put into and taken out of, and that powers it.

Follows ISO/IEC 7816-3, 6.2: a chip taken out loses its power, and one put in is reset before its first
command.
"""

from __future__ import annotations

import threading

from reference.languages import say
from reference.ports import Chip, ProductUnreachable


class InProcessReader:
    """A reader with one slot, itself a `Chip`: what it answers is what the chip inside answers."""

    def __init__(self, chip: Chip | None = None) -> None:
        self._chip = chip
        self._powered = False
        self._answer_to_reset: bytes | None = None
        self._turn = threading.RLock()

    def insert(self, chip: Chip) -> None:
        """Put a chip into the slot, in place of any that lies there."""
        with self._turn:
            self._chip, self._powered, self._answer_to_reset = chip, False, None

    def remove(self) -> None:
        """Take the chip out; the slot is empty and answers nothing."""
        with self._turn:
            self._chip, self._powered, self._answer_to_reset = None, False, None

    def occupied(self) -> bool:
        """Whether a chip lies in the slot."""
        return self._chip is not None

    def power_off(self) -> None:
        """Cut the power: the chip is reset before its next command."""
        with self._turn:
            self._powered = False

    def reset(self) -> bytes:
        """Power the chip afresh; return its answer to reset.

        Raises ProductUnreachable when the slot is empty, and whatever the chip raises.
        """
        with self._turn:
            self._powered, self._answer_to_reset = False, None  # a chip that stays silent has no answer
            self._answer_to_reset = self._inside().reset()
            self._powered = True
            return self._answer_to_reset

    def answer_to_reset(self) -> bytes:
        """What the chip answered to its last reset, also after power off; it is reset only if it never was.

        Raises as `reset` does.
        """
        with self._turn:
            return self.reset() if self._answer_to_reset is None else self._answer_to_reset

    def transmit(self, command: bytes) -> bytes:
        """One command APDU to the chip, which is powered first when it is not; data and status bytes back.

        Raises ProductUnreachable when the slot is empty, and whatever the chip raises.
        """
        with self._turn:
            if not self._powered:
                self.reset()
            return self._inside().transmit(command)

    def _inside(self) -> Chip:
        if self._chip is None:
            raise ProductUnreachable(
                say("In-process reader"), say("No card is in the slot."), say("Insert a card and try again.")
            )
        return self._chip
