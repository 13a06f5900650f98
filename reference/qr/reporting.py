"""What is told of cards afterwards: uses uploaded by institutions, and the health colour of a holder.

Sichuan usecarddate: at most 500 a batch, on the day on which they happened; Qinghai E0009 and Tencent reportHISData
tell the same. A batch is kept whole or not at all; a use that was told before counts as known, not as an error.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from reference.ecard.broken_rules import BrokenRule
from reference.ecard.id_numbers import check_id_number, citizen_number
from reference.ecard.ids import index_id
from reference.ecard.moments import SECOND, Moment, same_china_day
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Account, Caller, Reported, ReportedUse, ReportUses, SetColour
from reference.qr.columns import keeps
from reference.serving import Surroundings, serves
from reference.store import audit, lock
from reference.store.account_rows import account_of, by_index_id, found, require_holding
from reference.store.account_tables import accounts
from reference.store.code_tables import reported_uses

STEPS = "diagnosis-step"
COLOURS = "health-colour"
CITIZEN_CARD = "01"
TOLD = ("serial", "card", "medium", "terminal", "channel", "step", "department", "cost_type", "city", "reset_number")
"""The texts of a use."""


@serves(ReportUses)
def report_uses(surroundings: Surroundings, caller: Caller, verb: ReportUses) -> Reported:
    """Keep the uses that an institution tells, each serial of it once.

    Raises Refusal ``request.batch-too-large``, ``request.not-same-day`` (also for times ahead of the platform's clock
    by more than the tolerated skew), ``request.empty-field``, ``request.field-malformed``, ``code.unknown-scene``.
    """
    now_ms = surroundings.clock.now_ms()
    if len(verb.uses) > surroundings.tables.limit("batch-use-records"):
        raise Refusal("request.batch-too-large", "uses")
    teller = caller.institution or caller.app
    if not teller:
        raise Refusal("request.empty-field", "institution")
    for use in verb.uses:
        _check(surroundings, use, now_ms)
    return surroundings.store.transact(lambda c: _keep(c, caller, teller, verb.uses, now_ms))


@serves(SetColour)
def set_colour(surroundings: Surroundings, caller: Caller, verb: SetColour) -> Account:
    """Set the health colour of a holder; codes are drawn in it from now on.

    Raises Refusal ``person.unknown-code`` and ``account.…`` by the state of the account.
    """
    if str(verb.colour) not in surroundings.tables.codes[COLOURS]:
        raise Refusal("person.unknown-code", "colour")
    now_ms = surroundings.clock.now_ms()

    def work(connection: Connection) -> Account:
        account = found(connection, verb.who, surroundings.tables, locked=True)
        require_holding(account, surroundings.tables)
        index_id = account["index_id"]
        connection.execute(
            update(accounts).where(accounts.c.index_id == index_id).values(colour=verb.colour, updated_ms=now_ms)
        )
        changed = by_index_id(connection, index_id)
        assert changed is not None, "the account is held by this transaction"
        audit.append(connection, now_ms, caller.name, "account.colour", index_id, colour=verb.colour)
        return account_of(changed)

    return surroundings.store.transact(work)


def _check(surroundings: Surroundings, use: ReportedUse, now_ms: Moment) -> None:
    if not use.serial or not use.card:
        raise Refusal("request.empty-field", "serial" if use.card else "card")
    for name in TOLD:
        if not keeps(reported_uses.c[name], getattr(use, name)):
            raise Refusal("request.field-malformed", name)
    if use.step and use.step not in surroundings.tables.codes[STEPS]:
        raise Refusal("code.unknown-scene", "step")
    skew = surroundings.tables.limit("clock-skew-seconds") * SECOND
    if not same_china_day(use.used_ms, now_ms) or use.used_ms > now_ms + skew:
        raise Refusal("request.not-same-day", "used_ms")


def _keep(
    connection: Connection, caller: Caller, teller: str, told: tuple[ReportedUse, ...], now_ms: Moment
) -> Reported:
    lock(connection, "reported-uses", teller)
    by_serial = {use.serial: use for use in reversed(told)}
    known = set(
        connection.execute(
            select(reported_uses.c.serial).where(
                reported_uses.c.institution == teller, reported_uses.c.serial.in_(by_serial)
            )
        ).scalars()
    )
    new = [use for serial, use in by_serial.items() if serial not in known]
    if new:
        rows = [
            {"institution": teller, "used_ms": use.used_ms, "received_ms": now_ms, "holder_index_id": _holder(use)}
            | {name: getattr(use, name) for name in TOLD}
            for use in new
        ]
        connection.execute(insert(reported_uses), rows)
        audit.append(connection, now_ms, caller.name, "uses.report", teller, kept=len(new))
    return Reported(kept=len(new), known=len(told) - len(new))


def _holder(use: ReportedUse) -> str:
    """The index id of the holder whom a physical card named; empty where it named none in form.

    What a card tells of its holder is kept as this id alone: document and name are not ours to store here (decision).
    """
    if use.holder is None:
        return ""
    person = use.holder
    try:
        check_id_number(person.id_type, person.id_number)
        number = citizen_number(person.id_number).number if person.id_type == CITIZEN_CARD else person.id_number
        return index_id(person.id_type, number, person.name) if person.name else ""
    except BrokenRule:
        return ""
