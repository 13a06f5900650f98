"""An identity as a domain submits it, and its one canonical form, from which the index id is made.

A 15-digit citizen number is brought to 18 characters, so that a person has one index id whichever the document shows;
sex and birthday that a domain left out are taken from the number. Source: electronic-card facts on the index id; rules
of numbers in `reference.ecard.id_numbers`; the canonical form by decision.
"""

from __future__ import annotations

import msgspec

from reference.ecard.broken_rules import BrokenRule
from reference.ecard.id_numbers import check_id_number, citizen_number, is_date, to_eighteen
from reference.ecard.ids import index_id
from reference.index.errors import IdentityRefused
from reference.languages import Text, say

CITIZEN_CARD = "01"
SEXES = ("", "0", "1", "2", "9")
UNSTATED_SEX = ("", "0", "9")
HEAD = 14
"""Characters of a citizen number before its sequence (GB 11643)."""
LONGEST = {"name": 100, "phone": 20, "address": 256}
"""Characters of the columns of `index_persons`."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A person as a domain knows him; what is unknown is empty.

    ``id_type``: code of the kind of document (CV02.01.101), ``sex``: GB/T 2261.1, ``birthday``: YYYYMMDD.
    """

    id_type: str
    id_number: str
    name: str
    sex: str = ""
    birthday: str = ""
    phone: str = ""
    address: str = ""

    @property
    def index_id(self) -> str:
        """The index id of a canonical identity: 64 upper-case hexadecimal digits."""
        return index_id(self.id_type, self.id_number, self.name)


def canonical(identity: Identity) -> Identity:
    """The one form of an identity: outer blanks off, a 15-digit number brought to 18, what the number says filled in.

    Raises IdentityRefused, naming the field and the reason.
    """
    texts = {field: getattr(identity, field).strip() for field in Identity.__struct_fields__}
    for field, longest in LONGEST.items():
        if len(texts[field]) > longest or not texts[field].isprintable():
            raise _refused(field, say("it is longer than {longest}, or holds control characters.", longest=longest))
    if not texts["name"]:
        raise _refused("name", say("it is empty."))
    if texts["sex"] not in SEXES:
        raise _refused("sex", say("it is none of 0, 1, 2, 9."))
    if texts["birthday"] and not is_date(texts["birthday"]):
        raise _refused("birthday", say("it is no date written as YYYYMMDD."))
    try:
        check_id_number(texts["id_type"], texts["id_number"])
    except BrokenRule as broken:
        raise _refused(broken.field, broken.detail) from None
    return Identity(**_with_what_the_number_says(texts))


def number_forms(number: str) -> tuple[str, ...]:
    """A document number as it was given and, for an old citizen number, in its 18 characters."""
    try:
        return number, to_eighteen(number)
    except BrokenRule:
        return (number,)


def number_head(number: str) -> str:
    """The part of a long number that says district and birthday; empty for a number that is no longer than that."""
    return number[:HEAD] if len(number) > HEAD else ""


def _with_what_the_number_says(texts: dict[str, str]) -> dict[str, str]:
    if texts["id_type"] != CITIZEN_CARD:
        return texts
    citizen = citizen_number(texts["id_number"])
    return texts | {
        "id_number": citizen.number,
        "birthday": texts["birthday"] or citizen.birthday,
        "sex": citizen.sex if texts["sex"] in UNSTATED_SEX else texts["sex"],
    }


def _refused(field: str, reason: Text) -> IdentityRefused:
    return IdentityRefused(
        say("The field {field} cannot be used: {reason} Correct it and submit again.", field=field, reason=reason)
    )
