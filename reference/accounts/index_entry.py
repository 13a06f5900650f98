"""Accounts in the master index: each card is registered there under its card id, in the domain of electronic cards.

The index's own refusals become ``system.index``: the identity was checked before. Source: P-EMPI-01, P-EMPI-02, EC-QH
register flow.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
from sqlalchemy import Connection

from reference.accounts.deriving import Ids, IndexMoved
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, Person
from reference.index import cross_references, merging, persons, registering
from reference.index.acts import Act
from reference.index.errors import IndexRefusal
from reference.index.identity import Identity
from reference.serving import Surroundings
from reference.store import account_rows

DOMAIN: Final = "ecard"
"""The domain of electronic cards: its local ids are card ids."""
IDENTITY: Final = Identity.__struct_fields__


def enter(connection: Connection, surroundings: Surroundings, caller: Caller, person: Person, ids: Ids) -> None:
    """Register a person with his card. Raises IndexMoved when another index id is valid now; Refusal."""
    with _index_answers():
        linked = registering.register(connection, act(surroundings, caller), identity(person), DOMAIN, ids.ecard)
    if linked.index_id != ids.index:
        raise IndexMoved


def renew(connection: Connection, surroundings: Surroundings, caller: Caller, index_id: str, person: Person) -> None:
    """Update what the index knows of a person whose name and document stay. Raises Refusal."""
    with _index_answers():
        registering.update(connection, act(surroundings, caller), index_id, identity(person))


def rename(
    connection: Connection, surroundings: Surroundings, caller: Caller, before: str, person: Person, ids: Ids
) -> None:
    """Give a person his new identity and card. Where the index knows that identity already, from another domain, the
    two are merged: the real-name check has shown that they are one.

    Raises Refusal ``account.already-registered`` when another account has it, IndexMoved.
    """
    held = persons.row_of(connection, ids.own)
    holder = persons.current(connection, ids.own) if held is not None else ids.own
    is_other = held is not None and holder != before
    if holder != before and account_rows.by_index_id(connection, holder) is not None:
        raise Refusal("account.already-registered")
    with _index_answers():
        own_act = act(surroundings, caller)
        if is_other:
            merging.merge(connection, own_act, merged=before, survivor=holder, reason="real-name check: new identity")
        else:
            registering.update(connection, own_act, before, identity(person))
    enter(connection, surroundings, caller, person, ids)


def refer(
    connection: Connection,
    surroundings: Surroundings,
    caller: Caller,
    index_id: str,
    medium: str,
    issuer: str,
    number: str,
) -> None:
    """Make another card's number a cross-reference (P-FLOW-08), in the domain of its kind and issuer.

    Raises Refusal ``media.linked-elsewhere`` when it stands for somebody else there.
    """
    domain = domain_of(medium, issuer)
    with _index_answers():
        cross_references.hold(connection, domain, number)
        known = cross_references.target(connection, domain, number)
        if known is None:
            cross_references.link(connection, act(surroundings, caller), domain, number, index_id)
        elif known != persons.current(connection, index_id):
            raise Refusal("media.linked-elsewhere", "number")


def forget(connection: Connection, medium: str, issuer: str, number: str) -> None:
    """Take another card's number out of the index with its link."""
    cross_references.unlink(connection, domain_of(medium, issuer), number)


def domain_of(medium: str, issuer: str) -> str:
    """The domain under which an issuer's cards of one kind stand in the index."""
    return f"{medium}:{issuer}"


def act(surroundings: Surroundings, caller: Caller) -> Act:
    """This request as an act on the index."""
    return Act(caller.name, surroundings.clock.now_ms(), surroundings.identifier)


def identity(person: Person) -> Identity:
    """What the index keeps of a person."""
    return msgspec.convert({field: getattr(person, field) for field in IDENTITY}, Identity)


@contextmanager
def _index_answers() -> Iterator[None]:
    try:
        yield
    except IndexRefusal as error:
        raise Refusal("system.index", reason=error.text) from error
