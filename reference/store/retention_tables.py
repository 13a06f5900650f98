"""Table of retention: how far what may be forgotten has been looked through."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from reference.store.metadata import metadata

retention_progress = Table(
    "retention_progress",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("until_ms", BigInteger, nullable=False),
    Column("until_id", BigInteger, nullable=False),
)
"""The last row that was looked at: what was used stays, and is not looked at again."""
