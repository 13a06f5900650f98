"""From a person to his ids through the crypto machine: index id (3C), dispersal factor, electronic card id (S3).

A person whom the master index knows already under another id (name or number corrected, merged) keeps that id: it is
asked before the machine enciphers. No transaction is open while the machine works; when the index has moved in
between, everything is derived again. Source: EC-HSM derivation chain; EC-QH register flow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from sqlalchemy import Connection

from reference.ecard.ids import dispersal_factor, ecard_id_plaintext, factor_pair, index_text
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Person
from reference.index import persons
from reference.index.errors import UnknownPerson
from reference.ports import CryptoMachineRefused, CryptoMachineUnavailable
from reference.serving import Surroundings

T = TypeVar("T")

TRIES: Final = 5
"""How often ids are derived anew when the index moves under a registration. Source: decision."""


@dataclass(frozen=True)
class Ids:
    """A person's ids: ``own`` by his name and document, ``index`` the one that is valid, and the card id with the
    version of the security key."""

    own: str
    index: str
    ecard: str
    key_version: int


class IndexMoved(Exception):
    """The master index has changed between derivation and transaction."""


def own_index_id(surroundings: Surroundings, person: Person) -> str:
    """The index id of name and document. Raises Refusal ``system.crypto-machine``."""
    with _machine_answers():
        digest = surroundings.machine.digest(index_text(person.id_type, person.id_number, person.name))
    return digest.hex().upper()


def derived(surroundings: Surroundings, own: str, person: Person, before: str = "") -> Ids:
    """The ids of a person with this own index id, under the index id that is valid now.

    ``before`` is the id of a person who takes a new name or document: an old id of his own becomes valid again.
    Raises Refusal ``system.crypto-machine``.
    """
    with surroundings.store.read() as connection:
        valid = valid_id(connection, own)
    index = own if valid == before else valid
    with _machine_answers():
        version = surroundings.machine.current_version()
        factors = (factor_pair(dispersal_factor(index)),)
        plaintext = ecard_id_plaintext(person.id_type, person.id_number)
        ecard = surroundings.machine.encrypt(plaintext, factors, version)
    return Ids(own, index, ecard.hex().upper(), version)


def with_ids(surroundings: Surroundings, person: Person, work: Callable[[Connection, Ids], T], before: str = "") -> T:
    """The result of ``work`` in one transaction with the person's ids; derived again when it raises IndexMoved.

    Raises Refusal ``system.crypto-machine``, ``system.busy``.
    """
    own = own_index_id(surroundings, person)

    def attempt() -> T:
        ids = derived(surroundings, own, person, before)
        return surroundings.store.transact(lambda connection: work(connection, ids))

    return settled(attempt)


def settled(attempt: Callable[[], T]) -> T:
    """What the attempt gives, made again when the index has moved. Raises Refusal ``system.busy``."""
    for _ in range(TRIES):
        try:
            return attempt()
        except IndexMoved:
            continue
    raise Refusal("system.busy")


def valid_id(connection: Connection, own: str) -> str:
    """The index id that is valid now for an own one; itself where the index does not know it."""
    try:
        return persons.current(connection, own)
    except UnknownPerson:
        return own


@contextmanager
def _machine_answers() -> Iterator[None]:
    try:
        yield
    except (CryptoMachineUnavailable, CryptoMachineRefused) as error:
        raise Refusal("system.crypto-machine") from error
