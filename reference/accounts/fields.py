"""The rules of the fields of a person: characters, widths, code tables, document number against birthday and sex.

What passes is in its one form: citizen numbers with 18 characters, a child's number in upper case, birthday and sex
filled in from the citizen number. Source: EC-QH return codes 1001, 1002, 6002, 6003; GB 11643; P-EHR-04.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec
from sqlalchemy import Column

from reference.accounts.tables import forbidden, forms
from reference.ecard.id_numbers import (
    OTHER,
    check_child,
    check_id_number,
    check_newborn,
    child_number,
    citizen_number,
    is_date,
)
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Child, Person
from reference.standard.ecard import EcardTables
from reference.store.account_tables import accounts

CITIZEN_CARD: Final = "01"
UNSTATED_SEX: Final = ("", "0", "9")
PARENTS_NUMBER: Final = re.compile("([0-9]{15}|[0-9]{17}[0-9X])([nzNZ])(-[2-9])?")
"""A parent's number, ``n`` or ``z``, and from the second of several children of one birth and sex on, its order.

The order is a decision: P-EHR-04 leaves twins of one sex with the same number, but no two cards have the same document.
"""


def checked(person: Person, today: str, tables: EcardTables, child: Child | None = None) -> Person:
    """The person in the one form. Raises Refusal with the field at fault. ``today`` is YYYYMMDD."""
    for field in ("id_type", "id_number", "name"):
        if not getattr(person, field):
            raise Refusal("request.empty-field", field)
    for field in person.__struct_fields__:
        check_text(field, getattr(person, field), tables)
    if person.birthday and not (is_date(person.birthday) and person.birthday <= today):
        raise Refusal("person.birthday-malformed", "birthday")
    number = checked_number(person.id_type, person.id_number, today, tables)
    whole = msgspec.structs.replace(person, id_number=number, sex=person.sex or "0")
    if whole.id_type == CITIZEN_CARD:
        return _as_the_number_says(whole, today, tables)
    if child is not None:
        _check_without_own_number(whole, child, today, tables)
    return whole


def check_text(field: str, value: str, tables: EcardTables) -> None:
    """Characters, width, code table and form of one field of a person; empty fits. Raises Refusal."""
    check_words(field, value, _width(field, tables))
    form = forms().get(field)
    if value != value.strip() or (form and form.pattern and value and not re.fullmatch(form.pattern, value)):
        raise Refusal("request.field-malformed", field)
    if form and form.code_table and value and value not in tables.codes[form.code_table]:
        raise Refusal("person.unknown-code", field)


def check_words(field: str, value: str, longest: int) -> None:
    """Characters and width of any field. Raises Refusal."""
    if forbidden().search(value) or not value.isprintable():
        raise Refusal("request.forbidden-character", field)
    if len(value) > longest:
        raise Refusal("request.field-too-long", field)


def width_of(column: Column[str]) -> int:
    """Characters that a column of texts holds."""
    width: int = getattr(column.type, "length")  # noqa: B009 - only types of text have it
    return width


def checked_number(id_type: str, id_number: str, today: str, tables: EcardTables) -> str:
    """A document number in its one form. Raises Refusal."""
    if id_type == OTHER and (found := PARENTS_NUMBER.fullmatch(id_number)):
        own = child_number(found[1] + found[2].lower(), today, tables)
        return own.number.upper() + (found[3] or "")
    check_id_number(id_type, id_number, today, tables)
    return citizen_number(id_number, today, tables).number if id_type == CITIZEN_CARD else id_number


def _width(field: str, tables: EcardTables) -> int:
    return tables.limit("name-length") if field == "name" else width_of(accounts.c[field])


def _as_the_number_says(person: Person, today: str, tables: EcardTables) -> Person:
    """Birthday and sex agree with the citizen number, or are taken from it (GB 11643)."""
    said = citizen_number(person.id_number, today, tables)
    if person.birthday not in ("", said.birthday):
        raise Refusal("person.birthday-differs", "birthday")
    if person.sex not in (*UNSTATED_SEX, said.sex):
        raise Refusal("person.sex-differs", "sex")
    return msgspec.structs.replace(person, birthday=said.birthday, sex=said.sex)


def _check_without_own_number(person: Person, child: Child, today: str, tables: EcardTables) -> None:
    """A child without a citizen number: birth certificate, or a parent's number with a letter (P-EHR-04)."""
    if not person.birthday:
        raise Refusal("request.empty-field", "birthday")
    number = PARENTS_NUMBER.fullmatch(person.id_number) if person.id_type == OTHER else None
    if number is None:
        check_newborn(person.id_type, person.id_number, tables)
        return
    check_child(child_number(number[1] + number[2].lower(), today, tables), person.sex, person.birthday, today, tables)
    if number[3] and (not child.multiple_birth or number[3] != f"-{child.birth_order}"):
        raise Refusal("person.id-number-malformed", "id_number")
