"""Invented residents, and acts with counted ids, for the tests of the index."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from reference.ecard.id_numbers import check_character
from reference.index.acts import Act
from reference.index.identity import Identity

NOON = 1_767_240_000_000
"""2026-01-01 12:00 in China, in milliseconds."""


def number(region: str = "110101", birthday: str = "19900307", sequence: str = "101") -> str:
    """A citizen number of 18 characters with the right check character."""
    first17 = region + birthday + sequence
    return first17 + check_character(first17)


def resident(name: str = "王小明", **particulars: str) -> Identity:
    """A resident with a citizen number."""
    return Identity(**{"id_type": "01", "id_number": number(), "name": name} | particulars)


def counted_ids() -> Callable[[], str]:
    """A source of ids: id-1, id-2 …"""
    numbers = itertools.count(1)
    return lambda: f"id-{next(numbers)}"


NEW_ID = counted_ids()


def act(operator: str = "clerk", now_ms: int = NOON) -> Act:
    """An act at noon; ids differ over the whole session."""
    return Act(operator, now_ms, NEW_ID)
