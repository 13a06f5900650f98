"""Any commands to the simulated SAM of each type: each is answered, none raises, and no key is shown."""

from __future__ import annotations

from collections.abc import Iterator

from reference.standard import load
from simulators.cards import demo_sam
from simulators.cards.demo import DEMO_PIN
from tests.fuzzing.dialogue import joined, pieces

REFUSALS: tuple[type[Exception], ...] = ()
STANDARD = load()
TOKENS = tuple(bytes((row.cla, row.ins)) for row in STANDARD.commands.values() if row.chip == "sam")
SHARE = 6
SAMS = tuple(demo_sam(number, STANDARD) for number in STANDARD.sam_types)
KEYS = tuple(tuple(key.secret_value for key in sam.memory.keys.values()) for sam in SAMS)
OPENED = 0x80
"""Bit of the first byte: the application is selected and the PIN was given."""
VERIFY = bytes.fromhex("0020000002") + DEMO_PIN


def target(data: bytes) -> None:
    """The first byte chooses the SAM and whether it is opened; the rest are commands."""
    number = data[0] % len(SAMS) if data else 0
    sam = SAMS[number]
    sam.pin, sam.pin_tries_left = DEMO_PIN, STANDARD.limit("sam-pin-tries")
    sam.reset()
    if data and data[0] & OPENED:
        sam.transmit(bytes.fromhex("00A4000002DF01"))
        sam.transmit(VERIFY)
    for command in pieces(data[1:]):
        answer = sam.transmit(command)
        assert 2 <= len(answer) <= 258
        held = [*KEYS[number], sam.session.secret_value] if sam.session else KEYS[number]
        assert not any(key in answer for key in held)


def seeds() -> Iterator[bytes]:
    """Every command of the table once, with eight or more bytes of data, to each SAM; and a few files."""
    rows = [row for row in STANDARD.commands.values() if row.chip == "sam"]
    for length in (0, 8, 24, 32):
        body = bytes((length,)) + bytes(range(length)) if length else b"\x00"
        script = [bytes((row.cla, row.ins, row.p1 or 0, row.p2 or 0)) + body for row in rows]
        for number in range(len(SAMS)):
            yield bytes((number | OPENED,)) + joined(script)
    yield b"\x00" + joined(map(bytes.fromhex, ("00A40000023F00", "00A40000020015", "00B0000000", "00C0000000")))
