"""The database stands still: what the platform promises holds on real processes.

The same episode on a variation of the platform that somebody might well build must break the promise it is about.
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from conformance.evidence.model import Verdict
from load.faults.episode import Comes
from load.faults.serving import Serving, children
from load.faults.staging import held, stopped
from reference.store import Store
from tests.databases import postgres_server_or_skip
from tests.load.faults.stage import assert_breaks, staged

LONGER_THAN_ANYBODY_WAITS = 18.5


@pytest.mark.parametrize(
    ("built", "broken"),
    [("", set()), ("gives_up", {"fault.database.recovery"}), ("says_that_all_is_well", {"fault.every.true-health"})],
)
def test_a_database_that_another_holds_costs_no_use(built: str, broken: set[str]) -> None:
    assert_breaks(staged("database", built), broken)


@pytest.mark.parametrize(("built", "broken"), [("", set()), ("waits_for_ever", {"fault.database.answered"})])
def test_while_a_server_of_databases_stands_still_everybody_is_answered(built: str, broken: set[str]) -> None:
    with postgres_server_or_skip() as address:
        found = staged("database", built, address, still, LONGER_THAN_ANYBODY_WAITS)
    assert_breaks(found, broken)
    assert broken or found.verdicts["fault.database.answered"] is Verdict.PASSED


def still(served: Serving, store: Store) -> Comes:
    """All processes of the store's PostgreSQL server stand still."""
    with store.read() as connection:
        told = connection.execute(text("SELECT pg_read_file('postmaster.pid')")).scalar_one()
    first = int(told.split()[0])
    return held(lambda: stopped([first, *children(first)]))
