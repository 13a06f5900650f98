"""Settlement over several payers: all of them pay, or none (业务流、数据流、资金流, P-FUSE-03).

First every payer sets his share aside. When all have, one transaction decides to pay; when one refuses or is silent,
one decides to release. What was decided is carried out payer by payer, each of whom does it once however often he is
asked: a crash or a silent payer leaves a settlement that `FinishSettlement` brings to the end that was decided, never a
half-paid one that is taken for done. Amounts are whole fen. Source: P-FUSE-03; the procedure is a decision.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, FinishSettlement, Settle, Settlement
from reference.fusion import bills
from reference.fusion.bills import PAID, PAYING, PLANNED, RELEASED, RELEASING, RESERVED, RESERVING
from reference.fusion.entries import OK, found, join
from reference.qr.columns import keeps, width
from reference.serving import PartnerAway, PartnerRefused, Payer, Surroundings, serves
from reference.store import audit, lock
from reference.store.fusion_tables import fusion_parts, money_movements, settlements

MOST = 10**12
"""Fen of one bill at most. Source: decision; far above any bill, far below what the column holds."""


@serves(Settle)
def settle(surroundings: Surroundings, caller: Caller, verb: Settle) -> Settlement:
    """Settle a bill; the same bill again is told, and brought on where it was left on the way.

    Raises Refusal ``entry.unknown``, ``settlement.shares``, ``settlement.not-accepted`` for a payer who has not
    accepted his part or bears no money, ``settlement.conflict`` for a bill that was settled with other figures. A
    payer's refusal raises nothing: the settlement is ``released`` and says why.
    """
    _check(verb)
    settlement_id, now = surroundings.identifier(), surroundings.clock.now_ms()

    def work(connection: Connection) -> str:
        found(connection, caller, verb.entry_id)
        lock(connection, "bill", f"{caller.institution}\n{verb.bill}")
        known = _known(connection, caller, verb)
        if known is not None:
            return known
        _require_accepted(connection, surroundings, verb)
        connection.execute(
            insert(settlements).values(
                settlement_id=settlement_id,
                entry_id=verb.entry_id,
                institution=caller.institution,
                bill=verb.bill,
                total=verb.total,
                state=RESERVING,
                begun_ms=now,
                changed_ms=now,
            )
        )
        planned = [
            {"settlement_id": settlement_id, "payer": share.payer, "amount": share.amount, "state": PLANNED}
            for share in verb.shares
        ]
        connection.execute(insert(money_movements), planned)
        details = {"entry": verb.entry_id, "total": verb.total, "shares": {s.payer: s.amount for s in verb.shares}}
        audit.append(connection, now, caller.name, "settlement.begin", settlement_id, **details)
        return settlement_id

    return _carried_on(surroundings, caller, surroundings.store.transact(work))


@serves(FinishSettlement)
def finish(surroundings: Surroundings, caller: Caller, verb: FinishSettlement) -> Settlement:
    """Carry a settlement on; a finished one is told. Raises Refusal ``settlement.unknown``."""
    with surroundings.store.read() as connection:
        if bills.row_of(connection, verb.settlement_id).institution != caller.institution:
            raise Refusal("settlement.unknown", "settlement_id")
    return _carried_on(surroundings, caller, verb.settlement_id)


def unfinished(connection: Connection, before_ms: int) -> list[str]:
    """The settlements that were left on the way before this moment, the oldest first: for whoever carries them on."""
    on_the_way = settlements.c.state.in_((RESERVING, PAYING, RELEASING))
    query = select(settlements.c.settlement_id).where(on_the_way, settlements.c.changed_ms < before_ms)
    return list(connection.scalars(query.order_by(settlements.c.changed_ms, settlements.c.settlement_id)))


def _check(verb: Settle) -> None:
    if not verb.bill:
        raise Refusal("request.empty-field", "bill")
    if not keeps(settlements.c.bill, verb.bill):
        raise Refusal("request.field-malformed", "bill")
    amounts = [share.amount for share in verb.shares]
    is_whole = len({share.payer for share in verb.shares}) == len(amounts) > 0 and all(amount > 0 for amount in amounts)
    if not is_whole or sum(amounts) != verb.total or verb.total > MOST:
        raise Refusal("settlement.shares", "shares")


def _known(connection: Connection, caller: Caller, verb: Settle) -> str | None:
    """The settlement of this bill. Raises Refusal ``settlement.conflict`` when it was of other figures."""
    row = connection.execute(
        select(settlements).where(settlements.c.institution == caller.institution, settlements.c.bill == verb.bill)
    ).one_or_none()
    if row is None:
        return None
    shares = {(one.payer, one.amount) for one in bills.movements(connection, row.settlement_id)}
    if row.entry_id != verb.entry_id or shares != {(share.payer, share.amount) for share in verb.shares}:
        raise Refusal("settlement.conflict", "bill")
    return str(row.settlement_id)


def _require_accepted(connection: Connection, surroundings: Surroundings, verb: Settle) -> None:
    query = select(fusion_parts.c.part).where(fusion_parts.c.entry_id == verb.entry_id, fusion_parts.c.outcome == OK)
    accepted = set(connection.scalars(query))
    if any(share.payer not in accepted or share.payer not in surroundings.payers for share in verb.shares):
        raise Refusal("settlement.not-accepted", "shares")


def _carried_on(surroundings: Surroundings, caller: Caller, settlement_id: str) -> Settlement:
    """The settlement as far as its payers let it come."""
    work = {RESERVING: _reserve, PAYING: _pay, RELEASING: _release}
    while True:
        with surroundings.store.read() as connection:
            row = bills.row_of(connection, settlement_id)
            moves = bills.movements(connection, settlement_id)
            if row.state not in work:
                return bills.told(connection, row)
        if not work[row.state](surroundings, caller, row, moves):
            with surroundings.store.read() as connection:
                return bills.told(connection, bills.row_of(connection, settlement_id))


def _reserve(surroundings: Surroundings, caller: Caller, row: Row[Any], moves: list[Row[Any]]) -> bool:
    """Have every share set aside, then decide. Who is silent is taken for a refusal: nothing was decided yet."""
    for movement in moves:
        if movement.state != PLANNED:
            continue
        try:
            number = _payer(surroundings, movement).reserve(
                row.settlement_id, row.entry_id, movement.payer, movement.amount
            )
        except PartnerRefused as refused:
            return _decide(surroundings, caller, row, RELEASING, f"{movement.payer}: {refused}")
        except PartnerAway:
            return _decide(surroundings, caller, row, RELEASING, f"{movement.payer}: no answer")
        if not keeps(money_movements.c.number, number):
            return _decide(surroundings, caller, row, RELEASING, f"{movement.payer}: unusable number")
        _move(surroundings, movement, RESERVING, RESERVED, number=number)
    return _decide(surroundings, caller, row, PAYING, "")


def _pay(surroundings: Surroundings, caller: Caller, row: Row[Any], moves: list[Row[Any]]) -> bool:
    """Have what was set aside paid; False when a payer is silent, who is asked again later."""
    for movement in moves:
        if movement.state == PAID:
            continue
        try:
            _payer(surroundings, movement).pay(row.settlement_id)
        except PartnerAway:
            return False
        _move(surroundings, movement, PAYING, PAID)
    return _end(surroundings, caller, row, PAYING, PAID)


def _release(surroundings: Surroundings, caller: Caller, row: Row[Any], moves: list[Row[Any]]) -> bool:
    """Have everything given back, by those who never answered too; False when a payer is silent."""
    for movement in moves:
        if movement.state == RELEASED:
            continue
        try:
            _payer(surroundings, movement).release(row.settlement_id)
        except PartnerAway:
            return False
        _move(surroundings, movement, RELEASING, RELEASED)
    return _end(surroundings, caller, row, RELEASING, RELEASED)


def _payer(surroundings: Surroundings, movement: Row[Any]) -> Payer:
    """The payer of a movement. Raises PartnerAway when he is not connected any more."""
    payer = surroundings.payers.get(movement.payer)
    if payer is None:
        raise PartnerAway
    return payer


def _move(surroundings: Surroundings, movement: Row[Any], settlement_state: str, after: str, **values: object) -> None:
    # Where another worker was first there is nothing left to write: the loop reads the rows again.
    surroundings.store.transact(lambda c: bills.move(c, movement, settlement_state, after, **values))


def _decide(surroundings: Surroundings, caller: Caller, row: Row[Any], after: str, reason: str) -> bool:
    """Decide between paying and releasing, once. Paying needs every share set aside."""
    now = surroundings.clock.now_ms()

    def work(connection: Connection) -> bool:
        states = {one.state for one in bills.movements(connection, row.settlement_id)}
        if after == PAYING and states != {RESERVED}:
            return True
        kept = "".join(character for character in reason if character.isprintable())[: width(settlements.c.reason)]
        if bills.step(connection, row.settlement_id, RESERVING, after, now, kept):
            audit.append(connection, now, caller.name, f"settlement.{after}", row.settlement_id, reason=kept)
        return True

    return surroundings.store.transact(work)


def _end(surroundings: Surroundings, caller: Caller, row: Row[Any], before: str, after: str) -> bool:
    """The end of a settlement; the payers' numbers join the flow of money when it was paid."""
    now = surroundings.clock.now_ms()

    def work(connection: Connection) -> bool:
        moves = bills.movements(connection, row.settlement_id)
        if any(movement.state != after for movement in moves):
            return True
        if bills.step(connection, row.settlement_id, before, after, now):
            for movement in moves:
                if after == PAID:
                    join(connection, row.entry_id, "money", movement.payer, movement.number, now)
            audit.append(connection, now, caller.name, f"settlement.{after}", row.settlement_id, entry=row.entry_id)
        return True

    return surroundings.store.transact(work)
