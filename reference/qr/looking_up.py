"""Rows of a whole group of requests by one statement each: accounts, former card ids, codes; and their count-down.

The group goes in as one parameter, a JSON list that the database takes apart: the statement stays the same whatever
the group's size, so that the driver has it ready, and each row is one search in an index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    FromClause,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.sql.expression import ClauseElement

from reference.ecard.moments import Moment
from reference.ecard.verbs import Account, Person
from reference.store.account_tables import accounts, aliases
from reference.store.code_tables import codes
from reference.store.compiled import Compiled

CARD_ID_DIGITS = 64


class AccountRow(msgspec.Struct, frozen=True, gc=False):
    """An account with the version of the key that its card id was made under."""

    key_version: int
    account: Account


class CodeRow(msgspec.Struct, gc=False):
    """A code as it stands in the transaction; the judgement counts down here first."""

    code_id: int
    state: str
    expires_ms: Moment | None
    uses_left: int | None
    payment: str
    changed: bool = False


class Found(NamedTuple):
    """What is known of the cards and codes that a group shows: accounts by card id, codes by card id and token.

    ``unknown`` are the card ids that no account has today.
    """

    accounts: dict[str, AccountRow]
    codes: dict[tuple[str, str], CodeRow]
    unknown: set[str]


def accounts_of_cards(connection: Connection, card_ids: Collection[str]) -> dict[str, AccountRow]:
    """The accounts of the cards as they stand now, by card id."""
    if not card_ids:
        return {}
    return {row[0]: _account_row(row) for row in _ACCOUNTS.rows(connection, _asked(card_ids))}


def former_card_ids(connection: Connection, card_ids: Collection[str]) -> frozenset[str]:
    """Those ids among the given ones that some card had before."""
    if not card_ids:
        return frozenset()
    return frozenset(row[0] for row in _FORMER.rows(connection, _asked(card_ids)))


def codes_with_accounts(connection: Connection, wanted: Collection[tuple[str, str]]) -> Found:
    """The codes of these card ids and tokens, held until the transaction ends, and the accounts of all the cards.

    A code says where the account of its card lies; the others are found by the card id. The codes are held in the
    order of their numbers, so that two groups that share some wait for each other instead of deadlocking.
    """
    accounts: dict[str, AccountRow] = {}
    codes: dict[tuple[str, str], CodeRow] = {}
    if not wanted:
        return Found(accounts, codes, set())
    for row in _CODES.rows(connection, _asked([card_id + token for card_id, token in wanted])):
        card_id = row[0]
        codes[card_id, row[1]] = CodeRow(*row[2:ACCOUNT_STARTS])
        if row[ACCOUNT_STARTS] is not None and card_id not in accounts:
            accounts[card_id] = _account_row(row[ACCOUNT_STARTS:])
    left = {card_id for card_id, _ in wanted}.difference(accounts)
    accounts |= accounts_of_cards(connection, left)
    return Found(accounts, codes, left.difference(accounts))


def count_down(connection: Connection, rows: Iterable[CodeRow]) -> None:
    """Write what changed of the codes: one statement for all that came to the same state and count."""
    changed: dict[tuple[str, int | None], list[int]] = {}
    for row in rows:
        if row.changed:
            changed.setdefault((row.state, row.uses_left), []).append(row.code_id)
    for (state, uses_left), code_ids in changed.items():
        asked = msgspec.json.encode(code_ids).decode()
        _COUNT_DOWN.changed(connection, (state, uses_left, asked))


def _account_row(row: Sequence[Any]) -> AccountRow:
    # Written out: building these from mappings takes longer than the crypto machine.
    return AccountRow(
        row[7],
        Account(
            person=Person(
                id_type=row[8],
                id_number=row[9],
                name=row[10],
                sex=row[11],
                birthday=row[12],
                nation=row[13],
                nationality=row[14],
                phone=row[15],
                telephone=row[16],
                address=row[17],
                domicile=row[18],
                employer=row[19],
                marital_status=row[20],
            ),
            ecard_id=row[0],
            index_id=row[1],
            state=row[2],
            colour=row[3],
            registered_ms=row[4],
            updated_ms=row[5],
            institution=row[6],
        ),
    )


_ACCOUNT_COLUMNS = (
    *("ecard_id", "index_id", "state", "colour", "registered_ms", "updated_ms", "institution", "key_version"),
    *Person.__struct_fields__,
)
_CODE_COLUMNS = ("ecard_id", "token", *CodeRow.__struct_fields__[:-1])
ACCOUNT_STARTS = len(_CODE_COLUMNS)
"""Where the columns of the account begin, beside a code."""


def _asked(keys: Collection[str]) -> tuple[str]:
    return (msgspec.json.encode(list(keys)).decode(),)


def _keys(dialect: str) -> FromClause:
    """The list of keys as a table of one column."""
    parameter = bindparam("asked", type_=String)
    if dialect == "postgresql":
        return func.json_array_elements_text(cast(parameter, JSON)).table_valued(column("value", String))
    return func.json_each(parameter).table_valued(column("value", String))


def _accounts(dialect: str) -> Select[Any]:
    keys = _keys(dialect)
    columns = [accounts.c[name] for name in _ACCOUNT_COLUMNS]
    return select(*columns).select_from(keys.join(accounts, accounts.c.ecard_id == keys.c.value))


def _former(dialect: str) -> Select[Any]:
    keys = _keys(dialect)
    same = (aliases.c.value == keys.c.value) & (aliases.c.kind == literal_column("'ecard-id'"))
    return select(aliases.c.value).select_from(keys.join(aliases, same))


def _codes(dialect: str) -> Select[Any]:
    keys = _keys(dialect)
    # Constants stand in the text: the only parameter is that of the call.
    card_id = func.substr(keys.c.value, literal_column("1"), literal_column(f"{CARD_ID_DIGITS}"))
    token = func.substr(keys.c.value, literal_column(f"{CARD_ID_DIGITS + 1}"))
    columns = [codes.c[name] for name in _CODE_COLUMNS] + [accounts.c[name] for name in _ACCOUNT_COLUMNS]
    there = (accounts.c.account_id == codes.c.account_id) & (accounts.c.ecard_id == codes.c.ecard_id)
    joined = keys.join(codes, (codes.c.ecard_id == card_id) & (codes.c.token == token)).outerjoin(accounts, there)
    query = select(*columns).select_from(joined)
    if dialect == "postgresql":
        return query.order_by(codes.c.code_id).with_for_update(of=codes)
    return query


def _counted(dialect: str) -> ClauseElement:
    keys = _keys(dialect)
    wanted = select(cast(keys.c.value, BigInteger)).select_from(keys)
    values = {"state": bindparam("now", type_=String), "uses_left": bindparam("left", type_=Integer)}
    return update(codes).values(values).where(codes.c.code_id.in_(wanted))


_ACCOUNTS = Compiled(sqlite=_accounts("sqlite"), postgresql=_accounts("postgresql"))
_FORMER = Compiled(sqlite=_former("sqlite"), postgresql=_former("postgresql"))
_CODES = Compiled(sqlite=_codes("sqlite"), postgresql=_codes("postgresql"))
_COUNT_DOWN = Compiled(sqlite=_counted("sqlite"), postgresql=_counted("postgresql"))
