"""Accounts as rows of the database: finding the one that a request means, and telling it as a message.

Both account management and QR management look here. Former ids (aliases) lead to the account of today, accounts that
were merged to their survivor. Source: platform functions P-ECARD-02 (old id kept as alias), P-LIFE-04 (merge).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, select

from reference.ecard.qr_text import parse, qr_layouts
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountEvent, AccountState, allowed_events
from reference.ecard.verbs import Account, Person, Who
from reference.standard.ecard import EcardTables
from reference.store.account_tables import accounts, aliases

MERGES = 8
"""How many mergers one after another are followed. Source: decision; a loop would be a defect of the index."""
EVERY_LAYOUT = "all"
"""The profile of `qr_layouts.toml` that reads the codes of all provinces."""


def by_index_id(connection: Connection, index_id: str, *, locked: bool = False) -> RowMapping | None:
    """The account of exactly this index id, itself, merged or not; ``locked`` holds the row until the end."""
    return _one(connection, {"index_id": index_id}, locked)


def by_ecard_id(connection: Connection, ecard_id: str, *, locked: bool = False) -> RowMapping | None:
    """The account whose card id is this today."""
    return _one(connection, {"ecard_id": ecard_id}, locked)


def by_document(connection: Connection, id_type: str, id_number: str, *, locked: bool = False) -> RowMapping | None:
    """The account whose document is this today."""
    return _one(connection, {"id_type": id_type, "id_number": id_number}, locked)


def by_former(connection: Connection, kind: str, value: str, *, locked: bool = False) -> RowMapping | None:
    """The account that once had this ``index-id``, ``ecard-id`` or ``id-number`` (type and number)."""
    index_id = connection.execute(
        select(aliases.c.index_id).where(aliases.c.kind == kind, aliases.c.value == value)
    ).scalar_one_or_none()
    return None if index_id is None else by_index_id(connection, index_id, locked=locked)


def find(connection: Connection, who: Who, tables: EcardTables, *, locked: bool = False) -> RowMapping | None:
    """The account of today that ``who`` means: former ids and mergers followed; None where there is none.

    A code names the account of its card id, whether the code holds or not. ``locked`` holds the row until the
    transaction ends. Raises Refusal ``request.empty-field`` for a `Who` without any name, ``request.field-malformed``
    with several, what `reference.ecard.qr_text.parse` raises for a text that is no code, ``code.kind-unsuited`` for the
    code of a temporary card.
    """
    row = _named(connection, who, tables, locked)
    return None if row is None else survivor(connection, row, locked=locked)


def survivor(connection: Connection, row: RowMapping, *, locked: bool = False) -> RowMapping | None:
    """The account that stands for this one today: itself, or the one that it was merged into."""
    found: RowMapping | None = row
    for _ in range(MERGES):
        if found is None or found["state"] != "alias":
            break
        found = by_index_id(connection, found["survivor"], locked=locked)
    return found


def found(connection: Connection, who: Who, tables: EcardTables, *, locked: bool = False) -> RowMapping:
    """As `find`; raises Refusal ``account.unregistered`` where there is none."""
    row = find(connection, who, tables, locked=locked)
    if row is None:
        raise Refusal("account.unregistered")
    return row


@functools.cache
def state_refusal(state: str, tables: EcardTables) -> str | None:
    """The id of the refusal that an account of this state stands for; None where the card holds.

    A card holds where codes may be applied for (`states.toml`): after certification, until suspended or cancelled.
    """
    if AccountEvent.APPLY_CODE in allowed_events(AccountState(state), tables):
        return None
    return tables.states["account", state].refusal


def require_holding(row: RowMapping, tables: EcardTables) -> None:
    """Raise the refusal of an account's state unless its card holds."""
    refusal = state_refusal(row["state"], tables)
    if refusal is not None:
        raise Refusal(refusal)


def account_of(row: Mapping[Any, Any], *, new: bool = False) -> Account:
    """A row of `accounts` as the message that tells it."""
    return Account(
        person=Person(**{field: row[field] for field in Person.__struct_fields__}),
        index_id=row["index_id"],
        ecard_id=row["ecard_id"],
        state=row["state"],
        colour=row["colour"],
        registered_ms=row["registered_ms"],
        updated_ms=row["updated_ms"],
        institution=row["institution"],
        new=new,
    )


def _named(connection: Connection, who: Who, tables: EcardTables, locked: bool) -> RowMapping | None:
    document = bool(who.id_type or who.id_number)
    names = [document, bool(who.ecard_id), bool(who.index_id), bool(who.code)]
    if not any(names):
        raise Refusal("request.empty-field", "who")
    if sum(names) > 1 or (document and not (who.id_type and who.id_number)):
        raise Refusal("request.field-malformed", "who")
    if document:
        return by_document(connection, who.id_type, who.id_number, locked=locked) or by_former(
            connection, "id-number", who.id_type + who.id_number, locked=locked
        )
    if who.index_id:
        return by_index_id(connection, who.index_id, locked=locked) or by_former(
            connection, "index-id", who.index_id, locked=locked
        )
    ecard_id = who.ecard_id or _card_of(who.code, tables)
    return by_ecard_id(connection, ecard_id, locked=locked) or by_former(
        connection, "ecard-id", ecard_id, locked=locked
    )


def _card_of(code: str, tables: EcardTables) -> str:
    """The card id inside the text of a code, of whatever profile."""
    read = parse(code, qr_layouts(EVERY_LAYOUT, tables))
    if not read.card_id:
        raise Refusal("code.kind-unsuited", "code")
    return read.card_id


def _one(connection: Connection, values: dict[str, str], locked: bool) -> RowMapping | None:
    return connection.execute(_query(tuple(values), locked), values).mappings().one_or_none()


@functools.cache
def _query(names: tuple[str, ...], locked: bool) -> Select[Any]:
    """The query for an account by these columns, made once: building it takes longer than the database."""
    query = select(accounts).where(*(accounts.c[name] == bindparam(name) for name in names))
    return query.with_for_update() if locked else query
