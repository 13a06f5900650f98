"""Steps that many tests of accounts begin with, and looks into the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Table, func, select

import reference.accounts
import reference.qr.application
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Account, ApplyCode, BindBankCard, Caller, Code, Person, Register, Who
from reference.serving import Surroundings
from reference.store.audit import audit_lines
from tests.platform import ONLINE, WINDOW, ask, citizen

__all__ = ["actions", "bound_bank_card", "count", "normal", "refused", "registered", "static_code", "who"]

assert reference.accounts
assert reference.qr.application


@contextmanager
def refused(reason: str, field: str = "") -> Iterator[None]:
    """The block is refused for this reason, at this field where one is given."""
    with pytest.raises(Refusal) as caught:
        yield
    assert (caught.value.id, field and caught.value.field) == (reason, field)


def registered(platform: Surroundings, person: Person | None = None, caller: Caller = WINDOW) -> Account:
    """A certified account."""
    return ask(platform, Register(person=person or citizen(), proof=ONLINE), Account, caller)


def static_code(platform: Surroundings, account: Account) -> Code:
    return ask(platform, ApplyCode(who=who(account), kind="static"), Code)


def normal(platform: Surroundings, person: Person | None = None) -> Account:
    """An account with a static code, so in the state normal."""
    account = registered(platform, person)
    static_code(platform, account)
    return account


def bound_bank_card(account: Account, number: str = "6222020000000000001", *, preferred: bool = False) -> BindBankCard:
    return BindBankCard(
        who=who(account), bank="9999", number=number, phone="13800000000", one_time_code="1", preferred=preferred
    )


def who(account: Account) -> Who:
    return Who(index_id=account.index_id)


def count(platform: Surroundings, table: Table) -> int:
    with platform.store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def actions(platform: Surroundings) -> list[str]:
    """The acts of the audit log, oldest first."""
    with platform.store.read() as connection:
        return list(connection.scalars(select(audit_lines.c.action).order_by(audit_lines.c.number)))
