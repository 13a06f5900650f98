"""Search in the index: by document, name, birthday, phone or domain, for desks and the console.

Former names and numbers are found too, and lead to the person as he is now. Source: P-EMPI-06 (query).
"""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from reference.index import persons
from reference.index.comparing import bare_name, bare_phone
from reference.index.errors import IdentityRefused
from reference.index.identity import number_forms
from reference.index.persons import Person
from reference.languages import say
from reference.store.index_tables import index_persons, index_references


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What is known; all that is given must fit. A name fits by its beginning, everything else as a whole."""

    id_number: str = ""
    name: str = ""
    birthday: str = ""
    phone: str = ""
    domain: str = ""
    """Only persons for whom this domain has registered a number under the id that fits."""


def search(connection: Connection, query: Query, limit: int = 50) -> tuple[Person, ...]:
    """The persons that fit, at most so many, ordered by index id.

    Raises IdentityRefused for an empty question, and for a name without characters or a phone number without digits:
    either would fit everybody of whom none is known.
    """
    conditions = _conditions(query)
    if not conditions:
        raise IdentityRefused(say("The search names nothing. Give a number, a name, a birthday or a phone number."))
    if query.domain:
        known = select(index_references.c.index_id).where(index_references.c.domain == query.domain)
        conditions.append(index_persons.c.index_id.in_(known))
    found = connection.scalars(
        select(index_persons.c.index_id).where(*conditions).order_by(index_persons.c.index_id).limit(limit)
    ).all()
    valid = sorted({persons.current(connection, index_id) for index_id in found})
    return tuple(persons.person(connection, index_id) for index_id in valid)


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    table = index_persons.c
    conditions: list[ColumnElement[bool]] = []
    if query.id_number:
        conditions.append(table.id_number.in_(number_forms(query.id_number)))
    if query.name:
        conditions.append(table.bare_name.startswith(_something("name", bare_name(query.name)), autoescape=True))
    if query.birthday:
        conditions.append(table.birthday == query.birthday)
    if query.phone:
        conditions.append(table.bare_phone == _something("phone", bare_phone(query.phone)))
    return conditions


def _something(field: str, bare: str) -> str:
    """What is left of a value to search for. Raises IdentityRefused when nothing is."""
    if not bare:
        raise IdentityRefused(
            say("The search names nothing in the field {field}. Give characters or digits.", field=field)
        )
    return bare
