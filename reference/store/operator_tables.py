"""Tables of the console: operators who sign in, and secrets that all workers of one platform share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text

from reference.store.metadata import metadata

operators = Table(
    "operators",
    metadata,
    Column("user_name", String(32), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("state", String(12), nullable=False),
    Column("scopes", Text, nullable=False, default=""),
    Column("password_salt", LargeBinary(16), nullable=False),
    Column("password_digest", LargeBinary(32), nullable=False),
    Column("epoch", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until_ms", BigInteger, nullable=False, default=0),
    Column("changed_ms", BigInteger, nullable=False),
)
"""``state`` is one of `lives.toml`; ``scopes`` are names of verbs, separated by blanks. A session tells the ``epoch``
in which it began: whatever ends an operator's sessions counts it up. ``failures`` are those since the last success."""

platform_secrets = Table(
    "platform_secrets",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
"""Secrets of the platform itself, enciphered by the crypto machine."""
