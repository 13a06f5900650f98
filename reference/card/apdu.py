"""Command and response APDUs of the short form, cases 1 to 4.

Follows ISO/IEC 7816-4 (GB/T 16649.4-2010, cited by APP11 chapter 2), clauses 5.1 and 5.2.
"""

from __future__ import annotations

import msgspec

from reference.languages import Text, say

STATUS_LENGTH = 2
OK = 0x9000


class MalformedApdu(ValueError):
    """The bytes are no APDU: says what is wrong with them and at which offset."""

    def __init__(self, reason: Text, offset: int) -> None:
        super().__init__(f"{reason} (offset {offset})")
        self.reason, self.offset = reason, offset


class CommandApdu(msgspec.Struct, frozen=True):
    """A command. ``le`` is the number of bytes wanted, 0 for "as many as there are"; None where no data is wanted."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    @property
    def header(self) -> bytes:
        """CLA INS P1 P2."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    def encode(self) -> bytes:
        """The command as sent."""
        body = bytes((len(self.data),)) + self.data if self.data else b""
        return self.header + body + (b"" if self.le is None else bytes((self.le & 0xFF,)))

    @classmethod
    def parse(cls, raw: bytes) -> CommandApdu:
        """Take a short APDU apart. Raises MalformedApdu when lengths do not add up."""
        if len(raw) < 4:
            raise MalformedApdu(say("a command has at least four bytes, not {count}", count=len(raw)), len(raw))
        (cla, ins, p1, p2), body = raw[:4], raw[4:]
        if not body:
            return cls(cla, ins, p1, p2)
        if len(body) == 1:
            return cls(cla, ins, p1, p2, le=body[0])
        data, rest = body[1 : 1 + body[0]], body[1 + body[0] :]
        if body[0] == 0:
            raise MalformedApdu(say("extended length is not declared by this card"), 4)
        if len(data) < body[0] or len(rest) > 1:
            raise MalformedApdu(say("Lc is {lc} but {count} bytes follow it", lc=body[0], count=len(body) - 1), 4)
        return cls(cla, ins, p1, p2, bytes(data), rest[0] if rest else None)


class ResponseApdu(msgspec.Struct, frozen=True):
    """A response: data and status word."""

    data: bytes
    sw: int

    @classmethod
    def parse(cls, raw: bytes) -> ResponseApdu:
        """Split data from the two status bytes. Raises MalformedApdu for fewer than two bytes."""
        if len(raw) < STATUS_LENGTH:
            raise MalformedApdu(
                say("an answer ends in two status bytes, but only {count} came", count=len(raw)), len(raw)
            )
        return cls(bytes(raw[:-STATUS_LENGTH]), int.from_bytes(raw[-STATUS_LENGTH:], "big"))

    def encode(self) -> bytes:
        """The response as sent."""
        return self.data + self.sw.to_bytes(STATUS_LENGTH, "big")

    @property
    def granted(self) -> bool:
        """Whether the card did what was asked, or gave out data with whatever status word."""
        return self.sw == OK or bool(self.data)

    def describe(self) -> Text:
        """The answer in words, for findings."""
        if self.data:
            return say("{sw:04X} with {count} bytes of data", sw=self.sw, count=len(self.data))
        return say("{sw:04X} without data", sw=self.sw)
