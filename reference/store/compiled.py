"""Statements of SQLAlchemy Core that are compiled once and handed to the driver as they are.

For the hot path of verification alone: compiling, even from SQLAlchemy's cache, takes longer there than the database.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import BindParameter, Connection, bindparam
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import ClauseElement

SQLITE: Dialect = sqlite_dialect.dialect()
POSTGRESQL: Dialect = psycopg.dialect(paramstyle="format")  # type: ignore[no-untyped-call]
"""Parameters stand in order in both."""


class Compiled:
    """A statement of Core made ready for both databases; its parameters stand in their order in the statement."""

    def __init__(self, *, sqlite: ClauseElement | None = None, postgresql: ClauseElement | None = None) -> None:
        self._texts = {
            name: str(statement.compile(dialect=dialect))
            for name, statement, dialect in (("sqlite", sqlite, SQLITE), ("postgresql", postgresql, POSTGRESQL))
            if statement is not None
        }

    @classmethod
    def same(cls, statement: ClauseElement) -> Compiled:
        """A statement that is the same for both."""
        return cls(sqlite=statement, postgresql=statement)

    def rows(self, connection: Connection, parameters: tuple[Any, ...]) -> Sequence[tuple[Any, ...]]:
        """The rows that a query gives."""
        with self._cursor(connection) as (cursor, text):
            cursor.execute(text, parameters)
            return cast(Sequence[tuple[Any, ...]], cursor.fetchall())

    def each(self, connection: Connection, parameters: Sequence[tuple[Any, ...]]) -> None:
        """Execute the statement once for each of several sets of parameters."""
        with self._cursor(connection) as (cursor, text):
            cursor.executemany(text, parameters)

    def changed(self, connection: Connection, parameters: tuple[Any, ...]) -> int:
        """Execute the statement once; the number of rows that it changed."""
        with self._cursor(connection) as (cursor, text):
            cursor.execute(text, parameters)
            return cast(int, cursor.rowcount)

    @contextmanager
    def _cursor(self, connection: Connection) -> Iterator[tuple[Any, str]]:
        """The driver's own cursor and the statement; the driver's errors come out as SQLAlchemy's."""
        # SQLAlchemy's execution looks at every parameter, which here takes longer than the database.
        text = self._texts[connection.dialect.name]
        driver = connection.dialect.loaded_dbapi
        cursor = connection.connection.cursor()
        try:
            yield cursor, text
        except driver.Error as error:
            raise DBAPIError.instance(
                text, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
            ) from error
        finally:
            cursor.close()


LARGEST_BLOCK = 128
"""Rows that one statement takes at most; twelve columns of them stay far below what either database takes."""


class Blocks:
    """A statement over many rows, made ready in blocks of 128, 64, 32 … 1 rows: one call of the driver for each.

    ``make`` builds it for a dialect and a number of rows; the parameters stand row by row.
    """

    def __init__(self, make: Callable[[str, int], ClauseElement]) -> None:
        self._make = functools.cache(lambda dialect, rows: Compiled(**{dialect: make(dialect, rows)}))

    def each(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Execute the statement for all rows."""
        for statement, parameters in self._blocks(connection, rows):
            statement.changed(connection, parameters)

    def returned(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Execute the statement for all rows; what it returns."""
        found: list[tuple[Any, ...]] = []
        for statement, parameters in self._blocks(connection, rows):
            found.extend(statement.rows(connection, parameters))
        return found

    def _blocks(
        self, connection: Connection, rows: Sequence[tuple[Any, ...]]
    ) -> Iterator[tuple[Compiled, tuple[Any, ...]]]:
        start, size = 0, LARGEST_BLOCK
        while start < len(rows):
            while size > len(rows) - start:
                size //= 2
            block = rows[start : start + size]
            yield self._make(connection.dialect.name, size), tuple(itertools.chain.from_iterable(block))
            start += size


def numbered(names: Iterable[str], row: int) -> dict[str, BindParameter[Any]]:
    """The parameters of one row of a block."""
    return {name: bindparam(f"{name}_{row}") for name in names}
