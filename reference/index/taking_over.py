"""Taking over the changes of another index: in their order, each once, conflicts into the manual queue.

The nation's merges bind a province, unless somebody there judged the two persons to be different. A province's merge
binds the nation only where no other province knows either person. Everything else a person decides.
Source: P-EMPI-04 (changes and merges are broadcast; conflict: manual queue); who decides by decision.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from reference.index import merging, persons, registering, reviews
from reference.index.acts import Act
from reference.index.delta import Change, Delta, check
from reference.index.identity import Identity
from reference.index.notifying import Kind
from reference.index.scoring import score
from reference.index.tables import weights
from reference.store.database import lock
from reference.store.index_tables import index_exchanges


def received(connection: Connection, partner: str) -> int:
    """The sequence number of a partner's last change that was taken over; 0 before the first."""
    found = connection.scalar(select(index_exchanges.c.received).where(index_exchanges.c.partner == partner))
    return found or 0


def take_over(connection: Connection, act: Act, delta: Delta, *, binding: bool) -> int:
    """Apply what is new in a delta; returns the last sequence number taken over. A replay changes nothing.

    ``binding``: the sender's merges hold unless they were judged otherwise here. Raises ExchangeRefused.
    """
    lock(connection, "index-exchange", delta.sender)
    before = received(connection, delta.sender)
    changes = check(delta, before)
    for change in changes:
        _apply(connection, act, delta.sender, change, binding=binding)
    if not changes:
        return before
    _remember(connection, act, delta, first=before == 0)
    return delta.last


def _apply(connection: Connection, act: Act, sender: str, change: Change, *, binding: bool) -> None:
    for identity in (change.other, change.identity) if change.kind is not Kind.RENAMED else (change.other,):
        if identity is not None:
            registering.register(connection, act, identity, sender, identity.index_id)
    match change.kind:
        case Kind.UPDATED if persons.current(connection, change.index_id) == change.index_id:
            registering.update(connection, act, change.index_id, change.identity)
        case Kind.RENAMED if change.other is not None:
            _rename(connection, act, sender, change.other, change.identity)
        case Kind.MERGED if change.other is not None:
            _merge(connection, act, sender, change, change.other, binding=binding)
        case Kind.UNMERGED:
            _undo(connection, act, change, binding=binding)


def _rename(connection: Connection, act: Act, sender: str, old: Identity, new: Identity) -> None:
    is_known = persons.row_of(connection, new.index_id) is not None
    if not is_known or persons.current(connection, new.index_id) != persons.current(connection, old.index_id):
        registering.update(connection, act, old.index_id, new)
    registering.register(connection, act, new, sender, new.index_id)


def _merge(connection: Connection, act: Act, sender: str, change: Change, survivor: Identity, *, binding: bool) -> None:
    merged_id, survivor_id = (persons.current(connection, id) for id in (change.index_id, change.other_id))
    if merged_id == survivor_id:
        return
    both = [persons.person(connection, id) for id in (merged_id, survivor_id)]
    known_elsewhere = any(found.domain != sender for person in both for found in person.references)
    judged_two = reviews.are_judged_two(connection, change.index_id, change.other_id)
    if judged_two or (known_elsewhere and not binding):
        found = score(change.identity, survivor, weights())
        reviews.submit(connection, act, reviews.Kind.NATIONAL, change.index_id, change.other_id, found, again=True)
    else:
        merging.merge(connection, act, merged=merged_id, survivor=survivor_id, reason=f"{sender} {change.sequence}")


def _undo(connection: Connection, act: Act, change: Change, *, binding: bool) -> None:
    for found in merging.merges(connection, change.index_id):
        is_this = found.merged == change.index_id and found.undone_ms is None
        if is_this and (binding or found.operator == act.operator):
            merging.undo(connection, act, found.merge_id, f"{act.operator} {change.sequence}")


def _remember(connection: Connection, act: Act, delta: Delta, *, first: bool) -> None:
    values = {"received": delta.last, "received_ms": act.now_ms}
    if first:
        connection.execute(insert(index_exchanges).values(partner=delta.sender, **values))
    else:
        connection.execute(update(index_exchanges).where(index_exchanges.c.partner == delta.sender).values(**values))
