"""The file of a corpus: which residents it holds and the card id of each, so that codes are issued without a look-up.

A head in JSON, then 32 bytes a card in the order of the residents' numbers; read through a memory map.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from reference.ecard.ids import ID_BYTES
from reference.languages import Text, say

MAGIC: Final = b"healthcard cards 1\n"
HEAD: Final = 4096
"""Bytes before the first card."""
STATIC_EVERY: Final = 10
"""One card in so many has a static code (decision)."""
CANCELLED_EVERY: Final = 100
"""One card in so many is cancelled (decision)."""


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a corpus is: its residents are numbers 0 to ``count`` - 1 under ``seed``."""

    count: int
    seed: int
    filled_ms: int
    whole: bool
    """Whether index entries and audit lines stand in the database too."""


class UnreadableCards(Exception):
    """A file that is no corpus; ``text`` names it, the reason and the next step."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class Cards:
    """The cards of a corpus by number."""

    def __init__(self, head: Head, ids: bytes | mmap.mmap, start: int = 0) -> None:
        self.head, self._ids, self._start = head, ids, start

    def __len__(self) -> int:
        return self.head.count

    @property
    def holding(self) -> int:
        """How many cards hold: those that are not cancelled."""
        return len(self) - len(self) // CANCELLED_EVERY

    def holding_card(self, place: int) -> int:
        """The number of the card at a place among those that hold."""
        return place + place // (CANCELLED_EVERY - 1)

    def with_static(self, place: int) -> int:
        """The number of a card with a static code that holds; places go round."""
        return place % -(-len(self) // STATIC_EVERY) * STATIC_EVERY

    def cancelled(self, place: int) -> int:
        """The number of a cancelled card; places go round. A corpus of fewer than `CANCELLED_EVERY` cards has none."""
        return place % (len(self) // CANCELLED_EVERY) * CANCELLED_EVERY + CANCELLED_EVERY - 1

    def card_id(self, number: int) -> str:
        """The card id of a resident's card: 64 upper-case hexadecimal digits."""
        place = self._start + number * ID_BYTES
        return self._ids[place : place + ID_BYTES].hex().upper()


def has_static(number: int) -> bool:
    """Whether the card of this number has a static code."""
    return number % STATIC_EVERY == 0


def is_cancelled(number: int) -> bool:
    """Whether the card of this number is cancelled, and its codes dead with it."""
    return number % CANCELLED_EVERY == CANCELLED_EVERY - 1


def write_cards(path: Path, head: Head, card_ids: Iterable[str]) -> None:
    """Write the file; the card ids in the order of their numbers."""
    start = MAGIC + msgspec.json.encode(head)
    with path.open("wb") as file:
        file.write(start.ljust(HEAD, b" "))
        for card_id in card_ids:
            file.write(bytes.fromhex(card_id))


def read_cards(path: Path) -> Cards:
    """Open the file. Raises UnreadableCards when it is none of cards, or cut short; OSError."""
    with path.open("rb") as file:
        start = file.read(HEAD)
        if not start.startswith(MAGIC):
            raise UnreadableCards(say("{file} is no corpus of cards: make one with python -m load.corpus.", file=path))
        try:
            head = msgspec.json.decode(start[len(MAGIC) :], type=Head)
        except msgspec.DecodeError as error:
            raise UnreadableCards(say("{file}: {reason} Make the corpus anew.", file=path, reason=error)) from None
        if path.stat().st_size != HEAD + head.count * ID_BYTES:
            raise UnreadableCards(say("{file} is cut short: make the corpus anew.", file=path))
        return Cards(head, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), HEAD)
