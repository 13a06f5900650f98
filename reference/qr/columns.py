"""Which texts the columns of the database can keep: of their width, and without control characters."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, String


def width(column: Column[Any]) -> int:
    """Characters that a column of text takes."""
    assert isinstance(column.type, String)
    assert column.type.length is not None
    return column.type.length


def keeps(column: Column[Any], value: str) -> bool:
    """Whether a column can keep the text; PostgreSQL refuses NUL characters and lone surrogates."""
    return len(value) <= width(column) and value.isprintable()
