"""The registry of records: keepers tell where a record lies, of which patient of theirs, of what kind and day.

A keeper registers under his own numbers in the master index, or under card ids; the index says whose they are. The
same locator of one keeper counts once, and is put right when it is told again. Source: P-EMPI-08; form by decision.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from reference.accounts.index_entry import DOMAIN as ECARD
from reference.ecard.id_numbers import is_date
from reference.ecard.moments import china_date
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, Done, RecordEntry, RegisterRecords, Reported, WithdrawRecord
from reference.index import cross_references
from reference.records.checks import check_kinds, check_text, reader_of
from reference.records.tables import limits
from reference.serving import Surroundings, serves
from reference.store import audit, lock
from reference.store.record_tables import record_openings, record_references

FIELDS = ("domain", "local_id", "kind", "dated")
"""What is put right when a locator is told again."""


@serves(RegisterRecords)
def register(surroundings: Surroundings, caller: Caller, verb: RegisterRecords) -> Reported:
    """Keep where records lie, all of them or none.

    Raises Refusal ``record.unknown-patient`` for a number that the index does not know, ``record.not-the-keeper`` for
    another institution's numbers, ``request.batch-too-large``, ``request.field-malformed``, ``person.unknown-code``.
    """
    keeper, now = reader_of(caller), surroundings.clock.now_ms()
    if len(verb.entries) > limits().entries:
        raise Refusal("request.batch-too-large", "entries")
    for entry in verb.entries:
        _check(entry, keeper, china_date(now))

    def work(connection: Connection) -> Reported:
        lock(connection, "records", keeper)
        kept = sum(_keep(connection, surroundings, keeper, entry, now) for entry in verb.entries)
        if verb.entries:
            audit.append(connection, now, caller.name, "record.register", keeper, kept=kept, told=len(verb.entries))
        return Reported(kept=kept, known=len(verb.entries) - kept)

    return surroundings.store.transact(work)


@serves(WithdrawRecord)
def withdraw(surroundings: Surroundings, caller: Caller, verb: WithdrawRecord) -> Done:
    """Take a record out of what is gathered and opened. Raises Refusal ``record.unknown``."""
    keeper, now = reader_of(caller), surroundings.clock.now_ms()
    check_text(record_openings.c.reason, "reason", verb.reason)

    def work(connection: Connection) -> Done:
        gone = connection.execute(
            update(record_references)
            .where(
                record_references.c.institution == keeper,
                record_references.c.locator == verb.locator,
                record_references.c.withdrawn_ms.is_(None),
            )
            .values(withdrawn_ms=now)
            .returning(record_references.c.record_id)
        ).scalar_one_or_none()
        if gone is None:
            raise Refusal("record.unknown", "locator")
        audit.append(connection, now, caller.name, "record.withdraw", gone, keeper=keeper)
        return Done()

    return surroundings.store.transact(work)


def _check(entry: RecordEntry, keeper: str, today: str) -> None:
    check_kinds((entry.kind,))
    if entry.domain not in (keeper, ECARD):
        raise Refusal("record.not-the-keeper", "domain")
    if not (is_date(entry.dated) and entry.dated <= today):
        raise Refusal("request.field-malformed", "dated")
    for field in ("local_id", "locator"):
        check_text(record_references.c[field], field, getattr(entry, field))


def _keep(connection: Connection, surroundings: Surroundings, keeper: str, entry: RecordEntry, now_ms: int) -> bool:
    """Keep one entry; False when its locator was known."""
    if cross_references.target(connection, entry.domain, entry.local_id) is None:
        raise Refusal("record.unknown-patient", "local_id")
    values = {field: getattr(entry, field) for field in FIELDS}
    where = (record_references.c.institution == keeper) & (record_references.c.locator == entry.locator)
    known = connection.scalar(select(record_references.c.record_id).where(where))
    if known is not None:
        connection.execute(update(record_references).where(where).values(withdrawn_ms=None, **values))
        return False
    connection.execute(
        insert(record_references).values(
            record_id=surroundings.identifier(),
            institution=keeper,
            locator=entry.locator,
            registered_ms=now_ms,
            **values,
        )
    )
    return True
