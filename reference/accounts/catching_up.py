"""Merges of the master index that no account followed: those from before `reference.accounts.following` was there.

Every merge that stands is followed as if it were made now, the oldest first, a batch in each transaction, so that
nobody waits long. What had followed already stays as it is: catching up may be broken off, repeated, and done while
the platform serves. Source: P-LIFE-04 (any state: alias of the survivor); batches by decision.
"""

from __future__ import annotations

import functools
from collections import Counter
from typing import Final

import msgspec
from sqlalchemy import Connection, select, tuple_

from reference.accounts.following import Followed, follow_merge
from reference.ecard.moments import Moment
from reference.index import persons
from reference.index.acts import Act
from reference.serving import Surroundings
from reference.store import audit
from reference.store.index_tables import index_merges

BATCH: Final = 100
"""Merges in one transaction, in which nobody else merges, nor writes on SQLite. Source: decision."""


class CaughtUp(msgspec.Struct, frozen=True):
    """How many merges stand, how many accounts became aliases, how many are now found under the survivor's id."""

    merges: int
    aliases: int
    only_cards: int


class _Batch(msgspec.Struct, frozen=True):
    """What one transaction did, and the place of its last merge; None at the end."""

    merges: int
    followed: Counter[Followed]
    last: tuple[Moment, str] | None


def follow_merges(surroundings: Surroundings, operator: str, *, batch: int = BATCH) -> CaughtUp:
    """Let accounts follow every merge that stands; each that did is a line of the audit log, in the operator's name."""
    merges, followed = 0, Counter[Followed]()
    place: tuple[Moment, str] | None = (0, "")
    while place is not None:
        work = functools.partial(_follow, surroundings=surroundings, operator=operator, after=place, batch=batch)
        done = surroundings.store.transact(work)
        merges, followed, place = merges + done.merges, followed + done.followed, done.last
    return CaughtUp(merges, followed[Followed.ALIAS], followed[Followed.ONLY_CARD])


def _follow(
    connection: Connection, surroundings: Surroundings, operator: str, after: tuple[Moment, str], batch: int
) -> _Batch:
    persons.hold_successors(connection)
    order = index_merges.c.merged_ms, index_merges.c.merge_id
    rows = connection.execute(
        select(index_merges)
        .where(index_merges.c.undone_ms.is_(None), tuple_(*order) > after)
        .order_by(*order)
        .limit(batch)
    ).all()
    act = Act(operator, surroundings.clock.now_ms(), surroundings.identifier)
    followed = Counter[Followed]()
    for row in rows:
        merged, survivor = str(row.merged_id), str(row.survivor_id)
        result = follow_merge(connection, act, merged, survivor)
        followed[result] += 1
        if result is not Followed.NOTHING:
            details = {"survivor": survivor, "merge": row.merge_id, "became": result.value}
            audit.append(connection, act.now_ms, operator, "index-merge-followed", merged, **details)
    return _Batch(len(rows), followed, (rows[-1].merged_ms, rows[-1].merge_id) if len(rows) == batch else None)
