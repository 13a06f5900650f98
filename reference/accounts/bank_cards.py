"""Bank cards (绑定与解绑银行卡, P-ECARD-04, P-ECARD-05): the bank verifies, a masked number and a token are kept.

The bank compares name, number, phone and card with a one-time code, before the transaction; an account may have
several cards, one of them preferred. A card leaves with the holder's confirmation and without an open debt.
"""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from reference.accounts.fields import check_words, width_of
from reference.accounts.records import found, moved, note, person_of
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountEvent, AccountState, next_state
from reference.ecard.verbs import BankCard, BankCards, BindBankCard, Caller, UnbindBankCard
from reference.serving import Surroundings, serves
from reference.store.account_tables import bank_cards

NUMBER: Final = re.compile("[0-9]{12,19}")
"""ISO/IEC 7812: at most 19 digits; cards in the field have 12 at least."""
PHONE: Final = re.compile("[0-9]{11}")
SHOWN_FIRST, SHOWN_LAST = 6, 4
"""Digits of a masked number that stay readable: who issued the card, and its end. Source: decision, as receipts do."""


@serves(BindBankCard)
def bind_bank_card(surroundings: Surroundings, caller: Caller, verb: BindBankCard) -> BankCards:
    """Bind a bank card to a normal account.

    Raises Refusal ``bank.not-verified``, ``bank.unavailable``, ``bank.already-bound``, ``request.field-malformed``,
    and the state's own.
    """
    _check(verb)
    with surroundings.store.read() as connection:
        row = found(connection, surroundings, verb.who)
    next_state(AccountState(row["state"]), AccountEvent.BIND_BANK_CARD, surroundings.tables)
    person = person_of(row)
    token = surroundings.bank.verify(person, verb.bank, verb.number, verb.phone, verb.one_time_code)

    def work(connection: Connection) -> BankCards:
        row = found(connection, surroundings, verb.who, locked=True)
        if person_of(row) != person:
            raise Refusal("system.busy")
        ours = bank_cards.c.index_id == row["index_id"]
        if connection.execute(select(bank_cards.c.binding_id).where(ours, bank_cards.c.bank_token == token)).first():
            raise Refusal("bank.already-bound")
        is_first = connection.execute(select(bank_cards.c.binding_id).where(ours)).first() is None
        if verb.preferred:
            connection.execute(update(bank_cards).where(ours).values(preferred=False))
        binding_id = surroundings.identifier()
        connection.execute(
            insert(bank_cards).values(
                binding_id=binding_id,
                index_id=row["index_id"],
                bank=verb.bank,
                masked_number=masked(verb.number),
                bank_token=token,
                preferred=verb.preferred or is_first,
                bound_ms=surroundings.clock.now_ms(),
            )
        )
        moved(connection, surroundings, row, AccountEvent.BIND_BANK_CARD)
        note(connection, surroundings, caller, AccountEvent.BIND_BANK_CARD, row["index_id"], binding=binding_id)
        return _bound(connection, row["index_id"])

    return surroundings.store.transact(work)


@serves(UnbindBankCard)
def unbind_bank_card(surroundings: Surroundings, caller: Caller, verb: UnbindBankCard) -> BankCards:
    """Unbind a bank card; where it was the preferred one, the card bound first takes its place.

    Raises Refusal ``bank.not-confirmed``, ``bank.not-bound``, ``bank.debt-open``, ``bank.unavailable``, and the
    state's own.
    """
    if not verb.confirmed:
        raise Refusal("bank.not-confirmed", "confirmed")
    with surroundings.store.read() as connection:
        row = found(connection, surroundings, verb.who)
        card = connection.execute(
            select(bank_cards).where(
                bank_cards.c.binding_id == verb.binding_id, bank_cards.c.index_id == row["index_id"]
            )
        ).one_or_none()
    if card is None:
        raise Refusal("bank.not-bound", "binding_id")
    if surroundings.bank.has_open_debt(card.bank, card.bank_token):
        raise Refusal("bank.debt-open")

    def work(connection: Connection) -> BankCards:
        row = found(connection, surroundings, verb.who, locked=True)
        ours = bank_cards.c.index_id == row["index_id"]
        gone = connection.execute(delete(bank_cards).where(ours, bank_cards.c.binding_id == verb.binding_id))
        if gone.rowcount == 0:
            raise Refusal("bank.not-bound", "binding_id")
        rest = _bound(connection, row["index_id"]).cards
        if rest and not rest[0].preferred:
            connection.execute(
                update(bank_cards).where(bank_cards.c.binding_id == rest[0].binding_id).values(preferred=True)
            )
        moved(connection, surroundings, row, AccountEvent.UNBIND_BANK_CARD)
        note(connection, surroundings, caller, AccountEvent.UNBIND_BANK_CARD, row["index_id"], binding=verb.binding_id)
        return _bound(connection, row["index_id"])

    return surroundings.store.transact(work)


def masked(number: str) -> str:
    """A card number with only its first and last digits readable."""
    hidden = len(number) - SHOWN_FIRST - SHOWN_LAST
    return number[:SHOWN_FIRST] + "*" * hidden + number[-SHOWN_LAST:]


def _check(verb: BindBankCard) -> None:
    for field in ("bank", "number", "phone", "one_time_code"):
        if not getattr(verb, field):
            raise Refusal("request.empty-field", field)
    check_words("bank", verb.bank, width_of(bank_cards.c.bank))
    if not NUMBER.fullmatch(verb.number):
        raise Refusal("request.field-malformed", "number")
    if not PHONE.fullmatch(verb.phone):
        raise Refusal("request.field-malformed", "phone")


def _bound(connection: Connection, index_id: str) -> BankCards:
    """The bound cards, the preferred one first, then in the order in which they were bound."""
    rows = connection.execute(
        select(bank_cards)
        .where(bank_cards.c.index_id == index_id)
        .order_by(bank_cards.c.preferred.desc(), bank_cards.c.bound_ms, bank_cards.c.binding_id)
    )
    return BankCards(
        cards=tuple(
            BankCard(
                binding_id=row.binding_id,
                bank=row.bank,
                masked_number=row.masked_number,
                preferred=row.preferred,
            )
            for row in rows
        )
    )
