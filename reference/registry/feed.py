"""The feed of changes for the tiers (P-REG-01 feeds P-IMIS, P-LINK-01): numbered deltas out of the audit log.

The number of a change is that of its audit line, so that a receiver asks for what comes after the last one he has, may
ask twice, and notices a gap. A change tells what stands now, not what stood then: who receives all deltas ends with the
register as it is. Source: P-IMIS-07 (daily deltas with sequence, count and digest, replay-safe).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from reference.registry.holdings import Holdings, of_index_id
from reference.store.audit import audit_head, audit_lines

WATCHED: Final = ("account-%", "code.issue")
"""Audit actions that may change who holds what; the first code of a card makes its account normal."""
MOST: Final = 500
"""Changes in one delta. Source: decision, as wide as a batch of use records."""


class Change(msgspec.Struct, frozen=True):
    """What happened, to whom, and what he holds now; None where the index id was replaced since.

    ``previous`` is the index id that this one replaces, after a change of name or document.
    """

    number: int
    at_ms: int
    event: str
    index_id: str
    holdings: Holdings | None
    previous: str = ""


class Delta(msgspec.Struct, frozen=True):
    """Changes after a number, in their order. ``last`` is where the receiver goes on, lines without change included."""

    after: int
    last: int
    count: int
    digest: str
    changes: tuple[Change, ...]


def changes(connection: Connection, after: int, most: int = MOST) -> Delta:
    """The changes after a number, at most ``most``; an empty delta when there are none yet."""
    watched = audit_lines.c.action.like(WATCHED[0]) | (audit_lines.c.action == WATCHED[1])
    query = select(
        audit_lines.c.number, audit_lines.c.at_ms, audit_lines.c.action, audit_lines.c.subject, audit_lines.c.details
    )
    newest = connection.execute(select(audit_head.c.number)).scalar_one_or_none() or 0
    lines = connection.execute(
        query.where(watched, audit_lines.c.number > after, audit_lines.c.number <= newest)
        .order_by(audit_lines.c.number)
        .limit(most)
    ).all()
    found = tuple(
        Change(
            number=line.number,
            at_ms=line.at_ms,
            event=line.action,
            index_id=line.subject,
            holdings=of_index_id(connection, line.subject),
            previous=msgspec.json.decode(line.details).get("previous", ""),
        )
        for line in lines
    )
    last = found[-1].number if len(found) == most else max(after, newest)
    return Delta(after, last, len(found), digest(after, found), found)


def digest(after: int, changes: Sequence[Change]) -> str:
    """The hexadecimal SM3 of beginning and changes, by which a receiver knows the delta to be whole."""
    return hashlib.new("sm3", msgspec.json.encode([after, changes], order="sorted")).hexdigest()
