"""Numbers of identity documents: the citizen number, the number of a child without its own, birth certificates, others.

Citizen number: GB 11643 (18 characters, check character by ISO 7064 MOD 11-2; before 1999 15 digits). Children: health
records take the number of a parent with ``n`` (girl) or ``z`` (boy) until the child has its own. What the numbers of
other documents look like stands in `id_types.csv`. Numbers never stand in the words of a refusal.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, Literal

import msgspec

from reference.ecard.ids import IdNumberRefused, LowerCaseIdNumber
from reference.languages import say
from reference.standard.ecard import EcardTables, load_ecard

Sex = Literal["1", "2"]
"""Values of the code table ``sex``: male, female."""

MALE: Final[Sex] = "1"
FEMALE: Final[Sex] = "2"

EIGHTEEN: Final = re.compile("[0-9]{17}[0-9X]")
FIFTEEN: Final = re.compile("[0-9]{15}")
CHECK_CHARACTERS: Final = "10X98765432"
"""The check character by the remainder of the weighted sum (GB 11643, 5.2)."""
WEIGHTS: Final = tuple(2**place % 11 for place in range(17, 0, -1))
"""The weight of each of the first 17 digits (GB 11643, 5.2)."""
BEFORE_1900: Final = frozenset({"996", "997", "998", "999"})
"""Sequence numbers of 15-digit numbers kept for those born before 1900."""
OTHER: Final = "99"
"""The id type under which Qinghai sends birth certificates (EC-QH code table of ID types)."""
CHILD_SUFFIX: Final[dict[str, Sex]] = {"n": FEMALE, "z": MALE}
"""What follows the parent's number in a child's (P-EHR-04)."""


class UnknownIdType(IdNumberRefused):
    """An id type that the table has not."""

    refusal = "person.unknown-id-type"


class WrongIdNumberLength(IdNumberRefused):
    """A citizen number of other than 15 or 18 characters, or another number longer than its type admits."""


class IdNumberCharacters(IdNumberRefused):
    """A number with characters, or in an order, that its type does not have."""


class WrongCheckCharacter(IdNumberRefused):
    """A citizen number whose last character does not follow from the others."""

    refusal = "person.check-digit"


class UnknownRegion(IdNumberRefused):
    """A citizen number whose first two digits are no province."""


class ImpossibleBirthday(IdNumberRefused):
    """A citizen number whose birthday is no date, or lies in the future."""


class ChildNumberRefused(IdNumberRefused):
    """A child's number that is not a parent's number and one letter."""


class ChildSexDiffers(IdNumberRefused):
    """A child's number whose letter does not agree with the child's sex."""

    refusal = "person.sex-differs"


class ChildTooOld(IdNumberRefused):
    """A child's number for a person who is to have a number of his own."""


class NotABirthCertificate(IdNumberRefused):
    """A newborn who is named by another document than a birth certificate."""


class CitizenNumber(msgspec.Struct, frozen=True):
    """A citizen number and what follows from it."""

    number: str
    """18 characters."""
    region: str
    """Six digits, GB/T 2260."""
    birthday: str
    """``yyyyMMdd``."""
    sequence: str
    """Three digits; odd for men, even for women."""
    sex: Sex

    @property
    def province(self) -> str:
        """The first two digits of the region: a value of the code table ``province``."""
        return self.region[:2]


class ChildNumber(msgspec.Struct, frozen=True):
    """The number of a child without its own; twins of one sex share it, so that it is no key by itself."""

    parent: CitizenNumber
    sex: Sex

    @property
    def number(self) -> str:
        """As it is written, 19 characters: longer than the 18 of the card's document field."""
        return self.parent.number + next(letter for letter, sex in CHILD_SUFFIX.items() if sex == self.sex)


