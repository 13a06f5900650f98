"""Synthetic residents by number: the same number and seed always give the same person, and no two share a document.

Citizen numbers follow GB 11643 in the test province 99; names are of frequent Chinese surnames and characters, so that
they repeat as in life. Phone numbers begin with 100, which no operator assigns. Source: decision.
"""

from __future__ import annotations

import functools
from datetime import date, timedelta
from typing import Final, NamedTuple

from reference.ecard.id_numbers import FEMALE, MALE, Sex, check_character

CITIZEN: Final = "01"
"""The id type of citizen numbers (CV02.01.101)."""
FIRST_BIRTHDAY: Final = date(1930, 1, 1)
DAYS: Final = 34_000
"""Birthdays from 1930 to 2023."""
SEQUENCES: Final = 999
DISTRICTS: Final = 997
"""A prime below the thousand districts 99 0 001 to 99 0 997."""
SPACE: Final = DAYS * SEQUENCES * DISTRICTS
"""How many residents there can be."""
STEP: Final = 20_989_000_001
"""A prime that divides none of the three: steps of it visit every number once before any comes again."""

SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN: Final = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华建国玉梅红"
    "文辉健俊帆雪荣爱晓丹志海燕林鑫波宁峰洁琳欣怡浩然子涵梓轩思宇"
)


class Resident(NamedTuple):
    """A person as registration takes him; ``id_number`` is a citizen number, ``birthday`` yyyyMMdd."""

    id_number: str
    name: str
    sex: Sex
    birthday: str
    phone: str
    address: str


def resident(number: int, seed: int = 1) -> Resident:
    """The resident of a number from 0 to `SPACE` - 1. Raises ValueError outside."""
    if not 0 <= number < SPACE:
        raise ValueError(f"there are {SPACE} residents, from 0: {number} is none of them")
    place = (number + 1 + seed * 7_919) * STEP % SPACE
    rest, sequence = divmod(place, SEQUENCES)
    district, day = divmod(rest, DAYS)
    birthday = _day(day)
    first17 = f"99{district + 1:04d}{birthday}{sequence + 1:03d}"
    sex = MALE if (sequence + 1) % 2 else FEMALE
    return Resident(
        id_number=first17 + check_character(first17),
        name=_name(place),
        sex=sex,
        birthday=birthday,
        phone=f"100{number % 10**8:08d}",
        address=f"测试省第{district + 1}区",
    )


def _name(place: int) -> str:
    place, surname = divmod(place, len(SURNAMES))
    place, first = divmod(place, len(GIVEN))
    place, second = divmod(place, len(GIVEN) + 8)
    # Some names have one given character.
    return SURNAMES[surname] + GIVEN[first] + (GIVEN[second] if second < len(GIVEN) else "")


@functools.lru_cache(DAYS)
def _day(day: int) -> str:
    return (FIRST_BIRTHDAY + timedelta(days=day)).isoformat().replace("-", "")
