"""The rows that registration would have written for a resident with a card: account, index entry, audit line, code.

Columns as `reference.accounts.registration`, `reference.index.registering` and `reference.qr.application` write them;
one audit line tells of the account's beginning, which `reference.store.consistency` asks for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

from load.corpus.cards import is_cancelled
from load.corpus.residents import CITIZEN, Resident
from reference.accounts.index_entry import DOMAIN
from reference.ecard.states import AccountState, StaticCodeState
from reference.gateway.demo import INSTITUTION, demo_app_id
from reference.index.identity import Identity
from reference.index.persons import ACTIVE, columns
from reference.store import audit
from reference.store.account_tables import accounts
from reference.store.code_tables import codes
from reference.store.index_tables import index_persons, index_references

ACTOR: Final = "load-corpus"
APP: Final = demo_app_id("sichuan")
Row = tuple[Any, ...]

ACCOUNTS: Final = tuple(column.name for column in accounts.columns)[1:]
"""Without the number, which the database gives: from 1 on in the order of the residents, see `account_id`."""
PERSONS: Final = tuple(column.name for column in index_persons.columns)
REFERENCES: Final = tuple(column.name for column in index_references.columns)
LINES: Final = tuple(column.name for column in audit.audit_lines.columns)
CODES: Final = tuple(column.name for column in codes.columns)[1:]
"""Without the number, which the database gives."""


def account_id(number: int) -> int:
    """The number that an empty database gives the account of a resident; only a look-up is lost where it is wrong."""
    return number + 1


class Holder(NamedTuple):
    """A resident with his card."""

    number: int
    resident: Resident
    index_id: str
    ecard_id: str


def account_row(holder: Holder, at_ms: int) -> Row:
    """The row of `accounts`."""
    person = holder.resident
    cancelled = is_cancelled(holder.number)
    state = AccountState.CANCELLED if cancelled else AccountState.NORMAL
    return (
        *(holder.index_id, holder.ecard_id, 1, state.value, CITIZEN, person.id_number, person.name, person.sex),
        *(person.birthday, "01", "156", person.phone, "", person.address, "", "", "", "adult", "", 0, 0, ""),
        *("trusted", "", "", INSTITUTION.code, APP, at_ms, at_ms, at_ms if cancelled else None),
    )


def person_row(holder: Holder, at_ms: int) -> Row:
    """The row of `index_persons`."""
    person = holder.resident
    identity = Identity(
        id_type=CITIZEN,
        id_number=person.id_number,
        name=person.name,
        sex=person.sex,
        birthday=person.birthday,
        phone=person.phone,
        address=person.address,
    )
    values = columns(identity) | {"index_id": holder.index_id, "state": ACTIVE, "successor": None}
    values |= {"registered_ms": at_ms, "updated_ms": at_ms}  # type: ignore[dict-item]
    return tuple(values[name] for name in PERSONS)


def reference_row(holder: Holder, at_ms: int) -> Row:
    """The row of `index_references`."""
    return (DOMAIN, holder.ecard_id, holder.index_id, at_ms)


def static_code_row(holder: Holder, at_ms: int) -> Row:
    """The row of the card's static code in `codes`; dead on a cancelled card."""
    state = StaticCodeState.DEAD if is_cancelled(holder.number) else StaticCodeState.ISSUED
    return (holder.ecard_id, "", "static", state.value, at_ms, None, None, APP, "", "", account_id(holder.number))


class Chain:
    """The audit log from its first line on: each line follows from the one before."""

    def __init__(self, at_ms: int) -> None:
        self.number, self.digest = 0, audit.FIRST
        self._at_ms = at_ms

    def lines(self, first: int, ids: Iterable[tuple[str, str]]) -> list[Row]:
        """The lines of accounts from a number on, by index id and card id: registration and, where so, cancellation."""
        return [
            self._line(f"account-{act}", index_id, details)
            for number, (index_id, card_id) in enumerate(ids, first)
            for act, details in _acts(number, card_id)
        ]

    def _line(self, action: str, subject: str, details: str) -> Row:
        previous = self.digest
        self.number += 1
        line = (previous, self.number, self._at_ms, ACTOR, action, subject, details)
        self.digest = audit.digest_of_line(*line)
        return (*line[1:], previous, self.digest)


def _acts(number: int, card_id: str) -> list[tuple[str, str]]:
    acts = [("register", _details({"application": "", "ecard": card_id}))]
    if is_cancelled(number):
        acts.append(("cancel", _details({"bank_cards": [], "codes": 0, "reason": "other"})))
    return acts


def _details(details: dict[str, object]) -> str:
    return msgspec.json.encode(details, order="sorted").decode()
