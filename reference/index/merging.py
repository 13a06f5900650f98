"""Two persons who are one: merge, and the full undoing of a merge.

A merge moves nothing: the merged id gets the survivor as its successor, so that every question about it, and every
number that a domain registered for it, leads to the survivor. Undoing takes the successor away again.
Source: P-EMPI-06 (merge, unmerge with undo), P-LIFE-04 (any state: alias of survivor; undoable).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from sqlalchemy import Connection, and_, insert, or_, select, update

from reference.index import persons
from reference.index.acts import Act
from reference.index.errors import MergeRefused
from reference.index.notifying import Kind, notify
from reference.languages import say
from reference.store import audit
from reference.store.index_tables import index_merges

LONGEST_REASON = 200
Follower = Callable[[Connection, Act, str, str], object]
"""What else becomes of a merge, inside its transaction: called with the merged id and that of the survivor."""
_merged: Final[list[Follower]] = []
_undone: Final[list[Follower]] = []


def followed(*, merged: Follower, undone: Follower) -> None:
    """Let a room above the index follow every merge and every undoing, in the same transaction or not at all."""
    _merged.append(merged)
    _undone.append(undone)


class Merge(msgspec.Struct, frozen=True):
    """One merge as it was done, and by whom it was undone, if it was."""

    merge_id: str
    merged: str
    survivor: str
    reason: str
    operator: str
    merged_ms: int
    undone_by: str
    undone_ms: int | None


def merge(connection: Connection, act: Act, *, merged: str, survivor: str, reason: str) -> str:
    """Make one person an alias of the other, both by any of their ids; returns the id of the merge.

    Raises MergeRefused when both are one already or the reason is missing; UnknownPerson.
    """
    _check(reason)
    persons.hold_successors(connection)
    merged, survivor = persons.current(connection, merged), persons.current(connection, survivor)
    if merged == survivor:
        raise MergeRefused(say("{index_id} is one person already: there is nothing to merge.", index_id=merged))
    merge_id = act.new_id()
    connection.execute(
        insert(index_merges).values(
            merge_id=merge_id,
            merged_id=merged,
            survivor_id=survivor,
            reason=reason,
            operator=act.operator,
            merged_ms=act.now_ms,
        )
    )
    notify(connection, act, Kind.MERGED, merged, survivor)
    persons.succeed(connection, merged, persons.MERGED, survivor)
    for follow in _merged:
        follow(connection, act, merged, survivor)
    audit.append(connection, act.now_ms, act.operator, "index-merge", merged, survivor=survivor, merge=merge_id)
    return merge_id


def undo(connection: Connection, act: Act, merge_id: str, reason: str) -> str:
    """Give a merged person back as he was; returns his index id. Raises MergeRefused when there is nothing to undo."""
    _check(reason)
    persons.hold_successors(connection)
    row = connection.execute(select(index_merges).where(index_merges.c.merge_id == merge_id)).one_or_none()
    if row is None or row.undone_ms is not None:
        raise MergeRefused(
            say("The merge {merge_id} is unknown or undone already. Look at the person's merges.", merge_id=merge_id)
        )
    connection.execute(
        update(index_merges)
        .where(index_merges.c.merge_id == merge_id)
        .values(undone_by=act.operator, undone_reason=reason, undone_ms=act.now_ms)
    )
    persons.succeed(connection, row.merged_id, persons.ACTIVE, None)
    for follow in _undone:
        follow(connection, act, row.merged_id, row.survivor_id)
    notify(connection, act, Kind.UNMERGED, row.merged_id, row.survivor_id)
    audit.append(connection, act.now_ms, act.operator, "index-unmerge", row.merged_id, merge=merge_id)
    return str(row.merged_id)


def merges(connection: Connection, index_id: str) -> tuple[Merge, ...]:
    """Every merge that any id of a person took part in, the oldest first. Raises UnknownPerson."""
    ids = persons.all_ids(connection, persons.current(connection, index_id))
    rows = connection.execute(
        select(index_merges)
        .where(or_(index_merges.c.merged_id.in_(ids), index_merges.c.survivor_id.in_(ids)))
        .order_by(index_merges.c.merged_ms, index_merges.c.merge_id)
    )
    return tuple(
        Merge(
            row.merge_id,
            row.merged_id,
            row.survivor_id,
            row.reason,
            row.operator,
            row.merged_ms,
            row.undone_by,
            row.undone_ms,
        )
        for row in rows
    )


def was_undone(connection: Connection, one: str, other: str) -> bool:
    """Whether a merge of these two ids, either way round, was undone."""
    merged, survivor = index_merges.c.merged_id, index_merges.c.survivor_id
    either = or_(and_(merged == one, survivor == other), and_(merged == other, survivor == one))
    undone = select(index_merges.c.merge_id).where(either, index_merges.c.undone_ms.is_not(None)).limit(1)
    return connection.scalar(undone) is not None


def _check(reason: str) -> None:
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise MergeRefused(
            say("A merge or its undoing needs a reason of 1 to {longest} characters.", longest=LONGEST_REASON)
        )
