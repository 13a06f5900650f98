"""Commands and answers taken apart (ISO/IEC 7816-4 5.1): what is taken is encoded again to the same bytes."""

from __future__ import annotations

from collections.abc import Iterator

from reference.card.apdu import CommandApdu, MalformedApdu, ResponseApdu

REFUSALS = (MalformedApdu,)
TOKENS = (b"\x90\x00", b"\x00\xa4\x00\x00\x02", b"\x00\x00\x00")
SHARE = 40


def target(data: bytes) -> None:
    """The first byte chooses between command and answer."""
    if not data or data[0] % 2:
        command = CommandApdu.parse(data[1:])
        assert command.encode() == data[1:]
        assert len(command.data) <= 255
    else:
        answer = ResponseApdu.parse(data[1:])
        assert answer.encode() == data[1:]
        assert answer.describe().zh


def seeds() -> Iterator[bytes]:
    """The four cases of a command, and answers with and without data."""
    for command in ("00A40000", "0084000008", "00A40000023F00", "008800000911223344556677880108"):
        yield b"\x01" + bytes.fromhex(command)
    yield b"\x00" + bytes.fromhex("9000")
    yield b"\x00" + bytes.fromhex("01020304059000")
