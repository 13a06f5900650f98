"""What every command of the simulated SAM stands on: session, dispatch, status words, data announced by 61xx.

Follows ISO/IEC 7816-3 and 7816-4. The SAM answers as a T=0 card. PIN and tries last, everything else ends with a reset.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TypeVar

from reference.card.apdu import OK, CommandApdu, MalformedApdu, ResponseApdu
from reference.card.reset_answer import build
from reference.crypto import SecretKey
from reference.ports import Randomness
from reference.standard import Standard
from reference.standard.rows import Command
from reference.terminal.sam_session import MASTER
from simulators.cards.image import SamImage
from simulators.cards.runtime import Answering, Refused

BLOCK = 16

Handler = TypeVar("Handler", bound=Callable[..., bytes])


def command(name: str) -> Callable[[Handler], Handler]:
    """Mark a method as the handler of a command of `standard/sam/commands.toml`."""

    def mark(handler: Handler) -> Handler:
        handler.command = name  # type: ignore[attr-defined]
        return handler

    return mark


class SamRuntime(Answering):
    """A powered SAM; ``memory`` is what it was personalised with."""

    def __init__(
        self, standard: Standard, image: SamImage, randomness: Randomness, interface: str = "sam-contact-t0"
    ) -> None:
        self.standard = standard
        self.memory = image
        self.randomness = randomness
        self.interface = standard.interfaces[interface]
        self.pin = image.pin
        self.pin_tries_left = standard.limit("sam-pin-tries")
        self.by_instruction: dict[int, tuple[Command, str]] = {}
        for name, member in inspect.getmembers(type(self), inspect.isfunction):
            if hasattr(member, "command"):
                row = standard.commands[member.command]
                self.by_instruction[row.ins] = (row, name)
        self._begin_session()

    def reset(self) -> bytes:
        """Reset: the MF is selected; session key, PIN status and everything begun are gone."""
        self._begin_session()
        return build(bytes.fromhex(self.interface.reset), self.memory.historical, check=self.interface.check)

    def _begin_session(self) -> None:
        self.directory = MASTER
        self.file: str | None = None
        self.pin_verified = False
        self.waiting = b""
        self.leave_application()

    def leave_application(self) -> None:
        """Leave DF01, whose keys session keys and digests come from: they are gone."""
        self.session: SecretKey | None = None
        self.break_off("")

    def break_off(self, method: str) -> None:
        """Another command than ``method`` has come: what that one and its like had begun is given up.

        A series of CIPHER DATA or of DATA COMPRESS must not be interrupted. GET RESPONSE belongs to the command before.
        """
        if method != "cipher_data":
            self.chained: bytes | None = None
            self.enciphering = False
        if method != "data_compress":
            self.collected = b""

    def transmit(self, command: bytes) -> bytes:
        """Execute one command APDU; every malformed or refused one gets its status word."""
        try:
            apdu = CommandApdu.parse(command)
            data = self.execute(apdu)
        except MalformedApdu:
            return ResponseApdu(b"", self.standard.sw("wrong-length")).encode()
        except Refused as refusal:
            return ResponseApdu(refusal.data, self.standard.sw(refusal.status) | (refusal.low or 0)).encode()
        if data and apdu.data:
            self.waiting = data
            return ResponseApdu(b"", self.standard.sw("more-data") | len(data)).encode()
        return ResponseApdu(data, OK).encode()

    def execute(self, apdu: CommandApdu) -> bytes:
        """Find the command's handler, hold the command against its row of the table, and run it."""
        row, method = self.by_instruction.get(apdu.ins, (None, ""))
        if method != "get_response":
            self.waiting = b""
            self.break_off(method)
        if row is None:
            raise Refused("instruction-not-supported")
        self.require(apdu.cla == row.cla, "class-not-supported")
        self.require(row.p1 in (None, apdu.p1) and row.p2 in (None, apdu.p2), "wrong-parameters")
        self.require(row.lc in (None, len(apdu.data)), "wrong-length")
        data: bytes = getattr(self, method)(apdu)
        return data

    @command("sam.get-response")
    def get_response(self, apdu: CommandApdu) -> bytes:
        """GET RESPONSE: the data announced by 61xx, once."""
        return self.announced(apdu)

    @command("sam.get-challenge")
    def get_challenge(self, apdu: CommandApdu) -> bytes:
        """GET CHALLENGE: eight random bytes (APP11 5.2.1 (1))."""
        length = self.standard.limit("challenge-length")
        self.require(not apdu.data and apdu.le == length, "wrong-length")
        return self.randomness.bytes(length)
