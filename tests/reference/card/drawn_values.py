"""Values drawn at random for any element, within what it can hold."""

from __future__ import annotations

import datetime
import string
from decimal import Decimal
from random import Random

from reference.card.elements import TEXT_ENCODING
from reference.card.images import Values
from reference.card.values import Kind, Value, coded, kind_of, may_be_empty
from reference.standard import Standard
from reference.standard.rows import Element, ElementType, File, FileKind

CHARACTERS = string.ascii_letters + string.digits + " -,·€汉字健康卡龘㐀𠀀　"
"""One, two and four bytes in the card's encoding; the ideographic space too."""
LONGEST_AMOUNT = {"fen": 0, "point-nibble": 1}
"""Half bytes that the point takes."""


def drawn_value(random: Random, standard: Standard, element: Element) -> Value:
    """A value that the element can hold; where it may state nothing, now and then None."""
    if may_be_empty(standard, element) and random.random() < 0.2:
        return None
    match kind_of(element):
        case Kind.TEXT:
            return drawn_text(random, element.length)
        case Kind.DIGITS:
            most = element.length * (2 if element.type is ElementType.CN else 1)
            return "".join(random.choices(string.digits, k=random.randint(1, most)))
        case Kind.DATE:
            return drawn_date(random)
        case Kind.DATE_TIME:
            return datetime.datetime.combine(drawn_date(random), datetime.time(random.randrange(24), 59, 0))
        case Kind.FLAG:
            return random.random() < 0.5
        case Kind.CODE:
            return coded(standard, element, random.choice(standard.codes[element.codes]).value)
        case Kind.AMOUNT:
            digits = 2 * element.length - LONGEST_AMOUNT[standard.switch("amount-coding")]
            return Decimal(random.randrange(10 ** random.randint(1, digits))).scaleb(-2)
        case Kind.PHOTO:
            return random.randbytes(random.randint(1, element.length - 2))
        case Kind.BYTES:
            return random.randbytes(element.length - 1) + b"\x00"


def drawn_text(random: Random, room: int) -> str:
    """Text of one to ``room`` bytes."""
    text = random.choice(string.ascii_letters)
    while random.random() < 0.9:
        longer = text + random.choice(CHARACTERS)
        if len(longer.encode(TEXT_ENCODING)) > room:
            break
        text = longer
    return text


def drawn_date(random: Random) -> datetime.date:
    """Any day of the calendar."""
    return datetime.date.fromordinal(random.randint(1, datetime.date.max.toordinal()))


def drawn_values(random: Random, standard: Standard, file: File) -> list[Values]:
    """Sets of values for a whole file, as many as its kind has."""
    counts = {FileKind.FIXED: file.records, FileKind.CYCLIC: random.randint(0, file.records)}
    elements = standard.elements(file.path)
    return [
        {element.id: drawn_value(random, standard, element) for element in elements}
        for _ in range(counts.get(file.kind, 1))
    ]
