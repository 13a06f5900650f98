"""The simulated card's READ RECORD and READ BINARY (APP11 6.1.1, 6.2.1, 6.3.1)."""

from __future__ import annotations

from reference.card.access import may_read
from reference.card.apdu import CommandApdu
from reference.standard.rows import File, FileKind
from simulators.cards.runtime import CardRuntime, Refused, command

RECORD_BY_IDENTIFIER, RECORD_BY_NUMBER = 0x00, 0x04
SHORT_IDENTIFIERS = 0xF8
"""Bits of P2 that would name a file by short identifier; no source gives the card's files any."""
MOST_BYTES = 256


class Reading(CardRuntime):
    """Content, to whom the file's read key gave the right."""

    @command("card.read-record")
    def read_record(self, apdu: CommandApdu) -> bytes:
        """READ RECORD by number, or by identifier (its tag)."""
        file = self.opened(FileKind.VARIABLE, FileKind.FIXED, FileKind.CYCLIC)
        self.require(self.may_read(file), "security-status-not-satisfied")
        return self.take(apdu, self.record(file, apdu.p1, apdu.p2))

    @command("card.read-binary")
    def read_binary(self, apdu: CommandApdu) -> bytes:
        """READ BINARY from the offset in P1 and P2."""
        file = self.opened(FileKind.BINARY)
        self.require(self.may_read(file), "security-status-not-satisfied")
        content, offset = self.content(file).binary, apdu.p1 << 8 | apdu.p2
        self.require(offset < len(content), "wrong-offset")
        wanted = MOST_BYTES if apdu.le == 0 else apdu.le
        if wanted is None:
            raise Refused("wrong-length")
        if apdu.le and offset + wanted > len(content):
            raise Refused("wrong-le", low=(len(content) - offset) & 0xFF)
        return content[offset : offset + wanted]

    def record(self, file: File, p1: int, p2: int) -> bytes:
        """The record that P1 and P2 name."""
        return self.content(file).records[self.place(file, p1, p2)]

    def place(self, file: File, p1: int, p2: int) -> int:
        """Index of the record that P1 and P2 name: by number from 1, or by identifier among tagged records."""
        self.require(not p2 & SHORT_IDENTIFIERS, "function-not-supported")
        records = self.content(file).records
        if p2 == RECORD_BY_NUMBER:
            self.require(1 <= p1 <= len(records), "record-not-found")
            return p1 - 1
        if p2 == RECORD_BY_IDENTIFIER and file.kind is FileKind.VARIABLE:
            tagged = [index for index, record in enumerate(records) if record[0] == p1]
            self.require(bool(tagged), "record-not-found")
            return tagged[0]
        raise Refused("wrong-parameters")

    def may_read(self, file: File) -> bool:
        """The read right (reference.card.access)."""
        return may_read(file, self.authenticated)
