"""Half states of the platform's database: what no transaction may leave behind, however a process ended.

Each rule is one query; `inconsistencies` lists all that breaks one, in technical words for operators and tests.
Source: decision (architecture, platform and scale: state changes are transactions with their audit line).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from reference.ecard.states import (
    AccountEvent,
    AccountState,
    CodeEvent,
    DynamicCodeState,
    StaticCodeState,
    allowed_events,
)
from reference.store import audit
from reference.store.account_tables import accounts, aliases, applications, bank_cards, prefabrication_rows
from reference.store.audit import BrokenChain, audit_lines
from reference.store.code_tables import codes
from reference.store.fusion_tables import fusion_entries, fusion_numbers, money_movements, settlements
from reference.store.index_tables import index_persons, index_references
from reference.store.record_tables import record_authorisations, record_openings, record_references

ECARD_DOMAIN = "ecard"
"""The domain under which accounts stand in the master index."""
BIRTHS = ("account-register", "account-request", "account-premake")
"""Audit lines with which an account may begin."""


def inconsistencies(connection: Connection) -> list[str]:
    """Everything in the database that contradicts something else in it; empty when all is well."""
    found = [f"{what}: {name}" for what, query in _rules().items() for name in connection.scalars(query)]
    return [*found, *_chain(connection)]


@functools.cache
def _rules() -> dict[str, Select[tuple[Any]]]:
    """What is wrong, and the query that names where."""
    return dict(rule for group in GROUPS for rule in group())


Rules = Iterator[tuple[str, Select[tuple[Any]]]]


def _accounts() -> Rules:
    account = select(accounts.c.index_id)
    yield "account without the audit line of its beginning", account.where(~_line(*BIRTHS))
    yield (
        "cancelled account without its audit line",
        account.where(accounts.c.state == AccountState.CANCELLED, ~_line("account-cancel")),
    )
    yield (
        "cancelled account without a time of cancellation",
        account.where(accounts.c.state == AccountState.CANCELLED, accounts.c.cancelled_ms.is_(None)),
    )
    yield (
        "card that holds with a time of cancellation",
        account.where(accounts.c.state.in_(_holding()), accounts.c.cancelled_ms.is_not(None)),
    )
    survivor = accounts.alias()
    yield (
        "merged account without survivor",
        account.where(
            accounts.c.state == AccountState.ALIAS, ~exists().where(survivor.c.index_id == accounts.c.survivor)
        ),
    )
    yield (
        "alias of no account",
        select(aliases.c.value).where(~exists().where(accounts.c.index_id == aliases.c.index_id)),
    )


def _codes() -> Rules:
    yield (
        "code alive on a card that does not hold",
        select(codes.c.code_id).where(
            codes.c.state.in_(_alive()),
            ~exists().where(accounts.c.ecard_id == codes.c.ecard_id, accounts.c.state.in_(_holding())),
        ),
    )


def _index() -> Rules:
    yield (
        "account without entry in the master index",
        select(accounts.c.index_id).where(
            or_(
                ~exists().where(index_persons.c.index_id == accounts.c.index_id),
                ~exists().where(
                    index_references.c.domain == ECARD_DOMAIN, index_references.c.local_id == accounts.c.ecard_id
                ),
            )
        ),
    )
    yield (
        "entry in the master index without account",
        select(index_references.c.local_id).where(
            index_references.c.domain == ECARD_DOMAIN,
            ~exists().where(accounts.c.ecard_id == index_references.c.local_id),
            ~exists().where(aliases.c.kind == "ecard-id", aliases.c.value == index_references.c.local_id),
        ),
    )


def _applications() -> Rules:
    open_one = and_(applications.c.purpose == AccountEvent.REGISTER, applications.c.decision == "")
    yield (
        "account awaiting its audit without application",
        select(accounts.c.index_id).where(
            accounts.c.state == AccountState.AWAITING_AUDIT,
            ~exists().where(applications.c.index_id == accounts.c.index_id, open_one),
        ),
    )
    yield (
        "application of an account that awaits no audit",
        select(applications.c.application_id).where(
            open_one,
            ~exists().where(
                accounts.c.index_id == applications.c.index_id, accounts.c.state == AccountState.AWAITING_AUDIT
            ),
        ),
    )


def _links() -> Rules:
    yield (
        "bank card bound to an account that is not normal",
        select(bank_cards.c.binding_id).where(
            ~exists().where(accounts.c.index_id == bank_cards.c.index_id, accounts.c.state == AccountState.NORMAL)
        ),
    )
    yield (
        "pre-made row without account",
        select(prefabrication_rows.c.batch_id).where(
            prefabrication_rows.c.state.in_(("pre-made", "claimed", "present")),
            ~exists().where(accounts.c.index_id == prefabrication_rows.c.index_id),
        ),
    )


def _records() -> Rules:
    yield (
        "record of a patient whom the master index does not know",
        select(record_references.c.record_id).where(
            ~exists().where(
                index_references.c.domain == record_references.c.domain,
                index_references.c.local_id == record_references.c.local_id,
            )
        ),
    )
    authorisation = record_authorisations.c.authorisation_id
    yield (
        "opening by an authorisation that was not in force",
        select(record_openings.c.opening_id).where(
            record_openings.c.way == "authorisation",
            ~exists().where(
                authorisation == record_openings.c.authorisation_id,
                record_authorisations.c.granted_ms <= record_openings.c.at_ms,
                record_authorisations.c.until_ms > record_openings.c.at_ms,
                or_(
                    record_authorisations.c.revoked_ms.is_(None),
                    record_authorisations.c.revoked_ms >= record_openings.c.at_ms,
                ),
            ),
        ),
    )


def _settled() -> Rules:
    """Money: what a settlement's state says of its movements."""
    allowed = {
        "reserving": ("planned", "reserved"),
        "paying": ("reserved", "paid"),
        "paid": ("paid",),
        "releasing": ("planned", "reserved", "released"),
        "released": ("released",),
    }
    settlement = select(settlements.c.settlement_id)
    for state, movements in allowed.items():
        other = exists().where(
            money_movements.c.settlement_id == settlements.c.settlement_id, money_movements.c.state.not_in(movements)
        )
        yield (
            f"settlement in the state {state} with a movement in another",
            settlement.where(settlements.c.state == state, other),
        )
    total = (
        select(func.sum(money_movements.c.amount))
        .where(money_movements.c.settlement_id == settlements.c.settlement_id)
        .scalar_subquery()
    )
    yield (
        "settlement whose movements do not make up the bill",
        settlement.where(or_(total != settlements.c.total, total.is_(None))),
    )
    joined = exists().where(
        fusion_numbers.c.entry_id == settlements.c.entry_id,
        fusion_numbers.c.flow == "money",
        fusion_numbers.c.number == money_movements.c.number,
    )
    yield (
        "money that was paid without its place in the flow",
        select(money_movements.c.settlement_id).where(
            money_movements.c.settlement_id == settlements.c.settlement_id, settlements.c.state == "paid", ~joined
        ),
    )
    yield (
        "settlement of another institution than its entry",
        settlement.where(
            ~exists().where(
                fusion_entries.c.entry_id == settlements.c.entry_id,
                fusion_entries.c.institution == settlements.c.institution,
            )
        ),
    )


GROUPS = (_accounts, _codes, _index, _applications, _links, _records, _settled)


def _line(*actions: str) -> ColumnElement[bool]:
    """Whether the audit log has one of the acts on the account, under its id or a former one."""
    former = exists().where(
        aliases.c.kind == "index-id",
        aliases.c.index_id == accounts.c.index_id,
        aliases.c.value == audit_lines.c.subject,
    )
    own = audit_lines.c.subject == accounts.c.index_id
    return or_(
        exists().where(own, audit_lines.c.action.in_(actions)),
        exists().where(audit_lines.c.action.in_(actions), former),
    )


@functools.cache
def _holding() -> tuple[str, ...]:
    """States in which a card holds: codes may be applied for."""
    return tuple(state.value for state in AccountState if AccountEvent.APPLY_CODE in allowed_events(state))


@functools.cache
def _alive() -> tuple[str, ...]:
    """States of codes that end with their card."""
    every = (*StaticCodeState, *DynamicCodeState)
    return tuple({state.value for state in every if CodeEvent.KILL in allowed_events(state)})


def _chain(connection: Connection) -> list[str]:
    try:
        audit.check(connection)
    except BrokenChain as broken:
        return [str(broken)]
    return []
