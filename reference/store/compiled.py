"""Statements of SQLAlchemy Core that are compiled once and handed to the driver as they are.

For the hot path of verification alone: compiling, even from SQLAlchemy's cache, takes longer there than the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Connection
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

    def __init__(self, *, sqlite: ClauseElement, postgresql: ClauseElement) -> None:
        self._texts = {
            "sqlite": str(sqlite.compile(dialect=SQLITE)),
            "postgresql": str(postgresql.compile(dialect=POSTGRESQL)),
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
