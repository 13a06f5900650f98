"""Tables of the virtual accounts (虚拟账户): residents with their electronic cards, families, links and pre-made cards.

Widths: the widest that a wire profile allots (electronic-card interface standards of Qinghai, Sichuan, Wenzhou).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from reference.store.metadata import metadata

_number = BigInteger().with_variant(Integer, "sqlite")

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", _number, primary_key=True),
    Column("index_id", String(64), nullable=False, unique=True),
    Column("ecard_id", String(64), nullable=False, unique=True),
    Column("key_version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("id_type", String(2), nullable=False),
    Column("id_number", String(32), nullable=False),
    Column("name", String(100), nullable=False),
    Column("sex", String(1), nullable=False, default="0"),
    Column("birthday", String(8), nullable=False, default=""),
    Column("nation", String(2), nullable=False, default=""),
    Column("nationality", String(3), nullable=False, default=""),
    Column("phone", String(20), nullable=False, default=""),
    Column("telephone", String(20), nullable=False, default=""),
    Column("address", String(256), nullable=False, default=""),
    Column("domicile", String(256), nullable=False, default=""),
    Column("employer", String(100), nullable=False, default=""),
    Column("marital_status", String(2), nullable=False, default=""),
    Column("kind", String(8), nullable=False, default="adult"),
    Column("guardian_index_id", String(64), nullable=False, default=""),
    Column("birth_order", Integer, nullable=False, default=0),
    Column("colour", Integer, nullable=False, default=0),
    Column("survivor", String(64), nullable=False, default=""),
    Column("proof", String(16), nullable=False, default=""),
    Column("clerk", String(100), nullable=False, default=""),
    Column("channel", String(8), nullable=False, default=""),
    Column("institution", String(36), nullable=False, default=""),
    Column("app", String(36), nullable=False, default=""),
    Column("registered_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Column("cancelled_ms", BigInteger),
    UniqueConstraint("id_type", "id_number"),
    Index("ix_accounts_name", "name"),
    Index("ix_accounts_registered_ms", "registered_ms"),
)
"""One row a resident. ``account_id`` is where the row lies, known to the database alone; ``state`` is a state of
`states.toml`; ``colour`` the health colour 0–3; ``survivor`` the index id that an alias was merged into; ``clerk`` the
salted digest of who certified the resident on site."""

aliases = Table(
    "aliases",
    metadata,
    Column("kind", String(12), primary_key=True),
    Column("value", String(64), primary_key=True),
    Column("index_id", String(64), nullable=False, index=True),
    Column("since_ms", BigInteger, nullable=False),
    Column("reason", String(32), nullable=False),
)
"""Former ids of an account: ``index-id``, ``ecard-id`` or ``id-number`` (type and number)."""

applications = Table(
    "applications",
    metadata,
    Column("application_id", String(32), primary_key=True),
    Column("index_id", String(64), ForeignKey("accounts.index_id", onupdate="CASCADE"), nullable=False, index=True),
    Column("purpose", String(16), nullable=False),
    Column("submitted_by", String(64), nullable=False),
    Column("submitted_ms", BigInteger, nullable=False),
    Column("decision", String(16), nullable=False, default=""),
    Column("decided_by", String(64), nullable=False, default=""),
    Column("decided_ms", BigInteger),
    Column("reason", String(200), nullable=False, default=""),
)
"""Applications that a person has to audit, because no online check of the real name was to be had."""

members = Table(
    "members",
    metadata,
    Column("holder", String(64), ForeignKey("accounts.index_id", onupdate="CASCADE"), primary_key=True),
    Column("member", String(64), ForeignKey("accounts.index_id", onupdate="CASCADE"), primary_key=True),
    Column("relation", String(2), nullable=False),
    Column("bound_ms", BigInteger, nullable=False),
)

bank_cards = Table(
    "bank_cards",
    metadata,
    Column("binding_id", String(32), primary_key=True),
    Column("index_id", String(64), ForeignKey("accounts.index_id", onupdate="CASCADE"), nullable=False, index=True),
    Column("bank", String(16), nullable=False),
    Column("masked_number", String(24), nullable=False),
    Column("bank_token", String(64), nullable=False),
    Column("preferred", Boolean, nullable=False),
    Column("bound_ms", BigInteger, nullable=False),
    UniqueConstraint("index_id", "bank_token"),
)
"""Bank cards bound to an account: the masked number and the bank's token, never the number."""

media = Table(
    "media",
    metadata,
    Column("medium", String(20), primary_key=True),
    Column("issuer", String(36), primary_key=True),
    Column("number", String(64), primary_key=True),
    Column("index_id", String(64), ForeignKey("accounts.index_id", onupdate="CASCADE"), nullable=False, index=True),
    Column("linked_ms", BigInteger, nullable=False),
    Column("institution", String(36), nullable=False, default=""),
)
"""Other cards of the same person: physical health card, hospital card, maternal-child card, social-security card …"""

prefabrication_batches = Table(
    "prefabrication_batches",
    metadata,
    Column("batch_id", String(32), primary_key=True),
    Column("institution", String(36), nullable=False),
    Column("source", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("submitted_ms", BigInteger, nullable=False),
    UniqueConstraint("institution", "digest"),
)

prefabrication_rows = Table(
    "prefabrication_rows",
    metadata,
    Column("batch_id", String(32), ForeignKey("prefabrication_batches.batch_id"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("state", String(12), nullable=False, index=True),
    Column("person", Text, nullable=False),
    Column("problems", Text, nullable=False, default=""),
    Column("index_id", String(64), nullable=False, default="", index=True),
    Column("changed_ms", BigInteger, nullable=False),
)
"""Rows of a batch (批量预制): ``pre-made``, ``claimed``, ``present`` (has a card already), ``repair``, ``refused``."""

temporary_cards = Table(
    "temporary_cards",
    metadata,
    Column("number", String(20), primary_key=True),
    Column("institution", String(36), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("sex", String(1), nullable=False),
    Column("age", Integer, nullable=False),
    Column("clinic_ms", BigInteger, nullable=False),
    Column("issued_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("index_id", String(64), nullable=False, default=""),
    Column("bound_ms", BigInteger),
)
"""Temporary cards: valid in the issuing institution alone, until bound to a formal card."""
