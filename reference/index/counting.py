"""Statistics of the index: registrations by day, domain and grade; duplicates found; the state of the queue.

Source: P-EMPI-06 (statistics); the figures by decision.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Column, Connection, func, select

from reference.index import persons
from reference.index.reviews import OPEN, REFUSED
from reference.index.scoring import Grade
from reference.store.index_tables import (
    index_merges,
    index_persons,
    index_references,
    index_registrations,
    index_reviews,
)


class Registrations(msgspec.Struct, frozen=True):
    """How many registrations one domain had on one day (in China) with one grade."""

    day: str
    domain: str
    grade: Grade
    count: int


class Totals(msgspec.Struct, frozen=True):
    """The whole index: living ids, aliases, references by domain, merges in force and undone, and the queue."""

    persons: int
    aliases: int
    references: dict[str, int]
    duplicates_found: int
    merges_undone: int
    reviews_open: int
    reviews_refused: int


def registrations(connection: Connection, first_day: str, last_day: str) -> tuple[Registrations, ...]:
    """Counts for the days from the first to the last, both included, as 2026-01-31."""
    table = index_registrations.c
    rows = connection.execute(
        select(table.day, table.domain, table.grade, func.count().label("total"))
        .where(table.day.between(first_day, last_day))
        .group_by(table.day, table.domain, table.grade)
        .order_by(table.day, table.domain, table.grade)
    )
    return tuple(Registrations(row.day, row.domain, Grade(row.grade), row.total) for row in rows)


def totals(connection: Connection) -> Totals:
    """The figures of the index as it is now."""
    by_state = _counts(connection, index_persons.c.state)
    by_decision = _counts(connection, index_reviews.c.state)
    undone = connection.scalar(
        select(func.count()).select_from(index_merges).where(index_merges.c.undone_ms.is_not(None))
    )
    return Totals(
        persons=by_state.get(persons.ACTIVE, 0),
        aliases=by_state.get(persons.RENAMED, 0) + by_state.get(persons.MERGED, 0),
        references=_counts(connection, index_references.c.domain),
        duplicates_found=by_state.get(persons.MERGED, 0),
        merges_undone=undone or 0,
        reviews_open=by_decision.get(OPEN, 0),
        reviews_refused=by_decision.get(REFUSED, 0),
    )


def _counts(connection: Connection, column: Column[str]) -> dict[str, int]:
    rows = connection.execute(select(column, func.count()).group_by(column).order_by(column))
    return {value: count for value, count in rows}
