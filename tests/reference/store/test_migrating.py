"""The revisions lead from nothing to exactly the tables that the code declares, and back, on either database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from reference.store import Store, metadata
from reference.store.migrating import configuration, current, migrate, newest


@pytest.fixture
def empty(store: Store) -> Store:
    """A database without any table."""
    with store.begin() as connection:
        metadata.drop_all(connection)
    return store


def test_the_revisions_make_what_the_code_declares(empty: Store) -> None:
    migrate(empty)
    with empty.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert current(connection) == newest()


def test_a_database_of_the_newest_form_stays_as_it_is(empty: Store) -> None:
    migrate(empty)
    migrate(empty)
    with empty.read() as connection:
        assert current(connection) == newest()


def test_the_revisions_can_be_taken_back(empty: Store) -> None:
    migrate(empty)
    with empty.begin() as connection:
        command.downgrade(configuration(connection), "base")
    with empty.read() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}


def test_several_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'platform.db'}"

    def start(_: int) -> str | None:
        store = Store(address)
        try:
            migrate(store)
            with store.read() as connection:
                return current(connection)
        finally:
            store.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(start, range(4))) == {newest()}
