"""Loading many rows into empty tables: COPY on PostgreSQL; on SQLite one big transaction without a journal.

Indexes of their own are made after the rows, by sorting. A crash while loading leaves a database to be thrown away;
afterwards it is as durable as ever. Statements come from SQLAlchemy Core; parameters are bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

from psycopg import sql
from sqlalchemy import Table, bindparam, insert
from sqlalchemy.schema import CreateIndex, DropIndex

from reference.store import Store
from reference.store.compiled import POSTGRESQL, SQLITE

CACHE_KIB: Final = 2 * 1024 * 1024
"""SQLite's cache while loading."""

Rows = Sequence[tuple[Any, ...]]


class Loader(Protocol):
    """Takes rows of tables; see `loading`."""

    def add(self, table: Table, names: Sequence[str], rows: Rows) -> None:
        """Add rows; ``names`` are the columns in the order of the values, the others stay to the database."""
        ...


@contextmanager
def loading(store: Store, tables: Iterable[Table], *, empty: bool = True) -> Iterator[Loader]:
    """A loader of the tables, everything committed at the end.

    ``empty``: the tables have no rows yet; then their indexes are made anew at the end, and SQLite keeps no journal.
    """
    # Trap: SQLite leaves WAL only where no other connection is open, such as one waiting in the pool.
    store.close()
    raw = store.engine.raw_connection()
    driver = raw.driver_connection
    raw.detach()
    try:
        with (_sqlite if store.is_sqlite else _postgres)(driver, list(tables), empty) as loader:
            yield loader
    finally:
        raw.close()


class _SqliteLoader:
    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def add(self, table: Table, names: Sequence[str], rows: Rows) -> None:
        statement = insert(table).values({name: bindparam(name) for name in names})
        ordered = [column.name for column in table.columns if column.name in set(names)]
        assert ordered == list(names), "parameters stand in the order of the table"
        self._driver.executemany(str(statement.compile(dialect=SQLITE)), rows)


class _PostgresLoader:
    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def add(self, table: Table, names: Sequence[str], rows: Rows) -> None:
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        copied = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
        with self._driver.cursor() as cursor, cursor.copy(copied) as copy:
            for row in rows:
                copy.write_row(row)


@contextmanager
def _sqlite(driver: Any, tables: list[Table], empty: bool) -> Iterator[Loader]:
    settings = [f"cache_size = -{CACHE_KIB}", "temp_store = MEMORY", "foreign_keys = OFF"]
    if empty:
        settings += ["journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"]
    for setting in settings:
        driver.execute(f"PRAGMA {setting}")
    driver.execute("BEGIN IMMEDIATE")
    indexes = [index for table in tables for index in table.indexes] if empty else []
    for index in indexes:
        driver.execute(str(DropIndex(index).compile(dialect=SQLITE)))
    yield _SqliteLoader(driver)
    for index in indexes:
        driver.execute(str(CreateIndex(index).compile(dialect=SQLITE)))
    driver.execute("COMMIT")
    if empty:
        driver.execute("PRAGMA locking_mode = NORMAL")
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("ANALYZE")


@contextmanager
def _postgres(driver: Any, tables: list[Table], empty: bool) -> Iterator[Loader]:
    indexes = [index for table in tables for index in table.indexes] if empty else []
    for index in indexes:
        driver.execute(str(DropIndex(index).compile(dialect=POSTGRESQL)))
    yield _PostgresLoader(driver)
    for index in indexes:
        driver.execute(str(CreateIndex(index).compile(dialect=POSTGRESQL)))
    driver.commit()
    driver.autocommit = True
    for table in tables:
        driver.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table.name)))
