"""A fresh, empty database for a test: SQLite and PostgreSQL in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reference.store import Store
from tests.databases import PostgresDatabase, empty_sqlite, postgres_server_or_skip


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresDatabase]:
    """A database of a PostgreSQL server that lasts for the session."""
    with postgres_server_or_skip(durable=False) as address:
        database = PostgresDatabase(address)
        yield database
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A fresh store with all tables and no rows, on either database."""
    if request.param == "sqlite":
        address = empty_sqlite(tmp_path / "platform.db")
    else:
        address = request.getfixturevalue("postgres").empty()
    opened = Store(address)
    yield opened
    opened.close()
