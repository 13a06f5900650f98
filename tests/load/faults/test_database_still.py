"""The database stands still: what the platform promises holds on real processes.

The same episode on a variation of the platform that somebody might well build must break the promise it is about.
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from load.faults.episode import Comes
from load.faults.serving import Serving, children
from load.faults.staging import held, stopped
from reference.store import Store
from tests.databases import postgres_server_or_skip
from tests.load.faults.stage import assert_breaks, staged


@pytest.mark.parametrize(
    ("built", "broken"),
    [("", set()), ("gives_up", {"fault.database.recovery"}), ("says_that_all_is_well", {"fault.every.true-health"})],
)
def test_a_database_that_another_holds_costs_no_use(built: str, broken: set[str]) -> None:
    assert_breaks(staged("database", built), broken)


def test_a_server_of_databases_that_stands_still_costs_no_use() -> None:
    with postgres_server_or_skip() as address:
        assert_breaks(staged("database", database=address, comes=still), set())


def still(served: Serving, store: Store) -> Comes:
    """All processes of the store's PostgreSQL server stand still."""
    with store.read() as connection:
        told = connection.execute(text("SELECT pg_read_file('postmaster.pid')")).scalar_one()
    first = int(told.split()[0])
    return held(lambda: stopped([first, *children(first)]))
