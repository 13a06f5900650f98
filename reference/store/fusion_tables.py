"""Tables of the one entry to care, insurance and drugs (P-FUSE-03): entries, their parts, joined numbers, settlements.

What owners tell of a person is not kept: their own numbers are.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, UniqueConstraint

from reference.store.metadata import metadata

fusion_entries = Table(
    "fusion_entries",
    metadata,
    Column("entry_id", String(32), primary_key=True),
    Column("index_id", String(64), nullable=False, index=True),
    Column("institution", String(36), nullable=False),
    Column("visit", String(64), nullable=False),
    Column("request", String(64), nullable=False),
    Column("step", String(10), nullable=False, default=""),
    Column("text_digest", String(64), nullable=False),
    Column("entered_by", String(20), nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    UniqueConstraint("institution", "request"),
    Index("ix_fusion_entries_visit", "institution", "visit"),
)
"""One row a shown card; ``text_digest`` tells a repeated request from another one under the same number."""

fusion_parts = Table(
    "fusion_parts",
    metadata,
    Column("entry_id", String(32), ForeignKey("fusion_entries.entry_id"), primary_key=True),
    Column("part", String(12), primary_key=True),
    Column("outcome", String(12), nullable=False),
    Column("number", String(64), nullable=False, default=""),
    Column("message", String(200), nullable=False, default=""),
    Column("asked_ms", BigInteger, nullable=False),
)
"""What each owner said: ``waiting`` until he is asked, then ``ok``, ``refused``, ``away`` or ``unconnected``."""

fusion_numbers = Table(
    "fusion_numbers",
    metadata,
    Column("entry_id", String(32), ForeignKey("fusion_entries.entry_id"), primary_key=True),
    Column("flow", String(8), primary_key=True),
    Column("part", String(12), primary_key=True),
    Column("number", String(64), primary_key=True),
    Column("joined_ms", BigInteger, nullable=False),
    Index("ix_fusion_numbers_number", "number"),
)
"""Numbers of the flows of business, data and money, joined by their entry."""

settlements = Table(
    "settlements",
    metadata,
    Column("settlement_id", String(32), primary_key=True),
    Column("entry_id", String(32), ForeignKey("fusion_entries.entry_id"), nullable=False, index=True),
    Column("institution", String(36), nullable=False),
    Column("bill", String(64), nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(200), nullable=False, default=""),
    Column("begun_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    UniqueConstraint("institution", "bill"),
    Index("ix_settlements_state", "state", "changed_ms"),
)
"""``reserving``, then by one decision ``paying`` and ``paid``, or ``releasing`` and ``released``. Amounts in fen."""

money_movements = Table(
    "money_movements",
    metadata,
    Column("settlement_id", String(32), ForeignKey("settlements.settlement_id"), primary_key=True),
    Column("payer", String(12), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),
    Column("number", String(64), nullable=False, default=""),
)
"""Each payer's share: ``planned``, ``reserved``, ``paid``, ``released``."""
