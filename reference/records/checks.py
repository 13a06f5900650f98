"""What every request about records is held against: who reads, which kinds, which resident, which texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Connection, String

from reference.accounts.records import found
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, Who
from reference.index import persons
from reference.index.persons import Person
from reference.records.tables import kinds, purposes
from reference.serving import Surroundings


def reader_of(caller: Caller) -> str:
    """Who reads: the institution, or the application of a resident. Raises Refusal ``request.institution-or-app``."""
    reader = caller.institution or caller.app
    if not reader:
        raise Refusal("request.institution-or-app")
    return reader


def check_kinds(named: Iterable[str]) -> tuple[str, ...]:
    """The kinds, each once and in order. Raises Refusal ``person.unknown-code``."""
    wanted = tuple(sorted(set(named)))
    if any(kind not in kinds() for kind in wanted):
        raise Refusal("person.unknown-code", "kinds")
    return wanted


def check_purpose(purpose: str) -> None:
    """Raise Refusal ``person.unknown-code`` for a purpose that records are not opened for."""
    if purpose not in purposes():
        raise Refusal("person.unknown-code", "purpose")


def check_text(column: Column[Any], field: str, value: str) -> None:
    """Raise Refusal unless the column keeps the text, which is not empty."""
    assert isinstance(column.type, String)
    assert column.type.length is not None
    if not value.strip():
        raise Refusal("request.empty-field", field)
    if len(value) > column.type.length:
        raise Refusal("request.field-too-long", field)
    if not value.isprintable():
        raise Refusal("request.forbidden-character", field)


def resident(connection: Connection, surroundings: Surroundings, who: Who) -> Person:
    """The resident as the master index knows him now, with all ids and all institutions' numbers of him.

    Raises Refusal ``account.unregistered`` and as finding an account does.
    """
    return persons.person(connection, found(connection, surroundings, who)["index_id"])
