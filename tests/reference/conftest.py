"""A fresh, empty database for a test: SQLite and PostgreSQL in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from reference.store import Store, metadata
from tests.databases import postgres_server_or_skip


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that lasts for the session."""
    with postgres_server_or_skip(durable=False) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A fresh store with all tables and no rows, on either database."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'platform.db'}"
    else:
        address = request.getfixturevalue("postgres")
    opened = Store(address)
    with opened.begin() as connection:
        if not opened.is_sqlite:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        metadata.create_all(connection)
    yield opened
    opened.close()