def check_character(first17: str) -> str:
    """The last character of a citizen number from its first 17 digits. Source: GB 11643, 5.2; ISO 7064 MOD 11-2."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first17, strict=True))
    return CHECK_CHARACTERS[total % 11]


def citizen_number(number: str, today: str = "", tables: EcardTables | None = None) -> CitizenNumber:
    """A citizen number of 18 or 15 characters, read and checked; 15 become 18.

    ``today`` (``yyyyMMdd``), where given, is the last possible birthday. Raises WrongIdNumberLength,
    LowerCaseIdNumber, IdNumberCharacters, UnknownRegion, ImpossibleBirthday, WrongCheckCharacter. Source: GB 11643.
    """
    _check_characters(number)
    whole = to_eighteen(number) if len(number) == 15 else number
    if whole[:2] not in (tables or load_ecard()).codes["province"]:
        raise UnknownRegion(say("The first two digits are those of no province."))
    birthday = whole[6:14]
    if not is_date(birthday) or (today and birthday > today):
        raise ImpossibleBirthday(say("Digits 7 to 14 are no date of birth that has been."))
    if whole[17] != check_character(whole[:17]):
        raise WrongCheckCharacter(say("Compare the number with the document: one character at least is wrong."))
    sequence = whole[14:17]
    return CitizenNumber(whole, whole[:6], birthday, sequence, MALE if int(sequence) % 2 else FEMALE)


def to_eighteen(number: str) -> str:
    """The 18 characters of a 15-digit number: century and check character put in.

    Raises WrongIdNumberLength and IdNumberCharacters. Source: GB 11643-1999 against its edition of 1989.
    """
    if len(number) != 15:
        raise WrongIdNumberLength(say("The old citizen number has 15 digits, not {count}.", count=len(number)))
    if FIFTEEN.fullmatch(number) is None:
        raise IdNumberCharacters(say("The old citizen number consists of digits."))
    century = "18" if number[12:] in BEFORE_1900 else "19"
    first17 = number[:6] + century + number[6:]
    return first17 + check_character(first17)


def child_number(text: str, today: str = "", tables: EcardTables | None = None) -> ChildNumber:
    """The number of a child without its own: a parent's citizen number and ``n`` (girl) or ``z`` (boy).

    Raises ChildNumberRefused and as `citizen_number`. Source: PLAT P-EHR-04.
    """
    parent, letter = text[:-1], text[-1:]
    if letter not in CHILD_SUFFIX:
        raise ChildNumberRefused(say("A child's number is a parent's number and n for a girl or z for a boy."))
    return ChildNumber(citizen_number(parent, today, tables), CHILD_SUFFIX[letter])


def check_child(child: ChildNumber, sex: str, birthday: str, today: str, tables: EcardTables | None = None) -> None:
    """Whether a child of this sex and birthday may have the number on the day ``today`` (both ``yyyyMMdd``).

    Raises ChildSexDiffers, ChildTooOld (older than the limit ``child-years``), ImpossibleBirthday (not after the
    parent's). Source: PLAT P-EHR-04; that the suffix is for children alone and agrees with the sex is a decision.
    """
    if sex != child.sex:
        raise ChildSexDiffers(say("The letter n stands for a girl, z for a boy."), "sex")
    if not is_date(birthday) or not child.parent.birthday < birthday <= today:
        raise ImpossibleBirthday(say("A child is born after its parent and not in the future."), "birthday")
    years = (tables or load_ecard()).limit("child-years")
    if age(birthday, today) > years:
        raise ChildTooOld(say("Only children up to {years} years have a parent's number.", years=years))


def check_newborn(id_type: str, number: str, tables: EcardTables | None = None) -> None:
    """Whether the document is a birth certificate: type 08, or 99 as Qinghai sends it.

    Raises NotABirthCertificate. Source: EC-QH code table of ID types, newborns.
    """
    types = (tables or load_ecard()).id_types
    certificates = [row for row in types.values() if row.rule == "newborn"]
    named = id_type == OTHER or any(row.value == id_type for row in certificates)
    if not named or not any(re.fullmatch(row.pattern, number) for row in certificates):
        raise NotABirthCertificate(say("A newborn is named by the number of the birth certificate, type 08 or 99."))


def check_id_number(id_type: str, number: str, today: str = "", tables: EcardTables | None = None) -> None:
    """Whether a number can be one of its id type.

    Raises UnknownIdType, WrongIdNumberLength, LowerCaseIdNumber, IdNumberCharacters; for citizen numbers as
    `citizen_number`. Source: `id_types.csv`.
    """
    rows = (tables or load_ecard()).id_types
    if id_type not in rows:
        raise UnknownIdType(say("Known types are {names}.", names=", ".join(rows)), "id_type")
    row = rows[id_type]
    if row.rule == "citizen":
        citizen_number(number, today, tables)
    elif len(number) > row.max_length:
        raise WrongIdNumberLength(say("A number of this type has at most {most} characters.", most=row.max_length))
    elif re.fullmatch(row.pattern, number) is None:
        if re.fullmatch(row.pattern, number.upper()):
            raise LowerCaseIdNumber(say("Letters of an id number are in upper case, the check digit X too."))
        raise IdNumberCharacters(say("Numbers of this type look otherwise; type it as the document prints it."))


def age(birthday: str, today: str) -> int:
    """Full years from one day to another, both ``yyyyMMdd``."""
    return int(today[:4]) - int(birthday[:4]) - (today[4:] < birthday[4:])


def is_date(text: str) -> bool:
    """Whether eight digits ``yyyyMMdd`` are a date."""
    if not (len(text) == 8 and text.isascii() and text.isdigit()):
        return False
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def _check_characters(number: str) -> None:
    """The length and characters of a citizen number."""
    if len(number) not in (15, 18):
        raise WrongIdNumberLength(say("A citizen number has 15 or 18 characters, not {count}.", count=len(number)))
    if EIGHTEEN.fullmatch(number) or FIFTEEN.fullmatch(number):
        return
    if number.endswith("x") and EIGHTEEN.fullmatch(number.upper()):
        raise LowerCaseIdNumber(say("Letters of an id number are in upper case, the check digit X too."))
    raise IdNumberCharacters(say("A citizen number consists of digits; only the last may be X."))
