"""The database: SQLite in one file by default, PostgreSQL by its address, the same to everything above.

Writers take turns: on SQLite every writing transaction begins with the write lock, on PostgreSQL `Transaction.lock`
takes an advisory lock on the thing that is about to change. A transaction that returns is on the disk (SQLite with
WAL and synchronous = FULL, PostgreSQL with its defaults). Source: decision (architecture, platform and scale).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from reference.languages import say
from reference.ports import ProductUnreachable

T = TypeVar("T")

BUSY_MS = 10_000
"""How long a SQLite writer waits for its turn, in milliseconds. Source: decision."""
TRIES = 5
"""How often a transaction is tried that another one got in the way of. Source: decision."""
CONFLICTS = {"40001", "40P01", "23505"}
"""SQLSTATE of PostgreSQL: serialization failure, deadlock, and a row that another transaction inserted first."""


class Store:
    """One database. May be used from several threads and, through its address, from several processes and hosts.

    ``address`` is ``sqlite:///path/to/file.db`` or ``postgresql://user@host:port/name``.
    Raises ProductUnreachable when the database cannot be reached.
    """

    def __init__(self, address: str, *, connections: int = 8) -> None:
        url = make_url(address)
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        self.address = url.render_as_string(hide_password=False)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"pool_size": connections, "max_overflow": 2 * connections}
        if not self.is_sqlite:
            options |= {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}
        self.engine: Engine = create_engine(url, **options)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _sqlite_settings)
            event.listen(self.engine, "begin", _sqlite_begin)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A writing transaction: committed, and on the disk, when the block ends; undone when it raises."""
        with self._reached(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self._reached(), self.engine.connect().execution_options(reading=True) as connection:
            yield connection

    def transact(self, work: Callable[[Connection], T]) -> T:
        """The result of ``work`` in a writing transaction, begun anew when another transaction got in its way.

        ``work`` may run several times and must change nothing but the database.
        """
        for _ in range(TRIES - 1):
            try:
                with self.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                if not _in_the_way(error):
                    raise
        with self.begin() as connection:
            return work(connection)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            if _in_the_way(error):
                raise
            raise ProductUnreachable(
                say("The database {address}", address=self.engine.url.render_as_string(hide_password=True)),
                say("does not answer: {reason}.", reason=str(error.orig).strip().rstrip(".")),
                say("Check that it runs and that the address is right."),
            ) from error


def lock(connection: Connection, kind: str, name: str) -> None:
    """Wait until no other transaction holds the lock of this name; held until the transaction ends.

    On SQLite a writing transaction holds the whole database anyway.
    """
    if connection.dialect.name == "postgresql":
        key = int.from_bytes(hashlib.new("sm3", f"{kind}\n{name}".encode()).digest()[:8], "big", signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _in_the_way(error: DBAPIError) -> bool:
    if isinstance(error, IntegrityError) and getattr(error.orig, "sqlstate", None) is None:
        return "UNIQUE" in str(error.orig)
    return getattr(error.orig, "sqlstate", None) in CONFLICTS or "database is locked" in str(error.orig)


def _sqlite_settings(connection: Any, record: object) -> None:
    # The driver's own transaction handling begins late and without the write lock: it is switched off here.
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in (
        f"busy_timeout = {BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "cache_size = -65536",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
