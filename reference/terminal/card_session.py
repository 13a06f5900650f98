"""A terminal's view of a user card: select, read, update, challenge, authenticate; one method a command.

Follows APP11 chapters 4 to 6; the forms of the commands are those of fielded terminals (standard/card/commands.toml).
"""

from __future__ import annotations

from reference.card.apdu import ResponseApdu
from reference.card.tree import path_to
from reference.terminal.chip_session import ChipSession

BY_NAME = 0x04
BY_NUMBER = 0x04
BY_IDENTIFIER = 0x00
PREVIOUS_RECORD = 0x03
SECURED = 0x04
PROTECTED = 0x84


class CardSession(ChipSession):
    """The user card in the reader."""

    kind = "card"

    def select_identifier(self, fid: str) -> ResponseApdu:
        """SELECT one file identifier (four hex digits) from where the card stands."""
        return self.send("select", data=bytes.fromhex(fid))

    def select_name(self, name: bytes) -> ResponseApdu:
        """SELECT a directory by its DF name."""
        return self.send("select", p1=BY_NAME, data=name)

    def select(self, path: str) -> ResponseApdu:
        """SELECT step by step from the MF down to ``path``; the first answer that is not 9000 ends it."""
        return self._walk(path_to(self.standard, path))

    def select_from(self, directory: str, path: str) -> ResponseApdu:
        """SELECT downwards from ``directory``, which is selected already, to ``path`` below it."""
        return self._walk(path_to(self.standard, path)[len(path_to(self.standard, directory)) :])

    def _walk(self, fids: tuple[str, ...]) -> ResponseApdu:
        answer = ResponseApdu(b"", 0x9000)
        for fid in fids:
            answer = self.select_identifier(fid)
            if answer.sw != 0x9000:
                break
        return answer

    def read_record(self, number: int) -> ResponseApdu:
        """READ RECORD by number, from 1."""
        return self.send("read-record", p1=number, p2=BY_NUMBER, le=0)

    def read_record_tagged(self, tag: int) -> ResponseApdu:
        """READ RECORD by record identifier: the first record whose tag is ``tag``."""
        return self.send("read-record", p1=tag, p2=BY_IDENTIFIER, le=0)

    def read_binary(self, offset: int, length: int) -> ResponseApdu:
        """READ BINARY ``length`` bytes (at most 256; 0 asks for 256) from ``offset``."""
        return self.send("read-binary", p1=offset >> 8, p2=offset & 0xFF, le=length)

    def update_binary(self, offset: int, data: bytes) -> ResponseApdu:
        """UPDATE BINARY in plain."""
        return self.send("update-binary", p1=offset >> 8, p2=offset & 0xFF, data=data)

    def update_record(self, number: int, record: bytes, *, cla: int = 0x00) -> ResponseApdu:
        """UPDATE RECORD ``number`` with these command data; class 00 is plain, class 04 secured."""
        return self.send("update-record", cla=cla, p1=number, p2=BY_NUMBER, data=record)

    def push_record(self, record: bytes, *, cla: int = 0x00) -> ResponseApdu:
        """UPDATE RECORD "previous" of a cyclic file: the record becomes number 1, the oldest goes."""
        return self.send("update-record", cla=cla, p1=0, p2=PREVIOUS_RECORD, data=record)

    def challenge(self) -> ResponseApdu:
        """GET CHALLENGE: eight random bytes, kept by the card for the next authentication or secured command."""
        return self.send("get-challenge", le=self.standard.limit("challenge-length"))

    def external_authenticate(self, reference: int, data: bytes) -> ResponseApdu:
        """EXTERNAL AUTHENTICATE with the key that P2 names in the current directory."""
        return self.send("external-authenticate", p2=reference, data=data)

    def internal_authenticate(self, reference: int, data: bytes) -> ResponseApdu:
        """INTERNAL AUTHENTICATE with the key that P2 names in the current directory."""
        return self.send("internal-authenticate", p2=reference, data=data, le=0)
