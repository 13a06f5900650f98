"""The simulated SAM's directories and files: SELECT and READ BINARY, as API13's iReader_SAM functions use them."""

from __future__ import annotations

from reference.card.apdu import CommandApdu
from reference.terminal.sam_session import APPLICATION, MASTER
from simulators.cards.runtime import Refused
from simulators.cards.sam.runtime import SamRuntime, command

MOST_BYTES = 256
SHORT_IDENTIFIER = 0x80
"""Bit of P1 that would name a file by short identifier; no source gives the SAM's files any."""


class Files(SamRuntime):
    """What a SAM says about itself; free to read."""

    @command("sam.select")
    def select(self, apdu: CommandApdu) -> bytes:
        """SELECT the MF, the application, or a file of the current one."""
        fid = apdu.data.hex().upper()
        if fid in (MASTER, APPLICATION):
            if fid != self.directory:
                self.leave_application()
            self.directory, self.file = fid, None
            return b""
        path = fid if self.directory == MASTER else f"{self.directory}/{fid}"
        self.require(path in self.memory.files, "file-not-found")
        self.file = path
        return b""

    @command("sam.read-binary")
    def read_binary(self, apdu: CommandApdu) -> bytes:
        """READ BINARY of the selected file from the offset in P1 and P2; more than there is gets 6Cxx."""
        if self.file is None:
            raise Refused("no-current-file")
        self.require(not apdu.p1 & SHORT_IDENTIFIER, "wrong-parameters")
        if apdu.data or apdu.le is None:
            raise Refused("wrong-length")
        content, offset = self.memory.files[self.file], apdu.p1 << 8 | apdu.p2
        self.require(offset < len(content), "wrong-offset")
        rest = content[offset : offset + MOST_BYTES]
        return rest[: apdu.le] if apdu.le <= len(rest) and apdu.le else self.take(apdu, rest)
