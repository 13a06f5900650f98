"""Update of an account (信息更新, P-ECARD-02): soft data freely, a new name or document with a new real-name check.

Name and document make the index id, and with it user key and card id: a change derives all of them anew. The old ids
stay as aliases here and in the master index, the codes of the old card are dead, the state stays. Source: EC-QH E0011
(which leaves name and number out for that reason), EC-HSM derivation chain.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection, RowMapping, delete, insert
from sqlalchemy import update as change

from reference.accounts import index_entry
from reference.accounts.deriving import Ids, with_ids
from reference.accounts.fields import CITIZEN_CARD, check_words, checked
from reference.accounts.index_entry import IDENTITY
from reference.accounts.real_name import established
from reference.accounts.records import changed, found, moved, note, person_of
from reference.accounts.registration import hold_document
from reference.ecard.moments import china_date
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountEvent
from reference.ecard.verbs import Account, Caller, Child, Person, Update
from reference.qr.in_force import kill_codes
from reference.serving import RealNameResult, Surroundings, serves
from reference.store import account_rows
from reference.store.account_rows import account_of
from reference.store.account_tables import accounts, aliases, prefabrication_rows, temporary_cards

NAMING: Final = ("id_type", "id_number", "name")
"""The fields that ids are made of."""
LONGEST_NUMBER: Final = 64
"""Characters of the client's own number of a change. Source: decision, as wide as EC-QH E0011 is taken to be."""
FOLLOWING: Final = (
    accounts.c.guardian_index_id,
    accounts.c.survivor,
    aliases.c.index_id,
    prefabrication_rows.c.index_id,
    temporary_cards.c.index_id,
)
"""Columns that name an account without a foreign key."""


@serves(Update)
def update(surroundings: Surroundings, caller: Caller, verb: Update) -> Account:
    """Change data of an account; empty fields stay.

    Raises Refusal: ``request.empty-field`` without the proof that a new name or document needs,
    ``account.already-registered`` when somebody has the new document, ``system.busy`` when it was changed meanwhile.
    """
    with surroundings.store.read() as connection:
        row = found(connection, surroundings, verb.who)
    check_words("change_number", verb.change_number, LONGEST_NUMBER)
    wished = _wished(surroundings, row, verb)
    if _naming(wished) == _naming(person_of(row)):
        return surroundings.store.transact(lambda connection: _soften(connection, surroundings, caller, verb))
    account_rows.require_holding(row, surroundings.tables)
    if verb.proof is None:
        raise Refusal("request.empty-field", "proof")
    if established(surroundings, wished, verb.proof) is not RealNameResult.SAME:
        raise Refusal("person.not-real-name")

    def work(connection: Connection, ids: Ids) -> Account:
        return _rename(connection, surroundings, caller, person_of(row), wished, ids, _told(verb))

    return with_ids(surroundings, wished, work, before=row["index_id"])


def _wished(surroundings: Surroundings, row: RowMapping, verb: Update) -> Person:
    """The person as he is to be, his fields in order."""
    given = {field: getattr(verb, field) for field in Person.__struct_fields__ if getattr(verb, field)}
    person = msgspec.structs.replace(person_of(row), **given)
    if person.id_type == CITIZEN_CARD and verb.id_number:
        person = msgspec.structs.replace(person, birthday=verb.birthday, sex=verb.sex)
    order = row["birth_order"]
    child = Child(multiple_birth=order > 0, birth_order=order) if row["kind"] == "child" else None
    return checked(person, china_date(surroundings.clock.now_ms()), surroundings.tables, child)


def _naming(person: Person) -> tuple[str, ...]:
    return tuple(getattr(person, field) for field in NAMING)


def _told(verb: Update) -> dict[str, object]:
    """The client's number and time of the change, as the audit log keeps them; nothing where none were told."""
    told = {"change": verb.change_number, "change_ms": verb.change_ms}
    return {name: value for name, value in told.items() if value}


def _soften(connection: Connection, surroundings: Surroundings, caller: Caller, verb: Update) -> Account:
    """New soft data under the same ids."""
    row = found(connection, surroundings, verb.who, locked=True)
    before, wished = person_of(row), _wished(surroundings, row, verb)
    if _naming(before) != _naming(wished):
        raise Refusal("system.busy")
    different = [field for field in Person.__struct_fields__ if getattr(before, field) != getattr(wished, field)]
    values = {field: getattr(wished, field) for field in different}
    after = moved(connection, surroundings, row, AccountEvent.UPDATE, **values)
    if any(field in IDENTITY for field in different):
        index_entry.renew(connection, surroundings, caller, row["index_id"], wished)
    note(connection, surroundings, caller, AccountEvent.UPDATE, row["index_id"], fields=different, **_told(verb))
    return account_of(after)


def _rename(
    connection: Connection,
    surroundings: Surroundings,
    caller: Caller,
    before: Person,
    wished: Person,
    ids: Ids,
    told: dict[str, object],
) -> Account:
    """The account under its new name or document, with new ids."""
    for person in sorted((before, wished), key=lambda one: one.id_type + one.id_number):
        hold_document(connection, person)
    row = account_rows.by_document(connection, before.id_type, before.id_number, locked=True)
    if row is None or person_of(row) != before:
        raise Refusal("system.busy")
    holder = account_rows.by_document(connection, wished.id_type, wished.id_number, locked=True)
    if holder is not None and holder["index_id"] != row["index_id"]:
        raise Refusal("account.already-registered", "id_number")
    account_rows.require_holding(row, surroundings.tables)
    killed = kill_codes(surroundings, connection, row["ecard_id"])
    index_entry.rename(connection, surroundings, caller, row["index_id"], wished, ids)
    after = changed(
        connection,
        surroundings,
        row,
        index_id=ids.index,
        ecard_id=ids.ecard,
        key_version=ids.key_version,
        **msgspec.structs.asdict(wished),
    )
    _keep_aliases(connection, surroundings, row, after)
    note(connection, surroundings, caller, "rename", ids.index, previous=row["index_id"], codes=killed, **told)
    return account_of(after)


def _keep_aliases(connection: Connection, surroundings: Surroundings, before: RowMapping, after: RowMapping) -> None:
    """Old ids lead to the account; an id that is valid again is no alias any more."""
    for column in FOLLOWING:
        connection.execute(change(column.table).where(column == before["index_id"]).values({column: after["index_id"]}))
    for kind, old, new in (
        ("index-id", before["index_id"], after["index_id"]),
        ("ecard-id", before["ecard_id"], after["ecard_id"]),
        ("id-number", before["id_type"] + before["id_number"], after["id_type"] + after["id_number"]),
    ):
        connection.execute(delete(aliases).where(aliases.c.kind == kind, aliases.c.value.in_((old, new))))
        if old != new:
            connection.execute(
                insert(aliases).values(
                    kind=kind,
                    value=old,
                    index_id=after["index_id"],
                    since_ms=surroundings.clock.now_ms(),
                    reason="rename",
                )
            )
