"""Talking to a chip: one command, one answer, with GET RESPONSE where the interface works that way.

Follows ISO/IEC 7816-4 5.3 and 7816-3 (T=0: 61xx announces data, 6Cxx names the right length).
"""

from __future__ import annotations

import msgspec

from reference.card.apdu import CommandApdu, MalformedApdu, ResponseApdu
from reference.card.violations import UnusableAnswer
from reference.languages import say
from reference.ports import Chip
from reference.standard import Standard

MORE_DATA = 0x61
WRONG_LE = 0x6C
MOST_FETCHES = 16
"""No answer of the card is longer than this many GET RESPONSE; a card that never ends is cut off here."""


class ChipSession:
    """A chip with the standard's commands at hand; counts nothing and decides nothing."""

    kind = "chip"

    def __init__(self, chip: Chip, standard: Standard) -> None:
        self.chip = chip
        self.standard = standard

    def reset(self) -> bytes:
        """Reset the chip; its answer to reset."""
        return self.chip.reset()

    def send(
        self,
        command: str,
        *,
        cla: int | None = None,
        p1: int | None = None,
        p2: int | None = None,
        data: bytes = b"",
        le: int | None = None,
    ) -> ResponseApdu:
        """Send a command of the standard's table, named without its chip; data announced by 61xx is fetched.

        Class and parameters come from the table unless given. Raises UnusableAnswer when what comes back is no
        response APDU.
        """
        row = self.standard.commands[f"{self.kind}.{command}"]
        return self.exchange(
            CommandApdu(
                row.cla if cla is None else cla,
                row.ins,
                (row.p1 or 0) if p1 is None else p1,
                (row.p2 or 0) if p2 is None else p2,
                data,
                le,
            )
        )

    def exchange(self, command: CommandApdu) -> ResponseApdu:
        """Send any command; fetch announced data and repeat with the right length where the card asks for it."""
        response = self.once(command)
        if response.sw >> 8 == WRONG_LE and not response.data:
            response = self.once(msgspec.structs.replace(command, le=response.sw & 0xFF))
        data = response.data
        for _ in range(MOST_FETCHES):
            if response.sw >> 8 != MORE_DATA:
                break
            fetch = self.standard.commands[f"{self.kind}.get-response"]
            response = self.once(CommandApdu(fetch.cla, fetch.ins, 0, 0, le=response.sw & 0xFF))
            data += response.data
        return ResponseApdu(data, response.sw)

    def once(self, command: CommandApdu) -> ResponseApdu:
        """Send a command and take the answer as it comes, 61xx and 6Cxx included. Raises UnusableAnswer."""
        return self.once_raw(command.encode())

    def once_raw(self, command: bytes) -> ResponseApdu:
        """Send bytes that need not be a well-formed command. Raises UnusableAnswer."""
        raw = self.chip.transmit(command)
        try:
            return ResponseApdu.parse(raw)
        except MalformedApdu as fault:
            raise UnusableAnswer(command[:4].hex(" ").upper(), found=say("{fault}", fault=fault.reason)) from fault
