"""Invented Chinese residents for the linkage benchmark: seeded, with the slips of registration desks put in.

Surnames and given characters are frequent ones, so that many different persons share a name; families share phone and
address; the sequence numbers of one birthday and district are neighbours.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

import msgspec

from reference.ecard.id_numbers import check_character
from reference.index.identity import Identity

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国文志小晓宇浩欣怡子轩雨佳思嘉俊"
DISTRICTS = ("110101", "110105", "130102", "320102", "440106", "510104")
STREETS = ("长安街", "人民路", "建设路", "解放路", "中山路", "和平街", "文化路", "新华街")
EARLIEST, DAYS = date(1935, 1, 1), 31_000
SHARE_WITH_SLIPS = 0.6


def households(count: int, seed: int) -> list[Identity]:
    """So many residents, three to a household."""
    chance = random.Random(seed)
    people: list[Identity] = []
    while len(people) < count:
        phone = f"13{chance.randrange(10**9):09}"
        address = (
            f"{chance.choice(STREETS)}{chance.randint(1, 300)}号{chance.randint(1, 30)}栋{chance.randint(101, 2804)}室"
        )
        people += [_member(chance, phone, address) for _ in range(3)]
    return people[:count]


def with_slips(people: list[Identity], seed: int) -> list[Identity]:
    """The same residents as another desk wrote them down: six in ten with one or two slips or gaps."""
    chance = random.Random(seed)
    return [_with_slips(chance, one) if chance.random() < SHARE_WITH_SLIPS else one for one in people]


def _member(chance: random.Random, phone: str, address: str) -> Identity:
    birthday = (EARLIEST + timedelta(chance.randrange(DAYS))).strftime("%Y%m%d")
    first17 = chance.choice(DISTRICTS) + birthday + f"{chance.randrange(1, 400):03}"
    return Identity(
        id_type="01",
        id_number=first17 + check_character(first17),
        name=chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2, 2)))),
        sex="1" if int(first17[-1]) % 2 else "2",
        birthday=birthday,
        phone=phone,
        address=address,
    )


def _with_slips(chance: random.Random, one: Identity) -> Identity:
    for slip in chance.sample(SLIPS, chance.choice((1, 1, 2))):
        one = slip(chance, one)
    return one


def _name_character(chance: random.Random, one: Identity) -> Identity:
    place = chance.randrange(1, len(one.name))
    return _changed(one, name=one.name[:place] + chance.choice(GIVEN) + one.name[place + 1 :])


def _name_swapped(chance: random.Random, one: Identity) -> Identity:
    return _changed(one, name=one.name[0] + one.name[:0:-1])


def _number_digit(chance: random.Random, one: Identity) -> Identity:
    place = chance.randrange(6, 17)
    return _changed(one, id_number=one.id_number[:place] + chance.choice("0123456789") + one.id_number[place + 1 :])


def _number_missing(chance: random.Random, one: Identity) -> Identity:
    return _changed(one, id_number="")


def _birthday_year(chance: random.Random, one: Identity) -> Identity:
    return _changed(one, birthday=f"{int(one.birthday[:4]) + chance.choice((-1, 1))}{one.birthday[4:]}")


def _phone_changed(chance: random.Random, one: Identity) -> Identity:
    return _changed(one, phone=f"15{chance.randrange(10**9):09}")


def _address_changed(chance: random.Random, one: Identity) -> Identity:
    return _changed(one, address=f"{chance.choice(STREETS)}{chance.randint(1, 300)}号")


def _address_missing(chance: random.Random, one: Identity) -> Identity:
    return _changed(one, address="")


def _changed(one: Identity, **values: str) -> Identity:
    return msgspec.structs.replace(one, **values)


SLIPS: list[Callable[[random.Random, Identity], Identity]] = [
    _name_character,
    _name_swapped,
    _number_digit,
    _number_missing,
    _birthday_year,
    _phone_changed,
    _address_changed,
    _address_missing,
]
