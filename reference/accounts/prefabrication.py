"""Batch prefabrication (批量预制, P-ECARD-09): an institution's cards or index become cards that wait for a claim.

Each row is pre-made, present (has a card already), parked for repair, or refused, with its problems; the same batch
again gives the same answer. The card comes to life when its holder claims it with a real-name check (领码, 激活).
Source: P-ECARD-09, P-FLOW-08, P-CITY-02; EC-GD appMode 4 and activateVmcardQRcode; EC-HP status 6.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select, update

from reference.accounts.deriving import Ids, derived, own_index_id, settled
from reference.accounts.fields import check_words, checked, width_of
from reference.accounts.media import check_medium, link
from reference.accounts.real_name import established
from reference.accounts.records import found, note, owner_of, person_of
from reference.accounts.registration import BIRTH_CERTIFICATE, hold_document, looked_for_again, new_row, revive
from reference.ecard.moments import china_date
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountEvent, AccountState
from reference.ecard.verbs import (
    Account,
    Batch,
    BatchRow,
    Caller,
    Claim,
    Person,
    Prefabricate,
    QueryBatch,
    RepairRow,
)
from reference.serving import RealNameResult, Surroundings, serves
from reference.store import lock
from reference.store.account_tables import accounts, prefabrication_batches, prefabrication_rows

PRE_MADE, PRESENT, REPAIR, REFUSED = "pre-made", "present", "repair", "refused"
IRREPARABLE: Final = frozenset({"account.cancelled", "person.guardian-missing"})
"""Problems that no correction of the row mends: the holder has to register himself, with his guardian if a child."""


class Parked(msgspec.Struct, frozen=True):
    """What is kept of a row until it is mended; nothing of it once its card is made."""

    person: Person
    medium: str


@dataclass(frozen=True)
class Judged:
    """A row before its transaction: in order and derived, or with its problem."""

    parked: Parked
    ids: Ids | None
    problem: str = ""


@serves(Prefabricate)
def prefabricate(surroundings: Surroundings, caller: Caller, verb: Prefabricate) -> Batch:
    """Make cards of a batch in one transaction.

    Raises Refusal ``request.batch-too-large``, ``request.empty-field``, ``request.field-malformed`` when the numbers of
    existing cards are not as many as the rows, ``system.crypto-machine``.
    """
    owner = owner_of(caller)
    rows = _rows(surroundings, verb)
    digest = hashlib.new("sm3", msgspec.json.encode((verb.source, rows))).hexdigest()
    with surroundings.store.read() as connection:
        done = _batch_of_digest(connection, owner, digest)
        if done is not None:
            return done

    def attempt() -> Batch:
        judged = [_judged(surroundings, row) for row in rows]
        return surroundings.store.transact(
            lambda connection: _made(connection, surroundings, caller, verb.source, digest, judged)
        )

    return settled(attempt)


@serves(RepairRow)
def repair_row(surroundings: Surroundings, caller: Caller, verb: RepairRow) -> Batch:
    """Give a parked row its corrected data.

    Raises Refusal ``prefabrication.unknown-batch``, ``prefabrication.not-in-repair``.
    """
    owner = owner_of(caller)

    def attempt() -> Batch:
        with surroundings.store.read() as connection:
            kept = _parked(connection, owner, verb)
        judged = _judged(surroundings, Parked(verb.person, kept.medium))

        def work(connection: Connection) -> Batch:
            batch = _batch(connection, owner, verb.batch_id)
            if _parked(connection, owner, verb, locked=True) != kept:
                raise Refusal("system.busy")
            values = _settle(connection, surroundings, caller, batch["source"], judged)
            connection.execute(
                update(prefabrication_rows)
                .where(prefabrication_rows.c.batch_id == verb.batch_id, prefabrication_rows.c.row == verb.row)
                .values(**values)
            )
            note(
                connection,
                surroundings,
                caller,
                "repair-row",
                verb.batch_id,
                row=verb.row,
                state=values["state"],
            )
            return _told(connection, verb.batch_id)

        return surroundings.store.transact(work)

    return settled(attempt)


@serves(QueryBatch)
def query_batch(surroundings: Surroundings, caller: Caller, verb: QueryBatch) -> Batch:
    """What has become of a batch. Raises Refusal ``prefabrication.unknown-batch``, also for somebody else's batch."""
    with surroundings.store.read() as connection:
        _batch(connection, owner_of(caller), verb.batch_id)
        return _told(connection, verb.batch_id)


@serves(Claim)
def claim(surroundings: Surroundings, caller: Caller, verb: Claim) -> Account:
    """Claim a pre-made card: the name must be the registered one, and the real-name check must confirm it.

    Raises Refusal ``person.name-differs``, ``person.not-real-name``, and the state's own unless the card is pre-made.
    """
    with surroundings.store.read() as connection:
        person = person_of(found(connection, surroundings, verb.who))
    if verb.name != person.name:
        raise Refusal("person.name-differs", "name")
    is_established = established(surroundings, person, verb.proof) is RealNameResult.SAME

    def work(connection: Connection) -> Account:
        row = found(connection, surroundings, verb.who, locked=True)
        if person_of(row) != person:
            raise Refusal("system.busy")
        return revive(connection, surroundings, caller, row, AccountEvent.CLAIM, is_established)

    return surroundings.store.transact(work)


