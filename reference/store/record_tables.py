"""Tables of lifelong records (P-EMPI-08): authorisations, the registry of records, and every attempt to open one.

No content of a record and no name of a person stands here.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Text, UniqueConstraint

from reference.store.metadata import metadata

record_authorisations = Table(
    "record_authorisations",
    metadata,
    Column("authorisation_id", String(32), primary_key=True),
    Column("index_id", String(64), nullable=False, index=True),
    Column("institution", String(36), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("kinds", Text, nullable=False),
    Column("way", String(20), nullable=False),
    Column("granted_by", String(64), nullable=False),
    Column("granted_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("revoked_by", String(64), nullable=False, default=""),
    Column("revoked_ms", BigInteger),
)
"""Under the index id that was valid when the resident granted; ``kinds`` separated by blanks. A row is never changed
but by its revocation."""

record_references = Table(
    "record_references",
    metadata,
    Column("record_id", String(32), primary_key=True),
    Column("institution", String(36), nullable=False),
    Column("locator", String(256), nullable=False),
    Column("domain", String(64), nullable=False),
    Column("local_id", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("dated", String(8), nullable=False),
    Column("registered_ms", BigInteger, nullable=False),
    Column("withdrawn_ms", BigInteger),
    UniqueConstraint("institution", "locator"),
    Index("ix_record_references_patient", "domain", "local_id", "dated"),
)
"""Where records lie. The patient is the keeper's own number: the master index says whose it is, so that merging,
renaming and their undoing hold for records at once."""

record_openings = Table(
    "record_openings",
    metadata,
    Column("opening_id", String(32), primary_key=True),
    Column("index_id", String(64), nullable=False),
    Column("record_id", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("institution", String(36), nullable=False),
    Column("operator", String(64), nullable=False, default=""),
    Column("purpose", String(32), nullable=False),
    Column("way", String(16), nullable=False),
    Column("authorisation_id", String(32), nullable=False, default=""),
    Column("reason", String(200), nullable=False, default=""),
    Column("outcome", String(40), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_record_openings_index_id", "index_id", "at_ms"),
)
"""Who opened, or tried to open, which record and by what right; on the disk before the content is handed out."""
