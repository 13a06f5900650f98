"""The audit log: every change of state is one line, chained to the line before by SM3, so that none can be taken out.

A line holds who did what to which account, terminal or index entry, and details without personal data. Many uses of
codes may share one line that carries their number and digest. Source: decision (architecture, platform and scale).
"""

from __future__ import annotations

import hashlib

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    insert,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from reference.store.compiled import Compiled
from reference.store.metadata import metadata

audit_lines = Table(
    "audit_lines",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Index("ix_audit_lines_subject", "subject"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
)
"""One row: the last line. Whoever appends holds it until his transaction ends."""

FIRST = "0" * 64
"""What stands before the first line."""


class BrokenChain(Exception):
    """A line of the audit log was changed, taken out or put in; ``number`` is the first line that does not fit."""

    def __init__(self, number: int) -> None:
        super().__init__(f"audit line {number} does not follow from the line before it")
        self.number = number


def append(connection: Connection, at_ms: int, actor: str, action: str, subject: str, **details: object) -> str:
    """Add one line and return its digest. Call it last in a transaction: it makes other writers wait."""
    heads = _HEAD.rows(connection, ())
    number, previous = (heads[0][0] + 1, heads[0][1]) if heads else (1, FIRST)
    written = msgspec.json.encode(details, order="sorted").decode()
    digest = digest_of_line(previous, number, at_ms, actor, action, subject, written)
    _LINE.each(connection, [(number, at_ms, actor, action, subject, written, previous, digest)])
    _MOVE.each(connection, [(1, number, digest)])
    return digest


def check(connection: Connection) -> int:
    """The number of lines, when all of them follow from one another and the last is the head.

    Raises BrokenChain with the first line that does not fit.
    """
    previous, count = FIRST, 0
    with connection.execute(
        select(audit_lines).order_by(audit_lines.c.number).execution_options(yield_per=1000)
    ) as rows:
        for row in rows:
            count += 1
            expected = digest_of_line(previous, count, row.at_ms, row.actor, row.action, row.subject, row.details)
            if row.number != count or row.previous != previous or row.digest != expected:
                raise BrokenChain(count)
            previous = row.digest
    head = connection.execute(select(audit_head.c.number, audit_head.c.digest)).one_or_none()
    if (head.number, head.digest) != (count, previous) if head else count > 0:
        raise BrokenChain(count + 1)
    return count


def digest_of_line(previous: str, number: int, at_ms: int, actor: str, action: str, subject: str, details: str) -> str:
    """The SM3 of a line, 64 hexadecimal digits; ``previous`` is the digest of the line before it, or `FIRST`.

    ``details`` as they are written: JSON with sorted names. Source: decision (see above).
    """
    line = "\n".join((previous, str(number), str(at_ms), actor, action, subject, details))
    return hashlib.new("sm3", line.encode()).hexdigest()


def _move(insert: type[postgresql.Insert] | type[sqlite.Insert]) -> postgresql.Insert | sqlite.Insert:
    """Write the head, or make it."""
    write = insert(audit_head).values({column.name: bindparam(column.name) for column in audit_head.columns})
    moved = {"number": write.excluded.number, "digest": write.excluded.digest}
    return write.on_conflict_do_update(index_elements=["id"], set_=moved)


_HEAD = Compiled.same(
    select(audit_head.c.number, audit_head.c.digest).where(audit_head.c.id == literal_column("1")).with_for_update()
)
_LINE = Compiled.same(
    insert(audit_lines).values({column.name: bindparam(column.name) for column in audit_lines.columns})
)
_MOVE = Compiled(sqlite=_move(sqlite.Insert), postgresql=_move(postgresql.Insert))
