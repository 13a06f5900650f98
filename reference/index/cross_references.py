"""Cross-references (交叉引用): from a domain's own number to the index id, and from a person to all domains' numbers.

Source: P-EMPI-01 (every kind of resident card and id is registered), P-EMPI-06, P-FLOW-08 (old numbers stay).
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from reference.index import persons
from reference.index.acts import Act
from reference.index.errors import IdentityRefused, UnknownPerson
from reference.index.persons import Person
from reference.languages import say
from reference.store.database import lock
from reference.store.index_tables import index_references

LONGEST = 64


def target(connection: Connection, domain: str, local_id: str) -> str | None:
    """The index id, valid now, that a domain's number leads to; None for an unknown number."""
    found = connection.scalar(
        select(index_references.c.index_id).where(
            index_references.c.domain == domain, index_references.c.local_id == local_id
        )
    )
    return None if found is None else persons.current(connection, found)


def look_up(connection: Connection, domain: str, local_id: str) -> Person:
    """The person behind a domain's number. Raises UnknownPerson."""
    found = target(connection, domain, local_id)
    if found is None:
        raise UnknownPerson(
            say(
                "The domain {domain} has registered no number {local_id}. Register the person with it first.",
                domain=domain,
                local_id=local_id,
            )
        )
    return persons.person(connection, found)


def translate(connection: Connection, domain: str, local_id: str, other_domain: str) -> tuple[str, ...]:
    """The numbers that another domain has for the person behind a domain's number. Raises UnknownPerson."""
    references = look_up(connection, domain, local_id).references
    return tuple(found.local_id for found in references if found.domain == other_domain)


def hold(connection: Connection, domain: str, local_id: str) -> None:
    """Check the form of a domain's number and wait until nobody else registers it. Raises IdentityRefused."""
    for text in (domain, local_id):
        if not text or len(text) > LONGEST or not text.isprintable():
            raise IdentityRefused(
                say(
                    "Domain {domain}, number {local_id}: each must have 1 to {longest} printable characters.",
                    domain=repr(domain),
                    local_id=repr(local_id),
                    longest=LONGEST,
                )
            )
    lock(connection, "index-reference", f"{domain}\n{local_id}")


def link(connection: Connection, act: Act, domain: str, local_id: str, index_id: str) -> None:
    """File a domain's number under an index id; the caller holds the number and knows that it is free."""
    connection.execute(
        insert(index_references).values(domain=domain, local_id=local_id, index_id=index_id, linked_ms=act.now_ms)
    )


def unlink(connection: Connection, domain: str, local_id: str) -> bool:
    """Take a domain's number out again, where its link was a mistake or its card is gone; False for an unknown one."""
    where = (index_references.c.domain == domain) & (index_references.c.local_id == local_id)
    return connection.execute(delete(index_references).where(where)).rowcount == 1
