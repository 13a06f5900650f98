"""Gathering: the records of a resident from all keepers, through his cross-references in the master index.

Told are those that the reader has a right to open; of the others their number alone. Source: P-EMPI-08.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, tuple_

from reference.accounts.records import operator_of
from reference.ecard.id_numbers import is_date
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, GatherRecords, RecordFound, Records
from reference.index.persons import Person
from reference.records.authorising import in_force
from reference.records.checks import check_kinds, reader_of, resident
from reference.records.rights import check_emergency, right
from reference.records.tables import limits
from reference.serving import Surroundings, serves
from reference.store import audit
from reference.store.record_tables import record_openings, record_references

GATHERED = "gathered"
AT_ONCE = 400
"""Numbers of a patient that one query names; both databases take several times as many."""


@serves(GatherRecords)
def gather(surroundings: Surroundings, caller: Caller, verb: GatherRecords) -> Records:
    """The records that the reader may open now, the newest first; an emergency is written down even for looking.

    Raises Refusal ``account.unregistered``, ``person.unknown-code``, ``request.field-malformed`` for what is no date,
    ``request.empty-field`` for an emergency without a named doctor.
    """
    reader, now = reader_of(caller), surroundings.clock.now_ms()
    wanted = check_kinds(verb.kinds)
    check_emergency(caller, verb.emergency)
    for field in ("first_date", "last_date"):
        if (day := getattr(verb, field)) and not is_date(day):
            raise Refusal("request.field-malformed", field)

    def work(connection: Connection) -> Records:
        person = resident(connection, surroundings, verb.who)
        granted = in_force(connection, (person.index_id, *person.aliases), reader, now)
        found, closed, by_emergency = [], 0, 0
        for row in _rows(connection, person, wanted, verb):
            given = right(row.institution, row.kind, reader, granted, emergency=bool(verb.emergency))
            if given is None:
                closed += 1
            else:
                by_emergency += given.way == "emergency"
                found.append(told(row))
        most = limits().gathered
        if by_emergency:
            _note_emergency(connection, surroundings, caller, person, verb.emergency)
        audit.append(
            connection,
            now,
            caller.name,
            "record.gather",
            person.index_id,
            reader=reader,
            found=len(found),
            closed=closed,
            emergency=by_emergency,
        )
        return Records(index_id=person.index_id, records=tuple(found[:most]), closed=closed, more=len(found) > most)

    return surroundings.store.transact(work)


def told(row: Row[Any]) -> RecordFound:
    """A row of `record_references` as a reader is told of it."""
    return RecordFound(record_id=row.record_id, institution=row.institution, kind=row.kind, dated=row.dated)


def _rows(connection: Connection, person: Person, wanted: Sequence[str], verb: GatherRecords) -> list[Row[Any]]:
    """Everything registered under any number of the person, the newest first."""
    table = record_references.c
    conditions: list[ColumnElement[bool]] = [table.withdrawn_ms.is_(None)]
    if wanted:
        conditions.append(table.kind.in_(wanted))
    if verb.first_date:
        conditions.append(table.dated >= verb.first_date)
    if verb.last_date:
        conditions.append(table.dated <= verb.last_date)
    numbers = [(reference.domain, reference.local_id) for reference in person.references]
    rows: list[Row[Any]] = []
    for start in range(0, len(numbers), AT_ONCE):
        of_patient = tuple_(table.domain, table.local_id).in_(numbers[start : start + AT_ONCE])
        rows += connection.execute(select(record_references).where(of_patient, *conditions))
    return sorted(rows, key=lambda row: (row.dated, row.record_id), reverse=True)


def _note_emergency(
    connection: Connection, surroundings: Surroundings, caller: Caller, person: Person, reason: str
) -> None:
    connection.execute(
        insert(record_openings).values(
            opening_id=surroundings.identifier(),
            index_id=person.index_id,
            record_id="",
            kind="",
            institution=reader_of(caller),
            operator=operator_of(caller),
            purpose="treatment",
            way="emergency",
            reason=reason,
            outcome=GATHERED,
            at_ms=surroundings.clock.now_ms(),
        )
    )
