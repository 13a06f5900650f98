"""One bounded pass: batches of rows, each in a transaction of its own, until nothing is left or the pass has enough.

A mark is kept for longer than the widest time window, with the hours in which nonces are noted; a code for as long as
a resident may ask what became of it. A code that was used stays: the uses of a card are found through its codes.
May run in several workers at once. Source: decision.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, tuple_, update

from reference.ecard.moments import HOUR, Moment
from reference.serving import Surroundings
from reference.store import audit, lock
from reference.store.access_tables import requests_seen
from reference.store.code_tables import codes, uses
from reference.store.retention_tables import retention_progress

BATCH: Final = 500
"""Rows in one transaction: a few milliseconds, in which nobody else writes on SQLite. Source: decision."""
BATCHES: Final = 20
"""Transactions of each kind in one pass. Source: decision."""
CODES: Final = "unused-codes"
ACTOR: Final = "retention"


class Purged(msgspec.Struct, frozen=True):
    """What one pass has forgotten. ``more`` says that it stopped before the end."""

    marks: int
    codes: int
    more: bool


def purge(surroundings: Surroundings, now_ms: Moment, *, batch: int = BATCH, batches: int = BATCHES) -> Purged:
    """Forget what may be forgotten by now, at most ``batches`` times ``batch`` rows of each kind."""
    limit = surroundings.tables.limit
    marks_before = now_ms - limit("request-marks-kept-hours") * HOUR
    codes_before = now_ms - limit("unused-codes-kept-hours") * HOUR
    transact = surroundings.store.transact
    marks = forgotten = 0
    more_marks = more_codes = True
    for _ in range(batches):
        if more_marks:
            gone = transact(lambda connection: _forget_marks(connection, marks_before, batch))
            marks, more_marks = marks + gone, gone == batch
        if more_codes:
            looked_at, gone = transact(lambda connection: _forget_codes(connection, codes_before, batch))
            forgotten, more_codes = forgotten + gone, looked_at == batch
    if marks or forgotten:
        details = {"marks": marks, "codes": forgotten}
        transact(lambda connection: audit.append(connection, now_ms, ACTOR, "retention.purge", "", **details))
    return Purged(marks, forgotten, more_marks or more_codes)


def _forget_marks(connection: Connection, before_ms: Moment, most: int) -> int:
    """Take out the oldest marks; how many there were."""
    lock(connection, "retention", "marks")
    key = requests_seen.c.sent_ms, requests_seen.c.app, requests_seen.c.mark
    oldest = select(*key).where(requests_seen.c.sent_ms < before_ms).order_by(*key).limit(most)
    return connection.execute(delete(requests_seen).where(tuple_(*key).in_(oldest))).rowcount


def _forget_codes(connection: Connection, before_ms: Moment, most: int) -> tuple[int, int]:
    """Look at the next dynamic codes that expired before, and take out those that were never shown.

    How many were looked at, and how many are gone. The newest code of all stays: SQLite would give its number again.
    """
    lock(connection, "retention", CODES)
    place = tuple_(codes.c.expires_ms, codes.c.code_id)
    newest = select(func.max(codes.c.code_id)).scalar_subquery()
    rows = connection.execute(
        select(codes.c.expires_ms, codes.c.code_id)
        .where(codes.c.expires_ms < before_ms, codes.c.code_id < newest, place > _progress(connection))
        .order_by(codes.c.expires_ms, codes.c.code_id)
        .limit(most)
    ).all()
    if not rows:
        return 0, 0
    looked_at = [row.code_id for row in rows]
    shown = select(uses.c.use_id).where(uses.c.code_id == codes.c.code_id).exists()
    gone = connection.execute(delete(codes).where(codes.c.code_id.in_(looked_at), ~shown)).rowcount
    _note_progress(connection, rows[-1].expires_ms, rows[-1].code_id)
    return len(rows), gone


def _progress(connection: Connection) -> tuple[int, int]:
    row = connection.execute(
        select(retention_progress.c.until_ms, retention_progress.c.until_id).where(retention_progress.c.name == CODES)
    ).one_or_none()
    return (0, 0) if row is None else (row.until_ms, row.until_id)


def _note_progress(connection: Connection, until_ms: Moment, until_id: int) -> None:
    values = {"until_ms": until_ms, "until_id": until_id}
    where = retention_progress.c.name == CODES
    if not connection.execute(update(retention_progress).where(where).values(**values)).rowcount:
        connection.execute(insert(retention_progress).values(name=CODES, **values))
