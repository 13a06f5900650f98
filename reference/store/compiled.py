"""Statements of SQLAlchemy Core that are compiled once and handed to the driver as they are.

For the hot path of verification alone: compiling, even from SQLAlchemy's cache, takes longer there than the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine.interfaces import Dialect
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
        return cast(
            Sequence[tuple[Any, ...]],
            connection.exec_driver_sql(self._texts[connection.dialect.name], parameters).all(),
        )

    def each(self, connection: Connection, parameters: Sequence[tuple[Any, ...]]) -> None:
        """Execute the statement once for each of several sets of parameters."""
        connection.exec_driver_sql(self._texts[connection.dialect.name], list(parameters))

    def changed(self, connection: Connection, parameters: tuple[Any, ...]) -> int:
        """Execute the statement once; the number of rows that it changed."""
        # Past SQLAlchemy's own execution, whose bookkeeping takes longer than the statement.
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._texts[connection.dialect.name], parameters)
            return cursor.rowcount
        finally:
            cursor.close()
