"""Totals of single-use codes: one winner each, whichever; kept as one small number a code, so that millions fit.

Source: decision (a single-use code has one winner, checked by totals).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WINNABLE: Final = 1
"""Some case with the code could rightly be accepted."""
USED_UP: Final = 2
"""It was refused as used up."""
UNKNOWN: Final = 4
"""A request with it got no readable answer, and may have won."""
WINNER: Final = 8
"""Each acceptance adds this to the marks."""


def joined_marks(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    """The marks of codes at two generators together: bits joined, acceptances added."""
    joined = dict(one)
    for key, mark in other.items():
        mine = joined.get(key, 0)
        joined[key] = (mine | mark) % WINNER + (mine // WINNER + mark // WINNER) * WINNER
    return joined


def double_uses(marks: Mapping[int, int]) -> int:
    """How many acceptances there were of single-use codes beyond the first of each."""
    return sum(max(mark // WINNER - 1, 0) for mark in marks.values())


def without_winner(marks: Mapping[int, int]) -> int:
    """How many codes were refused as used up although nobody used them, every request with them being answered."""
    return sum(mark == WINNABLE | USED_UP for mark in marks.values())
