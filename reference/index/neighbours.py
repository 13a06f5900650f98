"""Look-up between the indexes of neighbouring regions (城市群跨区共享): by the index id alone, without personal data.

An index id is a digest, so a neighbour learns nothing about a person whom it does not know. Source: P-LINK-06.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from reference.index import persons
from reference.index.errors import UnknownPerson
from reference.store.database import Store


class Neighbour(Protocol):
    """The index of another region, which answers by agreement."""

    def knows(self, index_id: str) -> str | None:
        """The index id that is valid there for the person, or None. Raises ProductUnreachable."""
        ...


class NeighbourOfOurs:
    """A region's own index, as it answers its neighbours."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def knows(self, index_id: str) -> str | None:
        """See Neighbour."""
        with self._store.read() as connection:
            try:
                return persons.current(connection, index_id)
            except UnknownPerson:
                return None


def regions_that_know(neighbours: Mapping[str, Neighbour], index_id: str) -> dict[str, str]:
    """The regions that know a person, each with the index id that is valid there. Raises ProductUnreachable."""
    answers = {region: neighbour.knows(index_id) for region, neighbour in neighbours.items()}
    return {region: found for region, found in answers.items() if found is not None}
