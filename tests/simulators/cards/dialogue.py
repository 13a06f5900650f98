"""Commands and answers in hexadecimal, and a card's memory as a value to compare."""

from __future__ import annotations

import msgspec

from reference.card.apdu import CommandApdu
from reference.crypto.secure_messaging import pad80
from reference.ports import Chip
from reference.terminal.terminal import Terminal
from simulators.cards.image import Content
from simulators.cards.user_card import UserCard


def ask(chip: Chip, *commands: str) -> str:
    """Send the commands; the last answer in upper-case hexadecimal."""
    answer = b""
    for command in commands:
        answer = chip.transmit(bytes.fromhex(command))
    return answer.hex().upper()


def memory(card: UserCard) -> bytes:
    """All file contents, as one value."""
    return msgspec.msgpack.encode(card.memory.files)


def whole_memory(card: UserCard) -> bytes:
    """All that lasts: contents, locks and counters, as one value."""
    return msgspec.msgpack.encode(card.memory.now)


def content(card: UserCard, path: str) -> Content:
    """A copy of one file's content."""
    held = card.memory.files[path]
    return Content(records=list(held.records), binary=held.binary)


def sealed(terminal: Terminal, directory: str, header: str, data: bytes = b"", spoil: int = 0) -> int:
    """Status word of a command whose header and data the directory's MAC covers; ``spoil`` changes bits of the MAC."""
    random = terminal.challenge()
    key = terminal.maintenance_key(directory)
    terminal.sam.deliver(key, terminal.card_factor, terminal.province_factor, random)
    start = bytes.fromhex(header)
    mac = bytearray(terminal.sam.mac(pad80(start + bytes([len(data) + 4]) + data)))
    mac[3] ^= spoil
    cla, ins, p1, p2 = start
    return terminal.card.exchange(CommandApdu(cla, ins, p1, p2, data=data + bytes(mac))).sw
