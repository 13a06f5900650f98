"""Where the personal bytes of a transcript stand: everything that is not known to be open.

Open is, by `card/personal.toml`: records of open elements, and data of commands that carry no content. What the SAM
enciphers is open only where it proves a key (APP11 5.2, 5.3) or seals a command without data (5.4 to 5.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from conformance.evidence.model import Exchange
from reference.card.apdu import STATUS_LENGTH, CommandApdu, MalformedApdu
from reference.standard import Standard

Place = tuple[Literal["sent", "received"], int, int]
"""Side, offset and length of bytes in an exchange."""
HEADER = 5
"""CLA INS P1 P2 Lc: what of a command is always shown."""
BLOCK = 16
HALF = 8
TEMPLATE = 0x6F
"""Tag of file control information (ISO/IEC 7816-4 5.3.3)."""


class Watch:
    """Follows one transcript and says of each exchange where its personal bytes stand."""

    def __init__(self, standard: Standard, exchanges: Sequence[Exchange]) -> None:
        self.standard = standard
        self.instruction = {id: bytes((row.ins,)) for id, row in standard.commands.items()}
        self.open = {
            (standard.commands[row.command].chip, self.instruction[row.command])
            for row in standard.open_commands
            if row.command in standard.commands
        }
        proving = {self.instruction.get(f"card.{kind}-authenticate") for kind in ("external", "internal")}
        commands = (bytes.fromhex(each.sent) for each in exchanges if each.channel == "card" and not each.withheld)
        self.proofs = [command for command in commands if command[1:2] in proving]
        """Commands of authentication: the SAM enciphers the original information in them."""
        self.selected = ""
        """File identifier of the last SELECT that the card granted."""
        self.answer_is_open: dict[str, bool] = {}
        """By channel, whether an answer that GET RESPONSE may fetch is open."""

    def personal(self, exchange: Exchange) -> list[Place]:
        """The personal bytes of the exchange; to be asked once for each, in their order."""
        if exchange.kind == "reset":
            self.selected = ""
        if exchange.kind == "reset" or exchange.withheld:
            return []
        command, received = bytes.fromhex(exchange.sent), bytes.fromhex(exchange.received)
        sent_is_open = self._sent_is_open(exchange.channel, command)
        if command[1:2] != self.instruction.get(f"{exchange.channel}.get-response"):
            self.answer_is_open[exchange.channel] = sent_is_open
        answer_is_open = self.answer_is_open.get(exchange.channel, False)
        if exchange.channel == "card":
            answer_is_open = (answer_is_open and self._is_no_content(received)) or self._is_open_record(received)
            self._follow(command, received)
        places = [] if sent_is_open else _data_sent(command)
        return places + ([] if answer_is_open else data_received(received))

    def _sent_is_open(self, channel: str, command: bytes) -> bool:
        if (channel, command[1:2]) in self.open:
            return True
        return command[1:2] == self.instruction.get("sam.cipher-data") and channel == "sam" and self._no_record(command)

    def _no_record(self, command: bytes) -> bool:
        """Whether CIPHER DATA works on original information, or on the header of a command without data."""
        blocks = command[HEADER:]
        if len(blocks) == BLOCK:
            return not any(blocks[HALF:]) and any(blocks[:HALF] in proof for proof in self.proofs)
        header, _, padding = blocks[BLOCK:].rpartition(b"\x80")
        return len(blocks) == 2 * BLOCK and len(header) == HEADER and not any(padding)

    def _is_no_content(self, received: bytes) -> bool:
        """Whether the answer to an open command is a challenge, a proof or control information, as it should be."""
        data = received[:-STATUS_LENGTH]
        return len(data) <= self.standard.limit("challenge-length") or data[:2] == bytes((TEMPLATE, len(data) - 2))

    def _is_open_record(self, received: bytes) -> bool:
        """Whether the answer is a record of an open element, with the element's tag, from the element's file."""
        record = received[:-STATUS_LENGTH]
        return any(
            record[:2] == bytes((element.tag or 0, element.length))
            and len(record) == element.length + 2
            and self.selected == self.standard.files[row.file].fid
            for row in self.standard.open_elements
            for element in self.standard.elements(row.file)
            if element.id == row.element
        )

    def _follow(self, command: bytes, received: bytes) -> None:
        granted = received[-STATUS_LENGTH:-1] in (b"\x90", b"\x61")
        if command[1:2] == self.instruction.get("card.select") and granted:
            self.selected = command[HEADER : HEADER + 2].hex().upper() if command[2:3] == b"\x00" else ""


def _data_sent(command: bytes) -> list[Place]:
    try:
        length = len(CommandApdu.parse(command).data)
    except MalformedApdu:
        length = max(0, len(command) - HEADER)
    return [("sent", HEADER, length)] if length else []


def data_received(received: bytes) -> list[Place]:
    """The bytes of an answer before its status word; all of one that is too short to have one."""
    length = len(received) if len(received) < STATUS_LENGTH else len(received) - STATUS_LENGTH
    return [("received", 0, length)] if length else []
