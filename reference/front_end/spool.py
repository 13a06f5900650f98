"""The spool of use records: kept on disk before the in-house system is answered, until the platform has them.

A use is known by its serial: told again it counts once, told differently it is refused. Uses are for the platform on
the day on which they happened (Sichuan usecarddate); what could not be uploaded in time is kept and counted as late,
never dropped in silence. What was uploaded is known for some days by serial and digest alone. The audit log of the
front-end stands in the same file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from reference.ecard.moments import CHINA_OFFSET, DAY, SECOND, same_china_day
from reference.ecard.verbs import Reported, ReportedUse
from reference.front_end.facts import limits
from reference.front_end.refusals import FrontEndRefusal
from reference.standard.ecard import load_ecard
from reference.store import Store, audit

metadata = MetaData()
spooled = Table(
    "spooled_uses",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("serial", String(64), nullable=False, unique=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("used_ms", BigInteger, nullable=False),
    Column("state", String(12), nullable=False, index=True),
    Column("reason", String(64), nullable=False, default=""),
    Column("changed_ms", BigInteger, nullable=False),
)
"""``state``: ``waiting``, ``uploaded`` (content taken out), ``late`` or ``refused`` (``reason`` says by which rule)."""

WIDTHS: Final = {"serial": 64, "card": 64, "terminal": 32, "channel": 8, "step": 10, "department": 10, "cost_type": 8}
"""Characters of the texts of a use at most, as the platform keeps them."""
FOR_OWNER_ALONE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Waiting:
    """A use that waits, by its number in the spool."""

    number: int
    use: ReportedUse


class Spool:
    """The spool in one SQLite file, each commit on the disk. Raises ProductUnreachable where it cannot be kept."""

    def __init__(self, file: Path) -> None:
        self.store = Store(f"sqlite:///{file}")
        with self.store.begin() as connection:
            metadata.create_all(connection)
            audit.audit_lines.metadata.create_all(connection, tables=[audit.audit_lines, audit.audit_head])
        os.chmod(file, FOR_OWNER_ALONE)

    def keep(self, uses: Sequence[ReportedUse], now_ms: int, teller: str) -> Reported:
        """Keep all of them, or none. They are on the disk when this returns.

        Raises FrontEndRefusal ``front-end.use-malformed``, ``front-end.serial-reused``, ``front-end.spool-full``.
        """
        for use in uses:
            _check(use, now_ms)
        with self.store.begin() as connection:
            stored = _stored(connection, uses)
            new: dict[str, dict[str, object]] = {}
            for use in uses:
                row = _row(use, now_ms)
                if use.serial not in stored:
                    new.setdefault(use.serial, row)
                if stored.get(use.serial, new.get(use.serial, row)["digest"]) != row["digest"]:
                    raise FrontEndRefusal("front-end.serial-reused", "serial")
            if new:
                _require_room(connection, len(new))
                connection.execute(insert(spooled), list(new.values()))
                audit.append(connection, now_ms, teller, "uses.keep", teller, kept=len(new))
        return Reported(kept=len(new), known=len(uses) - len(new))

    def waiting(self, most: int, now_ms: int) -> list[Waiting]:
        """The oldest uses of today that wait; those of days past become late."""
        with self.store.begin() as connection:
            day_began = now_ms - (now_ms + CHINA_OFFSET) % DAY
            connection.execute(
                update(spooled)
                .where(spooled.c.state == "waiting", spooled.c.used_ms < day_began)
                .values(state="late", reason="request.not-same-day", changed_ms=now_ms)
            )
            query = select(spooled.c.number, spooled.c.content).where(spooled.c.state == "waiting")
            rows = connection.execute(query.order_by(spooled.c.number).limit(most)).all()
        return [Waiting(row.number, msgspec.json.decode(row.content, type=ReportedUse)) for row in rows]

    def uploaded(self, waiting: Sequence[Waiting], now_ms: int) -> None:
        """The platform has them: their contents are taken out, serial and digest stay for a while."""
        numbers = [one.number for one in waiting]
        with self.store.begin() as connection:
            _set(connection, numbers, state="uploaded", content=b"", changed_ms=now_ms)
            past = now_ms - limits()["kept-days"] * DAY
            connection.execute(delete(spooled).where(spooled.c.state == "uploaded", spooled.c.changed_ms < past))
            audit.append(connection, now_ms, "front-end", "uses.upload", "platform", count=len(numbers))

    def put_aside(self, waiting: Waiting, reason: str, now_ms: int) -> None:
        """The platform refuses this use for good."""
        with self.store.begin() as connection:
            _set(connection, [waiting.number], state="refused", reason=reason, changed_ms=now_ms)
            audit.append(connection, now_ms, "front-end", "uses.refused", str(waiting.number), reason=reason)

    def counts(self) -> dict[str, int]:
        """How many uses stand in each state."""
        with self.store.read() as connection:
            rows = connection.execute(select(spooled.c.state, func.count()).group_by(spooled.c.state)).all()
        return {"waiting": 0, "uploaded": 0, "late": 0, "refused": 0} | {row[0]: row[1] for row in rows}

    def note(self, now_ms: int, terminal: str, action: str, subject: str, **details: object) -> None:
        """One line of the audit log, without personal data."""
        with self.store.begin() as connection:
            audit.append(connection, now_ms, terminal, action, subject, **details)

    def close(self) -> None:
        """Close the file."""
        self.store.close()


def _check(use: ReportedUse, now_ms: int) -> None:
    tables = load_ecard()
    for name, most in WIDTHS.items():
        value = getattr(use, name)
        if len(value) > most or (not value and name in ("serial", "card")):
            raise FrontEndRefusal("front-end.use-malformed", name)
    if use.step and use.step not in tables.codes["diagnosis-step"]:
        raise FrontEndRefusal("front-end.use-malformed", "step")
    ahead = use.used_ms > now_ms + tables.limit("clock-skew-seconds") * SECOND
    if ahead or not same_china_day(use.used_ms, now_ms):
        raise FrontEndRefusal("front-end.use-malformed", "used_ms")


def _row(use: ReportedUse, now_ms: int) -> dict[str, object]:
    content = msgspec.json.encode(use)
    digest = hashlib.new("sm3", content).digest()
    fixed = {"state": "waiting", "reason": "", "changed_ms": now_ms}
    return {"serial": use.serial, "digest": digest, "content": content, "used_ms": use.used_ms, **fixed}


def _stored(connection: Connection, uses: Sequence[ReportedUse]) -> dict[str, object]:
    """The digests of serials that stand in the spool already."""
    query = select(spooled.c.serial, spooled.c.digest).where(spooled.c.serial.in_([use.serial for use in uses]))
    return {row.serial: row.digest for row in connection.execute(query)}


def _require_room(connection: Connection, more: int) -> None:
    waiting = connection.scalar(select(func.count()).select_from(spooled).where(spooled.c.state == "waiting")) or 0
    if waiting + more > limits()["spooled"]:
        raise FrontEndRefusal("front-end.spool-full")


def _set(connection: Connection, numbers: Sequence[int], **values: object) -> None:
    connection.execute(update(spooled).where(spooled.c.number.in_(numbers)).values(**values))
