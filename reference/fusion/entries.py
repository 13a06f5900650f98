"""Entries as rows: finding one, telling it, and joining numbers of the flows of business and data to it.

An entry belongs to the institution that opened it. Source: P-FUSE-03.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Caller,
    Entry,
    EntryPart,
    Flow,
    JoinedNumber,
    JoinFlow,
    PartName,
    QueryEntry,
    Settlement,
)
from reference.fusion.bills import told
from reference.qr.columns import keeps
from reference.serving import Surroundings, serves
from reference.store import audit
from reference.store.fusion_tables import fusion_entries, fusion_numbers, fusion_parts, settlements

OK = "ok"


@serves(QueryEntry)
def query(surroundings: Surroundings, caller: Caller, verb: QueryEntry) -> Entry:
    """An entry with all that was joined to it. Raises Refusal ``entry.unknown``."""
    with surroundings.store.read() as connection:
        return entry_of(connection, found(connection, caller, verb.entry_id))


@serves(JoinFlow)
def join_flow(surroundings: Surroundings, caller: Caller, verb: JoinFlow) -> Entry:
    """Join an order, a dispensing, a report; once more changes nothing.

    Raises Refusal ``entry.unknown``, ``request.empty-field``, ``request.field-malformed``.
    """
    if not verb.number:
        raise Refusal("request.empty-field", "number")
    if not keeps(fusion_numbers.c.number, verb.number):
        raise Refusal("request.field-malformed", "number")
    now = surroundings.clock.now_ms()

    def work(connection: Connection) -> Entry:
        row = found(connection, caller, verb.entry_id, locked=True)
        if join(connection, verb.entry_id, verb.flow, verb.part, verb.number, now):
            details = {"flow": verb.flow, "part": verb.part, "number": verb.number}
            audit.append(connection, now, caller.name, "fusion.join", verb.entry_id, **details)
        return entry_of(connection, row)

    return surroundings.store.transact(work)


def found(connection: Connection, caller: Caller, entry_id: str, *, locked: bool = False) -> Row[Any]:
    """An entry of the asking institution. Raises Refusal ``entry.unknown`` for one of another institution too."""
    query = select(fusion_entries).where(
        fusion_entries.c.entry_id == entry_id, fusion_entries.c.institution == caller.institution
    )
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise Refusal("entry.unknown", "entry_id")
    return row


def join(connection: Connection, entry_id: str, flow: Flow, part: PartName, number: str, now_ms: int) -> bool:
    """Join a number to an entry that the caller holds; False when it was joined already."""
    values = {"entry_id": entry_id, "flow": flow, "part": part, "number": number}
    same = [fusion_numbers.c[name] == value for name, value in values.items()]
    if connection.execute(select(fusion_numbers.c.number).where(*same)).first():
        return False
    connection.execute(insert(fusion_numbers).values(joined_ms=now_ms, **values))
    return True


def entry_of(connection: Connection, row: Row[Any], told_now: Mapping[str, dict[str, str]] | None = None) -> Entry:
    """A row of `fusion_entries` as the message that tells it; ``told_now`` is what owners have just said, by part."""
    parts = connection.execute(
        select(fusion_parts).where(fusion_parts.c.entry_id == row.entry_id).order_by(fusion_parts.c.part)
    )
    numbers = connection.execute(
        select(fusion_numbers)
        .where(fusion_numbers.c.entry_id == row.entry_id)
        .order_by(fusion_numbers.c.joined_ms, fusion_numbers.c.flow, fusion_numbers.c.part, fusion_numbers.c.number)
    )
    return Entry(
        entry_id=row.entry_id,
        index_id=row.index_id,
        visit=row.visit,
        entered_by=row.entered_by,
        opened_ms=row.opened_ms,
        parts=tuple(
            EntryPart(
                part=part.part,
                outcome=part.outcome,
                number=part.number,
                message=part.message,
                told=(told_now or {}).get(part.part, {}),
            )
            for part in parts
        ),
        joined=tuple(
            JoinedNumber(flow=one.flow, part=one.part, number=one.number, joined_ms=one.joined_ms) for one in numbers
        ),
        settlements=_settlements(connection, row.entry_id),
    )


def _settlements(connection: Connection, entry_id: str) -> tuple[Settlement, ...]:
    rows = connection.execute(
        select(settlements)
        .where(settlements.c.entry_id == entry_id)
        .order_by(settlements.c.begun_ms, settlements.c.settlement_id)
    ).all()
    return tuple(told(connection, row) for row in rows)
