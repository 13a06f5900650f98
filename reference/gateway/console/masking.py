"""Personal data as the console shows them unasked: enough to tell two residents apart, no more.

Family name, the document's first and last four characters, the phone's first three and last four. Who needs the rest
asks for it, which the audit log keeps. Source: decision, after P-RHM-10 (masking) and P-SEC-06.
"""

from __future__ import annotations

import msgspec

from reference.ecard.verbs import Person

HIDDEN = "*"
OPEN_FIELDS = frozenset({"id_type", "sex"})
SHORT = 8


def masked(person: Person) -> Person:
    """The person with all but a little hidden; what is empty stays empty."""
    shown = {
        field: value if field in OPEN_FIELDS else _hidden(value)
        for field, value in msgspec.structs.asdict(person).items()
    }
    shown |= {"name": name(person.name), "id_number": number(person.id_number), "phone": phone(person.phone)}
    return Person(**shown)


def name(text: str) -> str:
    """The first character, which is the family name of most: 测试甲 becomes 测**."""
    return text[:1] + HIDDEN * (len(text) - 1)


def number(text: str) -> str:
    """The first and last four characters of a document's number; a short one shows its last two."""
    return _ends(text, 4, 4) if len(text) > SHORT else _ends(text, 0, 2)


def phone(text: str) -> str:
    """The first three and last four digits."""
    return _ends(text, 3, 4) if len(text) > SHORT else _ends(text, 0, 2)


def _ends(text: str, first: int, last: int) -> str:
    if len(text) <= first + last:
        return HIDDEN * len(text)
    return text[:first] + HIDDEN * (len(text) - first - last) + text[-last:]


def _hidden(text: str) -> str:
    return HIDDEN * 4 if text else ""