def _rows(surroundings: Surroundings, verb: Prefabricate) -> list[Parked]:
    if not verb.persons:
        raise Refusal("request.empty-field", "persons")
    if len(verb.persons) > surroundings.tables.limit("batch-prefabrication"):
        raise Refusal("request.batch-too-large", "persons")
    if verb.media and len(verb.media) != len(verb.persons):
        raise Refusal("request.field-malformed", "media")
    check_words("source", verb.source, width_of(prefabrication_batches.c.source))
    numbers = verb.media or ("",) * len(verb.persons)
    return [Parked(person, number) for person, number in zip(verb.persons, numbers, strict=True)]


def _judged(surroundings: Surroundings, row: Parked) -> Judged:
    """The row in order, with its ids; or its problem. Raises Refusal ``system.crypto-machine``."""
    try:
        person = checked(row.person, china_date(surroundings.clock.now_ms()), surroundings.tables)
        if person.id_type == BIRTH_CERTIFICATE:
            raise Refusal("person.guardian-missing")
    except Refusal as refusal:
        return Judged(row, None, refusal.id)
    own = own_index_id(surroundings, person)
    return Judged(Parked(person, row.medium), derived(surroundings, own, person))


def _made(
    connection: Connection,
    surroundings: Surroundings,
    caller: Caller,
    source: str,
    digest: str,
    judged: list[Judged],
) -> Batch:
    """The whole batch inside one transaction; documents are held in one order, so that two batches cannot block."""
    owner = owner_of(caller)
    lock(connection, "batch", f"{owner}\n{digest}")
    done = _batch_of_digest(connection, owner, digest)
    if done is not None:
        return done
    for person in sorted((row.parked.person for row in judged if row.ids), key=lambda one: one.id_type + one.id_number):
        hold_document(connection, person)
    batch_id, now = surroundings.identifier(), surroundings.clock.now_ms()
    connection.execute(
        insert(prefabrication_batches).values(
            batch_id=batch_id, institution=owner, source=source, digest=digest, submitted_ms=now
        )
    )
    for number, row in enumerate(judged):
        values = _settle(connection, surroundings, caller, source, row)
        connection.execute(insert(prefabrication_rows).values(batch_id=batch_id, row=number, **values))
    note(connection, surroundings, caller, "prefabricate", batch_id, rows=len(judged))
    return _told(connection, batch_id)


def _settle(
    connection: Connection, surroundings: Surroundings, caller: Caller, source: str, judged: Judged
) -> dict[str, object]:
    """The columns of a row once its card is made, or cannot be made."""
    state, problem, index_id = "", judged.problem, ""
    if judged.ids is not None:
        try:
            state, index_id = _make(connection, surroundings, caller, source, judged.parked, judged.ids)
        except Refusal as refusal:
            problem = refusal.id
    if problem:
        state = REFUSED if problem in IRREPARABLE else REPAIR
    person = msgspec.json.encode(judged.parked).decode() if state == REPAIR else ""
    return {
        "state": state,
        "problems": problem,
        "index_id": index_id,
        "person": person,
        "changed_ms": surroundings.clock.now_ms(),
    }


def _make(
    connection: Connection, surroundings: Surroundings, caller: Caller, source: str, row: Parked, ids: Ids
) -> tuple[str, str]:
    """Make a card unless there is one: the row's state and the account. A Refusal has changed nothing.

    Raises Refusal ``person.name-differs``, ``account.cancelled``, ``media.linked-elsewhere``, field refusals of the
    existing card; IndexMoved.
    """
    person = row.person
    known = looked_for_again(connection, person, ids)
    if known is not None:
        if known["state"] == AccountState.CANCELLED:
            raise Refusal("account.cancelled")
        return PRESENT, known["index_id"]
    with connection.begin_nested():
        new_row(connection, surroundings, caller, person, ids, AccountEvent.PREMAKE)
        if row.medium:
            owner = owner_of(caller)
            check_medium(source, owner, row.medium)
            link(connection, surroundings, caller, ids.index, source, owner, row.medium)
        note(connection, surroundings, caller, AccountEvent.PREMAKE, ids.index, ecard=ids.ecard)
    return PRE_MADE, ids.index


def _batch(connection: Connection, owner: str, batch_id: str) -> RowMapping:
    table = prefabrication_batches.c
    row = (
        connection.execute(select(prefabrication_batches).where(table.batch_id == batch_id, table.institution == owner))
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise Refusal("prefabrication.unknown-batch", "batch_id")
    return row


def _parked(connection: Connection, owner: str, verb: RepairRow, *, locked: bool = False) -> Parked:
    """What is kept of a row that awaits repair. Raises Refusal."""
    _batch(connection, owner, verb.batch_id)
    table = prefabrication_rows.c
    query = select(table.person).where(table.batch_id == verb.batch_id, table.row == verb.row, table.state == REPAIR)
    person = connection.scalar(query.with_for_update() if locked else query)
    if person is None:
        raise Refusal("prefabrication.not-in-repair", "row")
    return msgspec.json.decode(person, type=Parked)


def _batch_of_digest(connection: Connection, owner: str, digest: str) -> Batch | None:
    table = prefabrication_batches.c
    batch_id = connection.scalar(select(table.batch_id).where(table.institution == owner, table.digest == digest))
    return None if batch_id is None else _told(connection, batch_id)


def _told(connection: Connection, batch_id: str) -> Batch:
    table = prefabrication_rows.c
    rows = connection.execute(
        select(table.row, table.state, table.problems, accounts.c.ecard_id)
        .select_from(prefabrication_rows.outerjoin(accounts, accounts.c.index_id == table.index_id))
        .where(table.batch_id == batch_id)
        .order_by(table.row)
    )
    return Batch(
        batch_id=batch_id,
        rows=tuple(
            BatchRow(row=row.row, state=row.state, ecard_id=row.ecard_id or "", problems=tuple(row.problems.split()))
            for row in rows
        ),
    )
