"""The persons of the index: rows by index id, the way from an old id to the one that is valid now, and back.

An id whose name or number was corrected, or that was merged, has a successor; references stay where they were
registered. Source: P-ECARD-02 (old ids stay aliases), P-LIFE-04 (alias of the survivor, undoable), P-EMPI-06.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from reference.index.acts import Act
from reference.index.comparing import bare_name, bare_phone
from reference.index.errors import UnknownPerson
from reference.index.identity import Identity, number_head
from reference.languages import say
from reference.store.database import lock
from reference.store.index_tables import index_persons, index_references

ACTIVE, RENAMED, MERGED = "active", "renamed", "merged"


_SUCCESSOR = select(index_persons.c.successor).where(index_persons.c.index_id == bindparam("of"))


class Reference(msgspec.Struct, frozen=True):
    """One domain's own number of a person."""

    domain: str
    local_id: str


class Person(msgspec.Struct, frozen=True):
    """A person as the index knows him now: the valid id, what is known, all other ids, and all domains' numbers."""

    index_id: str
    identity: Identity
    aliases: tuple[str, ...]
    references: tuple[Reference, ...]
    registered_ms: int
    updated_ms: int


def row_of(connection: Connection, index_id: str) -> Row[Any] | None:
    """The row of an index id, whatever its state."""
    return connection.execute(select(index_persons).where(index_persons.c.index_id == index_id)).one_or_none()


def current(connection: Connection, index_id: str) -> str:
    """The id that is valid now for a person. Raises UnknownPerson."""
    successor: str | None = index_id
    while successor is not None:
        index_id = successor
        found = connection.execute(_SUCCESSOR, {"of": index_id}).one_or_none()
        if found is None:
            raise UnknownPerson(
                say("The index id {index_id} is unknown. Register the person, or check the id.", index_id=index_id)
            )
        successor = found.successor
    return index_id


def all_ids(connection: Connection, index_id: str) -> list[str]:
    """The id and every other id whose successors lead to it, in no order."""
    tree = select(index_persons.c.index_id).where(index_persons.c.index_id == index_id).cte("tree", recursive=True)
    older = select(index_persons.c.index_id).join(tree, index_persons.c.successor == tree.c.index_id)
    return list(connection.scalars(select(tree.union_all(older).c.index_id)))


def person(connection: Connection, index_id: str) -> Person:
    """Everything about a person, asked for by any of his ids. Raises UnknownPerson."""
    valid = current(connection, index_id)
    ids = all_ids(connection, valid)
    row = connection.execute(select(index_persons).where(index_persons.c.index_id == valid)).one()
    references = connection.execute(
        select(index_references.c.domain, index_references.c.local_id)
        .where(index_references.c.index_id.in_(ids))
        .order_by(index_references.c.domain, index_references.c.local_id)
    )
    return Person(
        valid,
        identity_in(row),
        tuple(sorted(set(ids) - {valid})),
        tuple(Reference(found.domain, found.local_id) for found in references),
        row.registered_ms,
        row.updated_ms,
    )


def identity_in(row: Row[Any]) -> Identity:
    """The identity that a row of `index_persons` holds."""
    return Identity(**{field: str(getattr(row, field)) for field in Identity.__struct_fields__})


def hold(connection: Connection, index_id: str) -> None:
    """Wait until nobody else registers this index id."""
    lock(connection, "index-person", index_id)


def hold_successors(connection: Connection) -> None:
    """Wait until nobody else merges, undoes or renames: these are rare, and each may reach far along the successors."""
    lock(connection, "index-successors", "")


def add(connection: Connection, act: Act, identity: Identity, registered_ms: int) -> None:
    """File a canonical identity as an active person; the caller holds the id and knows that it is free."""
    connection.execute(
        insert(index_persons).values(
            index_id=identity.index_id,
            state=ACTIVE,
            successor=None,
            registered_ms=registered_ms,
            updated_ms=act.now_ms,
            **columns(identity),
        )
    )


def replace(connection: Connection, act: Act, identity: Identity) -> None:
    """File new particulars under the identity's own id, which becomes active and loses its successor."""
    connection.execute(
        update(index_persons)
        .where(index_persons.c.index_id == identity.index_id)
        .values(state=ACTIVE, successor=None, updated_ms=act.now_ms, **columns(identity))
    )


def succeed(connection: Connection, index_id: str, state: str, successor: str | None) -> None:
    """Set the state and the successor of an id; the particulars and their moment stay."""
    connection.execute(
        update(index_persons).where(index_persons.c.index_id == index_id).values(state=state, successor=successor)
    )


def columns(identity: Identity) -> dict[str, str]:
    """The columns of a canonical identity, with those that search and comparison use."""
    fields: dict[str, str] = msgspec.structs.asdict(identity)
    return fields | {
        "bare_name": bare_name(identity.name),
        "bare_phone": bare_phone(identity.phone),
        "number_head": number_head(identity.id_number),
    }
