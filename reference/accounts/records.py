"""Accounts inside a transaction: whose they are, their next state, and the audit line of what happened.

Documents are asked for in their one form, as they were registered (citizen numbers of 15 characters become 18).
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, RowMapping, update

from reference.accounts.fields import checked_number
from reference.ecard.moments import china_date
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountEvent, AccountState, next_state
from reference.ecard.verbs import Caller, Person, Who
from reference.serving import Surroundings
from reference.store import account_rows, audit
from reference.store.account_tables import accounts


def found(connection: Connection, surroundings: Surroundings, who: Who, *, locked: bool = False) -> RowMapping:
    """The account that ``who`` means; raises as `reference.store.account_rows.found` and the document's rules."""
    return account_rows.found(connection, in_one_form(surroundings, who), surroundings.tables, locked=locked)


def in_one_form(surroundings: Surroundings, who: Who) -> Who:
    """The same resident, his document in its one form. Raises Refusal."""
    if not (who.id_type and who.id_number):
        return who
    today = china_date(surroundings.clock.now_ms())
    number = checked_number(who.id_type, who.id_number, today, surroundings.tables)
    return msgspec.structs.replace(who, id_number=number)


def person_of(row: RowMapping) -> Person:
    """The person of a row."""
    return Person(**{field: row[field] for field in Person.__struct_fields__})


def moved(
    connection: Connection, surroundings: Surroundings, row: RowMapping, event: AccountEvent, **values: object
) -> RowMapping:
    """The locked row after an event of the account's life, with other columns set. Raises the Refusal of its state."""
    state = next_state(AccountState(row["state"]), event, surroundings.tables)
    return changed(connection, surroundings, row, state=state.value, **values)


def changed(connection: Connection, surroundings: Surroundings, row: RowMapping, **values: object) -> RowMapping:
    """The locked row with columns set anew; it may take another index id."""
    connection.execute(
        update(accounts)
        .where(accounts.c.index_id == row["index_id"])
        .values(updated_ms=surroundings.clock.now_ms(), **values)
    )
    after = account_rows.by_index_id(connection, str(values.get("index_id", row["index_id"])))
    assert after is not None, "the caller holds the row"
    return after


def note(
    connection: Connection, surroundings: Surroundings, caller: Caller, act: str, subject: str, **details: object
) -> None:
    """The audit line of an act on an account, without personal data; the last thing in a transaction."""
    audit.append(connection, surroundings.clock.now_ms(), caller.name, f"account-{act}", subject, **details)


def operator_of(caller: Caller) -> str:
    """Who answers for a request: the person at the desk, or the application without one."""
    return caller.operator or caller.name


def owner_of(caller: Caller) -> str:
    """Whose batch it is: the institution's, or that of an application without one. Raises Refusal when nobody's.

    Source: EC-QH return code 1007, exactly one of institution and application.
    """
    owner = caller.institution or caller.app
    if not owner:
        raise Refusal("request.institution-or-app")
    return owner
