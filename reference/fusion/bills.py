"""Settlements as rows: finding one, telling it, moving it and its movements from state to state.

Every step is taken from the state that it follows from, so that of two workers on one settlement one alone takes it.
Source: P-FUSE-03; states by decision.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Movement, Settlement
from reference.store.fusion_tables import money_movements, settlements

RESERVING, PAYING, PAID, RELEASING, RELEASED = "reserving", "paying", "paid", "releasing", "released"
"""States of a settlement. `PAYING` and `RELEASING` are its decisions: none is ever left for the other."""
PLANNED, RESERVED = "planned", "reserved"
"""States of a movement before it is `PAID` or `RELEASED`."""


def row_of(connection: Connection, settlement_id: str) -> Row[Any]:
    """A settlement. Raises Refusal ``settlement.unknown``."""
    row = connection.execute(select(settlements).where(settlements.c.settlement_id == settlement_id)).one_or_none()
    if row is None:
        raise Refusal("settlement.unknown", "settlement_id")
    return row


def movements(connection: Connection, settlement_id: str) -> list[Row[Any]]:
    """The movements of a settlement, in the order of their payers."""
    return list(
        connection.execute(
            select(money_movements)
            .where(money_movements.c.settlement_id == settlement_id)
            .order_by(money_movements.c.payer)
        )
    )


def told(connection: Connection, row: Row[Any]) -> Settlement:
    """A row of `settlements` as the message that tells it."""
    return Settlement(
        settlement_id=row.settlement_id,
        entry_id=row.entry_id,
        bill=row.bill,
        total=row.total,
        state=row.state,
        reason=row.reason,
        movements=tuple(
            Movement(payer=one.payer, amount=one.amount, state=one.state, number=one.number)
            for one in movements(connection, row.settlement_id)
        ),
    )


def step(
    connection: Connection, settlement_id: str, before: str, after: str, now_ms: int, reason: str | None = None
) -> bool:
    """Move a settlement; False when it was not in the state before."""
    values: dict[str, Any] = {"state": after, "changed_ms": now_ms}
    if reason is not None:
        values["reason"] = reason
    where = (settlements.c.settlement_id == settlement_id) & (settlements.c.state == before)
    return connection.execute(update(settlements).where(where).values(**values)).rowcount == 1


def move(connection: Connection, movement: Row[Any], settlement_state: str, after: str, **values: object) -> bool:
    """Move one movement of a settlement that is in this state; False when the settlement, or it, has gone on."""
    held = connection.execute(
        select(settlements.c.state).where(settlements.c.settlement_id == movement.settlement_id).with_for_update()
    ).scalar_one()
    if held != settlement_state:
        return False
    where = (
        (money_movements.c.settlement_id == movement.settlement_id)
        & (money_movements.c.payer == movement.payer)
        & (money_movements.c.state == movement.state)
    )
    return connection.execute(update(money_movements).where(where).values(state=after, **values)).rowcount == 1
