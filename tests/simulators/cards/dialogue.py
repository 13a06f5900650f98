"""Commands and answers in hexadecimal, and a card's memory as a value to compare."""

from __future__ import annotations

import msgspec

from reference.ports import Chip
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


def content(card: UserCard, path: str) -> Content:
    """A copy of one file's content."""
    held = card.memory.files[path]
    return Content(records=list(held.records), binary=held.binary)
