"""The wire of the virtual reader: any stream, cut anywhere, is served until it ends; no chip breaks over it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import cast

from reference.standard import load
from simulators.cards import demo_card
from simulators.readers.card_server import Slot
from simulators.readers.in_process import InProcessReader
from simulators.readers.wire import Link

REFUSALS: tuple[type[Exception], ...] = ()
TOKENS = (b"\x00\x01\x00", b"\x00\x01\x01", b"\x00\x01\x02", b"\x00\x01\x04", b"\x00\x00", b"\xff\xff")
SHARE = 6
CARD = demo_card(load())
FRESH = CARD.memory.now
LONGEST_ATR = 34


class Stream:
    """A connection that gives out given bytes in pieces of one length, and keeps what is sent."""

    def __init__(self, data: bytes, piece: int) -> None:
        self.data, self.piece, self.sent = data, piece, b""

    def setsockopt(self, *option: object) -> None:
        """Options change nothing here."""

    def recv(self, most: int) -> bytes:
        """The next piece; nothing at the end."""
        length = min(self.piece, most)
        piece, self.data = self.data[:length], self.data[length:]
        return piece

    def sendall(self, data: bytes) -> None:
        """Keep what is sent."""
        self.sent += data


def target(data: bytes) -> None:
    """The first byte is the length of the pieces, the rest the stream."""
    CARD.memory.change(FRESH)
    CARD.memory.commit()
    slot = Slot(InProcessReader(CARD))
    stream = Stream(data[1:], 1 + data[0] if data else 1)
    slot.attend(Link(cast("socket.socket", stream)))
    assert slot.faults == []
    answers = stream.sent
    while answers:
        length = int.from_bytes(answers[:2], "big")
        assert 0 < length <= 258
        assert len(answers) >= 2 + length
        answers = answers[2 + length :]


def seeds() -> Iterator[bytes]:
    """Power on, answer to reset, a command or two, power off; in one piece and byte by byte."""
    commands = ("00", "01", "04", "00A4000002DDF1", "02", "04", "0084000008", "00")
    stream = b"".join(len(raw).to_bytes(2, "big") + raw for raw in map(bytes.fromhex, commands))
    for piece in (0, 2, 255):
        yield bytes((piece,)) + stream
