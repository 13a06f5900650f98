"""The life of a card after its issue (P-LIFE-04): cancellation, suspension, restoration.

Cancellation and suspension put an end to all codes and bank bindings in the same transaction; rows and audit lines stay
as the history. A card comes back after a new real-name check alone, and its old codes stay dead.
Source: P-ECARD-03, P-LIFE-04, P-LIFE-05; EC-QH E0004 (person and code must belong together).
"""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, delete, select

from reference.accounts import registration
from reference.accounts.real_name import established
from reference.accounts.records import found, moved, note, person_of
from reference.accounts.tables import cancellation_reasons, suspension_reasons
from reference.ecard.qr_text import parse, qr_layouts
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountEvent, AccountState
from reference.ecard.verbs import Account, Caller, Cancel, Restore, Suspend
from reference.qr.in_force import kill_codes
from reference.serving import RealNameResult, Surroundings, serves
from reference.store.account_rows import EVERY_LAYOUT, account_of
from reference.store.account_tables import bank_cards
from reference.store.code_tables import codes

OTHER_REASON = "other"
"""Stands in the audit log for words of one's own, which might hold personal data."""


@serves(Cancel)
def cancel(surroundings: Surroundings, caller: Caller, verb: Cancel) -> Account:
    """Cancel a card (电子健康卡注销). A cancelled card is cancelled already: Refusal ``account.cancelled``.

    Raises Refusal ``account.identity-mismatch`` for somebody else's code, ``person.unknown-code`` for an unknown
    reason, and the state's own.
    """
    if verb.reason not in cancellation_reasons():
        raise Refusal("person.unknown-code", "reason")

    def work(connection: Connection) -> Account:
        row = found(connection, surroundings, verb.who, locked=True)
        if verb.code:
            _require_own(connection, surroundings, row, verb.code)
        now = surroundings.clock.now_ms()
        after = moved(connection, surroundings, row, AccountEvent.CANCEL, cancelled_ms=now)
        _end(connection, surroundings, caller, row, AccountEvent.CANCEL, verb.reason)
        return account_of(after)

    return surroundings.store.transact(work)


@serves(Suspend)
def suspend(surroundings: Surroundings, caller: Caller, verb: Suspend) -> Account:
    """Suspend a card: the phone is lost, or there is a risk. Raises Refusal as the state says."""
    reason = verb.reason if verb.reason in suspension_reasons() else OTHER_REASON

    def work(connection: Connection) -> Account:
        row = found(connection, surroundings, verb.who, locked=True)
        after = moved(connection, surroundings, row, AccountEvent.SUSPEND)
        _end(connection, surroundings, caller, row, AccountEvent.SUSPEND, reason)
        return account_of(after)

    return surroundings.store.transact(work)


@serves(Restore)
def restore(surroundings: Surroundings, caller: Caller, verb: Restore) -> Account:
    """Bring a suspended or cancelled card back, at once or after an audit.

    Raises Refusal ``person.not-real-name`` and as the state says.
    """
    with surroundings.store.read() as connection:
        person = person_of(found(connection, surroundings, verb.who))
    is_established = established(surroundings, person, verb.proof) is RealNameResult.SAME

    def work(connection: Connection) -> Account:
        row = found(connection, surroundings, verb.who, locked=True)
        if person_of(row) != person:
            raise Refusal("system.busy")
        event = AccountEvent.RESTORE if row["state"] == AccountState.CANCELLED else AccountEvent.RESUME
        return registration.revive(connection, surroundings, caller, row, event, is_established)

    return surroundings.store.transact(work)


def unbind_all(connection: Connection, index_id: str) -> list[str]:
    """Take all bank bindings of an account away; their ids, for the audit log."""
    bound = list(
        connection.scalars(
            select(bank_cards.c.binding_id)
            .where(bank_cards.c.index_id == index_id)
            .order_by(bank_cards.c.bound_ms, bank_cards.c.binding_id)
        )
    )
    connection.execute(delete(bank_cards).where(bank_cards.c.index_id == index_id))
    return bound


def _end(
    connection: Connection,
    surroundings: Surroundings,
    caller: Caller,
    row: RowMapping,
    event: AccountEvent,
    reason: str,
) -> None:
    """No code and no bank binding outlives a card."""
    killed = kill_codes(surroundings, connection, row["ecard_id"])
    bound = unbind_all(connection, row["index_id"])
    note(connection, surroundings, caller, event, row["index_id"], reason=reason, codes=killed, bank_cards=bound)


def _require_own(connection: Connection, surroundings: Surroundings, row: RowMapping, text: str) -> None:
    """The code was issued for this card. Raises Refusal ``account.identity-mismatch`` (EC-QH 4001)."""
    read = parse(text, qr_layouts(EVERY_LAYOUT, surroundings.tables))
    issued = select(codes.c.code_id).where(codes.c.ecard_id == row["ecard_id"], codes.c.token == read.token)
    if read.card_id != row["ecard_id"] or connection.execute(issued).first() is None:
        raise Refusal("account.identity-mismatch", "code")
