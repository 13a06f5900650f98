"""Bringing a database to the newest form: Alembic's revisions in `migrations`, on either database.

Several workers may start at once: the one that comes first migrates, the others wait for it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from reference.store.database import Store, lock

REVISIONS = Path(__file__).with_name("migrations")
SHARE_OF_MEMORY = 4
"""A migration of SQLite may fill the fourth part of the machine's memory (decision)."""


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, over an open connection."""
    config = Config()
    config.set_main_option("script_location", str(REVISIONS))
    config.attributes["connection"] = connection
    return config


def migrate(store: Store) -> None:
    """Bring the database to the newest revision. Raises ProductUnreachable."""
    with _alone(store), _furnished(store) as connection, connection.begin():
        lock(connection, "migration", "all")
        if current(connection) != newest():
            command.upgrade(configuration(connection), "head")


def current(connection: Connection) -> str | None:
    """The revision that the database stands at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The newest revision there is."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


@contextmanager
def _furnished(store: Store) -> Iterator[Connection]:
    """A connection to migrate on. SQLite makes tables with their indexes anew, row by row: the pages stay in memory,
    and what would have to be undone stands in a file, since it may be as large as the database."""
    with store.reached(), store.engine.connect() as connection:
        if not store.is_sqlite:
            yield connection
            return
        # Past SQLAlchemy, which would begin a transaction, inside which SQLite does not change these settings.
        driver = connection.connection.driver_connection
        assert driver is not None
        kibibytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024 // SHARE_OF_MEMORY
        usual = [(name, *driver.execute(f"PRAGMA {name}").fetchone()) for name in ("cache_size", "temp_store")]
        for name, value in (("cache_size", -kibibytes), ("temp_store", "FILE")):
            driver.execute(f"PRAGMA {name} = {value}")
        try:
            yield connection
        finally:
            for name, value in usual:
                driver.execute(f"PRAGMA {name} = {value}")


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """On SQLite the first writer has to make the file: processes take turns by a lock file beside it."""
    path = make_url(store.address).database
    if not store.is_sqlite or not path or path == ":memory:":
        yield
        return
    lock_file = Path(path + ".migrating")
    try:
        stream = lock_file.open("a")
    except OSError:
        yield  # the folder is missing or read-only: opening the database says so in better words
        return
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
