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
MAPPED_BYTES = 0x7FFF0000
"""How much of SQLite's file is read as memory, its own upper bound. Source: decision."""
CHECKPOINT_PAGES = 16_000
"""Pages of the log after which SQLite copies them into its file, 64 MB: codes lie apart, and a page that changes again
and again is copied once. Source: decision."""
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
        options: dict[str, Any] = {"pool_size": connections, "max_overflow": 2 * connections, "pool_use_lifo": True}
        if not self.is_sqlite:
            options |= {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}
        self.engine: Engine = create_engine(url, **options)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _sqlite_settings)
            event.listen(self.engine, "begin", _sqlite_begin)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A writing transaction: committed, and on the disk, when the block ends; undone when it raises."""
        with self.reached(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self.reached(), self.engine.connect().execution_options(reading=True) as connection:
            yield connection

    def writing(self) -> WritingTransaction:
        """A writing transaction taken step by step, for who must not wait: see there. SQLite alone."""
        return WritingTransaction(self)

    def transact(self, work: Callable[[Connection], T]) -> T:
        """The result of ``work`` in a writing transaction, begun anew when another transaction got in its way.

        ``work`` may run several times and must change nothing but the database.
        """
        for _ in range(TRIES - 1):
            try:
                with self.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                if not in_the_way(error):
                    raise
        with self.begin() as connection:
            return work(connection)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Inside, a database that does not answer is told as ProductUnreachable."""
        try:
            yield
        except OperationalError as error:
            if in_the_way(error):
                raise
            raise ProductUnreachable(
                say("The database {address}", address=self.engine.url.render_as_string(hide_password=True)),
                say("does not answer: {reason}.", reason=str(error.orig).strip().rstrip(".")),
                say("Check that it runs and that the address is right."),
            ) from error


class WritingTransaction:
    """A writing transaction of SQLite whose steps may be taken from different threads, one after the other.

    An event loop begins it where that needs no waiting, works in it, and leaves waiting for the write lock and for the
    disk to a thread. Not committed by the time of `end`, it is undone.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.reached():
            self.connection = store.engine.connect()

    def begin_at_once(self) -> bool:
        """Begin, unless another writer is at it: then False, and nothing was waited for."""
        self._wait_at_most(0)
        try:
            with self._store.reached():
                self.connection.begin()
        except OperationalError:
            return False
        return True

    def begin(self) -> None:
        """Begin as soon as other writers are done. Raises what the database raises, after `BUSY_MS` at the latest."""
        self._wait_at_most(BUSY_MS)
        with self._store.reached():
            self.connection.begin()

    def commit(self) -> None:
        """Commit; then it is on the disk."""
        with self._store.reached():
            self.connection.commit()

    def end(self) -> None:
        """Give the connection back."""
        if not self.connection.invalidated:
            self._wait_at_most(BUSY_MS)
        self.connection.close()

    def _wait_at_most(self, milliseconds: int) -> None:
        # Past SQLAlchemy, which would begin a transaction first.
        driver = self.connection.connection.driver_connection
        assert driver is not None
        driver.execute(f"PRAGMA busy_timeout = {milliseconds}")


def lock(connection: Connection, kind: str, name: str) -> None:
    """Wait until no other transaction holds the lock of this name; held until the transaction ends.

    On SQLite a writing transaction holds the whole database anyway.
    """
    if connection.dialect.name == "postgresql":
        key = int.from_bytes(hashlib.new("sm3", f"{kind}\n{name}".encode()).digest()[:8], "big", signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def in_the_way(error: DBAPIError) -> bool:
    """Whether another transaction was the reason, so that it may go better now."""
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
        "temp_store = MEMORY",
        f"mmap_size = {MAPPED_BYTES}",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
