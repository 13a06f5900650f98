"""The database stands still: what the platform promises holds on real processes.

The same episode on a variation of the platform that somebody might well build must break the promise it is about.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import text

from load.faults.serving import Serving, children
from reference.store import Store
from tests.databases import postgres_server_or_skip
from tests.load.faults.stage import staged, stopped, write_lock_held


@pytest.mark.parametrize(
    ("built", "broken"),
    [("", set()), ("gives_up", {"fault.database.recovery"}), ("says_that_all_is_well", {"fault.every.true-health"})],
)
def test_a_database_that_another_holds_costs_no_use(tmp_path: Path, built: str, broken: set[str]) -> None:
    episode = staged(f"sqlite:///{tmp_path}/platform.db", tmp_path, "database", "store", write_lock_held, built=built)
    assert broken <= episode.broken(), episode
    assert broken or not episode.broken(), episode


def test_a_server_of_databases_that_stands_still_costs_no_use(tmp_path: Path) -> None:
    with postgres_server_or_skip() as address:
        episode = staged(address, tmp_path, "database", "store", still)
    assert episode.broken() == set(), episode


def still(served: Serving, store: Store) -> AbstractContextManager[None]:
    """All processes of the store's PostgreSQL server stand still."""
    with store.read() as connection:
        told = connection.execute(text("SELECT pg_read_file('postmaster.pid')")).scalar_one()
    first = int(told.split()[0])
    return stopped(lambda: [first, *children(first)])
