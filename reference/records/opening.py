"""Opening: the right is looked for, the keeper is asked, the opening is written down, and only then is it handed out.

The keeper is asked outside the transaction; the right is looked for again inside it, so that a revocation in between
holds. Refused attempts and silent keepers are written down too, and the resident sees them all. Source: P-EMPI-08.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from reference.accounts.records import operator_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Accesses, Caller, ListAccess, OpenedRecord, Opening, OpenRecord
from reference.index import cross_references, persons
from reference.records.authorising import in_force, message
from reference.records.checks import check_purpose, reader_of, resident
from reference.records.gathering import told
from reference.records.rights import Right, check_emergency, right
from reference.records.tables import limits
from reference.serving import KeptRecord, PartnerAway, Surroundings, serves
from reference.store import audit
from reference.store.record_tables import record_authorisations, record_openings, record_references

OPENED = "opened"


@serves(OpenRecord)
def open_record(surroundings: Surroundings, caller: Caller, verb: OpenRecord) -> OpenedRecord:
    """Open one record.

    Raises Refusal ``record.unknown``, ``authorisation.missing``, ``record.keeper-away``, ``request.empty-field`` for an
    emergency without a named doctor; each attempt on a known record is on the disk by then.
    """
    reader_of(caller)
    check_purpose(verb.purpose)
    check_emergency(caller, verb.emergency)
    with surroundings.store.read() as connection:
        row, index_id = _record(connection, verb.record_id)
        given = _right(connection, caller, verb, row, index_id, surroundings.clock.now_ms())
    if given is None:
        return _written(surroundings, caller, verb, None, "authorisation.missing")
    keeper = surroundings.keepers.get(row.institution)
    try:
        if keeper is None:
            raise PartnerAway
        kept = keeper.fetch(row.locator)
    except PartnerAway:
        return _written(surroundings, caller, verb, None, "record.keeper-away")
    if kept is None or len(kept.content) > limits().largest_bytes:
        return _written(surroundings, caller, verb, None, "record.unknown")
    return _written(surroundings, caller, verb, kept, OPENED)


@serves(ListAccess)
def list_access(surroundings: Surroundings, caller: Caller, verb: ListAccess) -> Accesses:
    """What the resident has granted, and every attempt to open records of his, the newest first."""
    if not 1 <= verb.limit <= limits().listed:
        raise Refusal("request.field-malformed", "limit")
    with surroundings.store.read() as connection:
        person = resident(connection, surroundings, verb.who)
        ids = (person.index_id, *person.aliases)
        granted = connection.execute(
            select(record_authorisations)
            .where(record_authorisations.c.index_id.in_(ids))
            .order_by(record_authorisations.c.granted_ms.desc(), record_authorisations.c.authorisation_id)
            .limit(verb.limit)
        )
        opened = connection.execute(
            select(record_openings)
            .where(record_openings.c.index_id.in_(ids))
            .order_by(record_openings.c.at_ms.desc(), record_openings.c.opening_id)
            .limit(verb.limit)
        )
        return Accesses(
            authorisations=tuple(message(row) for row in granted), openings=tuple(_opening(row) for row in opened)
        )


def _written(
    surroundings: Surroundings, caller: Caller, verb: OpenRecord, kept: KeptRecord | None, outcome: str
) -> OpenedRecord:
    """Write the attempt down; what was opened, when the right still holds. Raises the Refusal of the outcome."""
    opening_id = surroundings.identifier()

    def work(connection: Connection) -> tuple[Row[Any], str]:
        row, index_id = _record(connection, verb.record_id, withdrawn=True)
        now = surroundings.clock.now_ms()
        given = _right(connection, caller, verb, row, index_id, now, held=True)
        became = outcome
        if kept is not None and row.withdrawn_ms is not None:
            became = "record.unknown"
        elif kept is not None and given is None:
            became = "authorisation.missing"
        by = given or Right("")
        connection.execute(
            insert(record_openings).values(
                opening_id=opening_id,
                index_id=index_id,
                record_id=row.record_id,
                kind=row.kind,
                institution=reader_of(caller),
                operator=operator_of(caller),
                purpose=verb.purpose,
                way=by.way,
                authorisation_id=by.authorisation_id,
                reason=verb.emergency if by.way == "emergency" else "",
                outcome=became,
                at_ms=now,
            )
        )
        audit.append(
            connection,
            now,
            caller.name,
            "record.open",
            index_id,
            record=row.record_id,
            opening=opening_id,
            operator=operator_of(caller),
            way=by.way,
            authorisation=by.authorisation_id,
            outcome=became,
        )
        return row, became

    row, became = surroundings.store.transact(work)
    if kept is None or became != OPENED:
        raise Refusal(became, "record_id")
    return OpenedRecord(found=told(row), media_type=kept.media_type, content=kept.content, opening_id=opening_id)


def _record(connection: Connection, record_id: str, *, withdrawn: bool = False) -> tuple[Row[Any], str]:
    """The record, and the index id that is valid now of whose it is. Raises Refusal ``record.unknown``."""
    row = connection.execute(select(record_references).where(record_references.c.record_id == record_id)).one_or_none()
    index_id = None if row is None else cross_references.target(connection, row.domain, row.local_id)
    if row is None or index_id is None or (row.withdrawn_ms is not None and not withdrawn):
        raise Refusal("record.unknown", "record_id")
    return row, index_id


def _right(
    connection: Connection,
    caller: Caller,
    verb: OpenRecord,
    row: Row[Any],
    index_id: str,
    now_ms: int,
    *,
    held: bool = False,
) -> Right | None:
    """By what right the reader opens the record; ``held`` until the transaction ends."""
    reader = reader_of(caller)
    granted = in_force(connection, persons.all_ids(connection, index_id), reader, now_ms, held=held)
    return right(row.institution, row.kind, reader, granted, purpose=verb.purpose, emergency=bool(verb.emergency))


def _opening(row: Row[Any]) -> Opening:
    return Opening(**{field: getattr(row, field) for field in Opening.__struct_fields__})
