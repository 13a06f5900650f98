"""The national index as a province reaches it: ask, announce, broadcast.

Source: P-EMPI-04 (a province asks about a person it does not know; the nation returns or assigns the index id; changes
and merges are broadcast).
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from reference.index.delta import Delta
from reference.index.identity import Identity


class Answer(msgspec.Struct, frozen=True):
    """What the nation says of a person: the identity and the index id valid there, and the provinces that know him."""

    index_id: str
    identity: Identity
    provinces: tuple[str, ...]


class NationalIndex(Protocol):
    """The index above a province's. Every call may raise ProductUnreachable, and may be made again."""

    def ask(self, province: str, identity: Identity) -> Answer:
        """The person with this identity, known or assigned now; from now on known to be in the province."""
        ...

    def announce(self, delta: Delta) -> int:
        """Take over a province's changes; returns the last sequence number that has been taken over."""
        ...

    def broadcast(self, province: str, after: int, limit: int) -> Delta:
        """The changes after a sequence number of persons whom the province knows."""
        ...
