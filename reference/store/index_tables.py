"""Tables of the cross-domain master index (跨域主索引): persons, references, reviews, merges, subscriptions, exchange.

Nothing is moved when two persons turn out to be one, or when a name is corrected: the old row gets a ``successor``,
and whoever asks follows it. So an undoing gives back exactly what was.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from reference.store.metadata import metadata

index_persons = Table(
    "index_persons",
    metadata,
    Column("index_id", String(64), primary_key=True),
    Column("state", String(8), nullable=False),
    Column("successor", String(64), ForeignKey("index_persons.index_id"), index=True),
    Column("id_type", String(2), nullable=False),
    Column("id_number", String(32), nullable=False),
    Column("number_head", String(14), nullable=False),
    Column("name", String(100), nullable=False),
    Column("bare_name", String(100), nullable=False),
    Column("sex", String(1), nullable=False),
    Column("birthday", String(8), nullable=False),
    Column("phone", String(20), nullable=False),
    Column("bare_phone", String(20), nullable=False),
    Column("address", String(256), nullable=False),
    Column("registered_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Index("ix_index_persons_id_number", "id_number"),
    Index("ix_index_persons_number_head", "number_head"),
    Index("ix_index_persons_bare_name", "bare_name", "birthday"),
    Index("ix_index_persons_birthday", "birthday", "sex"),
    Index("ix_index_persons_bare_phone", "bare_phone"),
)
"""One row an index id. ``state`` is ``active``, ``renamed`` (name or number changed) or ``merged``; the last two have a
successor. ``bare_name``, ``bare_phone`` and ``number_head`` (of long numbers) are for searches."""

index_references = Table(
    "index_references",
    metadata,
    Column("domain", String(64), primary_key=True),
    Column("local_id", String(64), primary_key=True),
    Column("index_id", String(64), ForeignKey("index_persons.index_id"), nullable=False, index=True),
    Column("linked_ms", BigInteger, nullable=False),
)
"""Each domain's own number of a person (交叉引用), under the index id that it was registered for."""

index_registrations = Table(
    "index_registrations",
    metadata,
    Column("registration_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("domain", String(64), nullable=False),
    Column("grade", String(8), nullable=False),
    Column("day", String(10), nullable=False),
    Column("index_id", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_index_registrations_day", "day", "domain", "grade"),
)
"""Every registration with its grade, for the statistics; ``day`` is the date in China, ``2026-01-31``."""

index_reviews = Table(
    "index_reviews",
    metadata,
    Column("review_id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("left_id", String(64), ForeignKey("index_persons.index_id"), nullable=False),
    Column("right_id", String(64), ForeignKey("index_persons.index_id"), nullable=False, index=True),
    Column("probability", Float, nullable=False),
    Column("bits", Float, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("submitter", String(64), nullable=False),
    Column("submitted_ms", BigInteger, nullable=False),
    Column("decider", String(64), nullable=False, default=""),
    Column("decided_ms", BigInteger),
    Column("note", String(200), nullable=False, default=""),
    UniqueConstraint("left_id", "right_id"),
    Index("ix_index_reviews_state", "state", "probability"),
)
"""Pairs that a person has to judge (人工复核队列): ``open``, ``approved`` or ``refused``. A pair is asked once."""

index_merges = Table(
    "index_merges",
    metadata,
    Column("merge_id", String(32), primary_key=True),
    Column("merged_id", String(64), ForeignKey("index_persons.index_id"), nullable=False, index=True),
    Column("survivor_id", String(64), ForeignKey("index_persons.index_id"), nullable=False, index=True),
    Column("reason", String(200), nullable=False),
    Column("operator", String(64), nullable=False),
    Column("merged_ms", BigInteger, nullable=False),
    Column("undone_by", String(64), nullable=False, default=""),
    Column("undone_reason", String(200), nullable=False, default=""),
    Column("undone_ms", BigInteger),
)

index_subscriptions = Table(
    "index_subscriptions",
    metadata,
    Column("subscription_id", String(64), primary_key=True),
    Column("subscriber", String(64), nullable=False),
    Column("domain", String(64), nullable=False),
    Column("kinds", String(100), nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("acknowledged", BigInteger, nullable=False),
    Column("subscribed_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
)
"""Who is told of changes (变更订阅): of everybody, or of those whom ``domain`` knows; ``kinds`` separated by blanks."""

index_notifications = Table(
    "index_notifications",
    metadata,
    Column("subscription_id", String(64), ForeignKey("index_subscriptions.subscription_id"), primary_key=True),
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("index_id", String(64), nullable=False),
    Column("other_id", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)
"""What each subscriber is told, numbered without gaps in the order of the changes; kept after acknowledgement."""

index_exchanges = Table(
    "index_exchanges",
    metadata,
    Column("partner", String(64), primary_key=True),
    Column("received", BigInteger, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
)
"""How far each partner's changes have been taken over: the last sequence number."""
