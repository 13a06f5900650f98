"""A province's side of the exchange with the national index: consult, send changes, take broadcasts over.

The nation is never called inside a transaction: what it answers is stored in one of its own, and a call that got lost
is made again, for every step is safe to repeat. Source: P-EMPI-04; the form of deltas in `delta`.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from reference.index import notifying, persons, registering, reviews, taking_over
from reference.index.acts import Act
from reference.index.delta import Change, Delta, sealed
from reference.index.identity import Identity
from reference.index.national import Answer, NationalIndex
from reference.index.notifying import Kind, Notification
from reference.index.scoring import score
from reference.index.tables import weights
from reference.store.database import Store

ANNOUNCED = (Kind.REGISTERED, Kind.UPDATED, Kind.RENAMED, Kind.MERGED, Kind.UNMERGED)
NATION = "nation"
OUTBOX = "announce-nation"
AT_ONCE = 500
"""Changes in one delta at most. Source: decision."""


def delta_of(connection: Connection, sender: str, subscription_id: str, after: int, limit: int = AT_ONCE) -> Delta:
    """The notifications of a subscription after a sequence number, as a sealed delta."""
    told = notifying.since(connection, subscription_id, after, limit)
    return sealed(sender, after, [_change(connection, notification) for notification in told])


class ProvincialExchange:
    """The exchange of one province's store with the nation; `join` once, then `consult`, `push` and `pull`."""

    def __init__(
        self,
        province: str,
        store: Store,
        nation: NationalIndex,
        now_ms: Callable[[], int],
        new_id: Callable[[], str],
    ) -> None:
        self.province, self._store, self._nation = province, store, nation
        self._now_ms, self._new_id = now_ms, new_id

    def join(self) -> None:
        """Keep changes for the nation from now on; a second time changes nothing."""
        with self._store.begin() as connection:
            if not notifying.is_subscribed(connection, OUTBOX):
                notifying.subscribe(connection, self._act(), kinds=ANNOUNCED, name=OUTBOX)

    def consult(self, index_id: str) -> Answer:
        """Ask the nation about a person. If he is known there by another index id, the pair goes into the queue.

        Raises UnknownPerson; ProductUnreachable when the nation does not answer.
        """
        with self._store.read() as connection:
            person = persons.person(connection, index_id)
        answer = self._nation.ask(self.province, person.identity)
        if answer.index_id not in (person.index_id, *person.aliases):
            with self._store.begin() as connection:
                self._ask_whether_one(connection, person, answer)
        return answer

    def push(self, limit: int = AT_ONCE) -> int:
        """Send the next changes; returns how many the nation has taken over."""
        with self._store.read() as connection:
            after = notifying.acknowledged(connection, OUTBOX)
            delta = delta_of(connection, self.province, OUTBOX, after, limit)
        if not delta.changes:
            return 0
        taken = self._nation.announce(delta)
        with self._store.begin() as connection:
            notifying.acknowledge(connection, OUTBOX, taken)
        return taken - after

    def pull(self, limit: int = AT_ONCE) -> int:
        """Take the next broadcasts over; returns how many."""
        with self._store.read() as connection:
            after = taking_over.received(connection, NATION)
        delta = self._nation.broadcast(self.province, after, limit)
        with self._store.begin() as connection:
            return taking_over.take_over(connection, self._act(), delta, binding=True) - after

    def _ask_whether_one(self, connection: Connection, person: persons.Person, answer: Answer) -> None:
        act = self._act()
        other = registering.register(connection, act, answer.identity, NATION, answer.index_id).index_id
        found = score(person.identity, answer.identity, weights())
        reviews.submit(connection, act, reviews.Kind.NATIONAL, person.index_id, other, found)

    def _act(self) -> Act:
        return Act(NATION, self._now_ms(), self._new_id)


def _change(connection: Connection, told: Notification) -> Change:
    return Change(
        told.sequence,
        told.kind,
        told.index_id,
        told.other_id,
        _identity(connection, told.index_id),
        _identity(connection, told.other_id) if told.other_id else None,
        told.at_ms,
    )


def _identity(connection: Connection, index_id: str) -> Identity:
    """The particulars of an id, not of its successor: each id keeps its own name and number."""
    row = persons.row_of(connection, index_id)
    if row is None:
        raise LookupError(index_id)
    return persons.identity_in(row)
