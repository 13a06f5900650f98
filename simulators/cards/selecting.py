"""The simulated card's SELECT (APP11 4.1 to 4.5)."""

from __future__ import annotations

from reference.card.apdu import CommandApdu
from reference.card.tree import select_by_identifier, select_by_name
from reference.standard.rows import Directory, File
from simulators.cards.runtime import CardRuntime, Refused, command

BY_IDENTIFIER, BY_NAME = 0x00, 0x04


class Selecting(CardRuntime):
    """Directories and files by identifier, directories by name."""

    @command("card.select")
    def select(self, apdu: CommandApdu) -> bytes:
        """SELECT by file identifier or by DF name (APP11 4.5)."""
        if apdu.p2 != 0 or apdu.p1 not in (BY_IDENTIFIER, BY_NAME):
            raise Refused("wrong-parameters")
        if apdu.p1 == BY_IDENTIFIER and len(apdu.data) != 2:
            raise Refused("wrong-length")
        found = self.find(apdu)
        if found is None or not self.holds(found):
            raise Refused("file-not-found")
        if isinstance(found, File):
            self.file = found
            return b""
        self.enter(found)
        return self.take(apdu, self.control_information(found)) if apdu.le is not None else b""

    def find(self, apdu: CommandApdu) -> Directory | File | None:
        """What the command names, seen from where the card stands."""
        if apdu.p1 == BY_NAME:
            return select_by_name(self.standard, apdu.data)
        return select_by_identifier(self.standard, self.directory, apdu.data.hex().upper())

    def holds(self, row: Directory | File) -> bool:
        """Whether the file or directory was made on this card."""
        return isinstance(row, Directory) or row.path in self.memory.files

    def enter(self, directory: Directory) -> None:
        """Make a directory the current one; rights belong to the directory whose keys gave them."""
        if directory.path != self.directory:
            self.authenticated.clear()
        self.directory, self.file = directory.path, None

    def control_information(self, directory: Directory) -> bytes:
        """FCI with the DF name, where the directory has one (tags 6F and 84 of ISO/IEC 7816-4)."""
        name = bytes.fromhex(directory.name)
        inner = bytes((0x84, len(name))) + name if name else b""
        return bytes((0x6F, len(inner))) + inner
