"""Accounts follow the master index: a merge makes one an alias of the other's, an undoing gives it back (P-LIFE-04).

It happens inside the transaction of the merge, whoever merged: the manual queue, the nation, a new name. An alias has
no code and no bank card; every way to it leads to the survivor. Where the survivor has no card the merged person's
stays the only one, and is found under the survivor's id. An account that comes back is suspended until its holder is
checked anew. Source: P-LIFE-04 (any state: alias of the survivor; undoable), `states.toml`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, RowMapping, delete, insert, update

from reference.accounts.auditing import REFUSED
from reference.accounts.lifecycle import unbind_all
from reference.ecard.states import AccountEvent, AccountState, CodeEvent, next_state
from reference.index import merging
from reference.index.acts import Act
from reference.qr.in_force import DEAD, states_that_allow
from reference.standard.ecard import load_ecard
from reference.store import audit
from reference.store.account_rows import by_former, by_index_id
from reference.store.account_tables import accounts, aliases, applications
from reference.store.code_tables import codes

MERGED: Final = "merge"
"""Why an alias leads to an account: the reason in `aliases`."""


class Followed(StrEnum):
    """What became of the merged person's account."""

    NOTHING = "nothing"
    """He has none, or it had followed already."""
    ALIAS = "alias"
    """It is an alias of the survivor's."""
    ONLY_CARD = "only-card"
    """It is the only one, and is found under the survivor's id."""


def follow_merge(connection: Connection, act: Act, merged: str, survivor: str) -> Followed:
    """Make the merged person's account an alias of the survivor's, where both have one; may be repeated."""
    account, other = _account(connection, merged), _account(connection, survivor)
    if account is None or account["state"] == AccountState.ALIAS:
        return Followed.NOTHING
    if other is None:
        values = {"kind": "index-id", "value": survivor, "index_id": account["index_id"]}
        connection.execute(insert(aliases).values(since_ms=act.now_ms, reason=MERGED, **values))
        return Followed.ONLY_CARD
    if other["index_id"] == account["index_id"]:
        return Followed.NOTHING
    _become_alias(connection, act, account, other)
    return Followed.ALIAS


def follow_undoing(connection: Connection, act: Act, merged: str, survivor: str) -> None:
    """Give the merged person's account back, suspended."""
    account = _account(connection, merged)
    if account is None:
        return
    if account["state"] == AccountState.ALIAS:
        state = next_state(AccountState.ALIAS, AccountEvent.UNDO_MERGE, load_ecard())
        _change(connection, act, account, state=state.value, survivor="")
        _note(connection, act, AccountEvent.UNDO_MERGE, account, survivor)
    connection.execute(
        delete(aliases).where(
            aliases.c.kind == "index-id",
            aliases.c.value == survivor,
            aliases.c.index_id == account["index_id"],
            aliases.c.reason == MERGED,
        )
    )


def _become_alias(connection: Connection, act: Act, account: RowMapping, survivor: RowMapping) -> None:
    tables = load_ecard()
    state = next_state(AccountState(account["state"]), AccountEvent.MERGE, tables)
    alive = codes.c.state.in_(states_that_allow(CodeEvent.KILL, tables))
    killed = connection.execute(
        update(codes).where(codes.c.ecard_id == account["ecard_id"], alive).values(state=DEAD)
    ).rowcount
    bound = unbind_all(connection, account["index_id"])
    connection.execute(
        update(applications)
        .where(applications.c.index_id == account["index_id"], applications.c.decision == "")
        .values(decision=REFUSED, decided_by=act.operator, decided_ms=act.now_ms, reason=MERGED)
    )
    _change(connection, act, account, state=state.value, survivor=survivor["index_id"])
    _note(connection, act, AccountEvent.MERGE, account, survivor["index_id"], codes=killed, bank_cards=bound)


def _account(connection: Connection, index_id: str) -> RowMapping | None:
    """The account of a person of the index, his own or the one that he has through an earlier merge; held."""
    return by_index_id(connection, index_id, locked=True) or by_former(connection, "index-id", index_id, locked=True)


def _change(connection: Connection, act: Act, account: RowMapping, **values: object) -> None:
    where = accounts.c.index_id == account["index_id"]
    connection.execute(update(accounts).where(where).values(updated_ms=act.now_ms, **values))


def _note(
    connection: Connection, act: Act, event: AccountEvent, account: RowMapping, survivor: str, **details: object
) -> None:
    subject = account["index_id"]
    audit.append(connection, act.now_ms, act.operator, f"account-{event}", subject, survivor=survivor, **details)


merging.followed(merged=follow_merge, undone=follow_undoing)
