"""Deltas between two indexes: changes with sequence number, count and digest, safe to be sent twice.

The digest is the SM3 of the changes as JSON with sorted names, so that a damaged or shortened delta is refused.
Source: P-EMPI-04 (changes and merges are broadcast), P-IMIS-07 and platform facts, 2.1 (sequence, count and digest,
replay-safe).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from reference.index.errors import ExchangeRefused
from reference.index.identity import Identity
from reference.index.notifying import Kind
from reference.languages import say


class Change(msgspec.Struct, frozen=True):
    """One change of a person: what happened, the ids concerned, and the particulars of both as they are now."""

    sequence: int
    kind: Kind
    index_id: str
    other_id: str
    identity: Identity
    other: Identity | None
    at_ms: int


class Delta(msgspec.Struct, frozen=True):
    """The changes of one sender after a sequence number, in their order; ``digest`` is hexadecimal SM3."""

    sender: str
    after: int
    count: int
    digest: str
    changes: tuple[Change, ...]

    @property
    def last(self) -> int:
        """The sequence number of the last change; ``after`` for an empty delta."""
        return self.changes[-1].sequence if self.changes else self.after


def sealed(sender: str, after: int, changes: Sequence[Change]) -> Delta:
    """A delta with its count and digest."""
    return Delta(sender, after, len(changes), digest(sender, after, changes), tuple(changes))


def check(delta: Delta, received: int) -> tuple[Change, ...]:
    """The changes that are new to a receiver who has everything up to ``received``; none for a replay.

    Raises ExchangeRefused for a wrong count or digest, numbers out of order, or a gap.
    """
    if delta.count != len(delta.changes) or delta.digest != digest(delta.sender, delta.after, delta.changes):
        raise ExchangeRefused(
            say(
                "The delta of {sender} after {after} is damaged. Send it again.", sender=delta.sender, after=delta.after
            )
        )
    numbers = [change.sequence for change in delta.changes]
    if numbers != list(range(delta.after + 1, delta.after + 1 + len(numbers))) or delta.after > received:
        raise ExchangeRefused(
            say(
                "The delta of {sender} begins after {after}, but {received} was the last one. Send what is missing.",
                sender=delta.sender,
                after=delta.after,
                received=received,
            )
        )
    return tuple(change for change in delta.changes if change.sequence > received)


def digest(sender: str, after: int, changes: Sequence[Change]) -> str:
    """The hexadecimal SM3 of sender, beginning and changes."""
    return hashlib.new("sm3", msgspec.json.encode([sender, after, changes], order="sorted")).hexdigest()
