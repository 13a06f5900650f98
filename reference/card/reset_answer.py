"""The answer to reset: its historical bytes, and the card's diversification factor in them.

Follows ISO/IEC 7816-3 8.2 (structure) and PC/SC part 3 (answers made up for contactless cards); the place of the
factor is a decision: bytes 6 to 13 of the thirteen historical bytes (fielded middleware reads eight bytes there).
"""

from __future__ import annotations

from functools import reduce
from operator import xor

from reference.languages import Text, say

DIRECT, INVERSE = 0x3B, 0x3F
HISTORICAL_LENGTH = 13


class MalformedReset(ValueError):
    """The answer to reset cannot be taken apart."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


def historical_bytes(answer: bytes) -> bytes:
    """The historical bytes of an answer to reset. Raises MalformedReset when its lengths do not add up."""
    if len(answer) < 2 or answer[0] not in (DIRECT, INVERSE):
        raise MalformedReset(
            say("an answer to reset starts with 3B or 3F, not {start}", start=answer[:1].hex().upper())
        )
    count, following, at = answer[1] & 0x0F, answer[1] >> 4, 2
    while following:
        at += (following & 0b0111).bit_count()
        if not following & 0b1000:
            break
        if at >= len(answer):
            raise MalformedReset(say("the answer to reset ends within its interface bytes"))
        following, at = answer[at] >> 4, at + 1
    if len(answer) < at + count:
        raise MalformedReset(
            say("the answer to reset announces {count} historical bytes and ends before them", count=count)
        )
    return answer[at : at + count]


def build(prefix: bytes, historical: bytes, *, check: bool) -> bytes:
    """An answer to reset from its first bytes; ``check`` adds TCK, the exclusive or of all bytes after TS."""
    answer = prefix + historical
    return answer + bytes((reduce(xor, answer[1:]),)) if check else answer
