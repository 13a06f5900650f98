"""Tables of access (接入管理): institutions, applications, terminals, requests seen, quotas used, access tokens."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text

from reference.store.metadata import metadata

institutions = Table(
    "institutions",
    metadata,
    Column("code", String(36), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("kind", String(8), nullable=False, default=""),
    Column("level", String(8), nullable=False, default=""),
    Column("hierarchy", String(8), nullable=False, default=""),
    Column("address", String(256), nullable=False, default=""),
    Column("access_method", String(8), nullable=False, default=""),
    Column("contact", String(100), nullable=False, default=""),
    Column("valid_until", String(8), nullable=False, default=""),
    Column("state", String(12), nullable=False),
    Column("scopes", Text, nullable=False, default=""),
    Column("user_name", String(32), nullable=False, default=""),
    Column("password_salt", LargeBinary(16), nullable=False, default=b""),
    Column("password_digest", LargeBinary(32), nullable=False, default=b""),
    Column("changed_ms", BigInteger, nullable=False),
)
"""``state``: ``in-service``, ``suspended`` or ``closed``; ``scopes``: names of verbs, separated by blanks."""

apps = Table(
    "apps",
    metadata,
    Column("app_id", String(36), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("owner", String(100), nullable=False, default=""),
    Column("profile", String(16), nullable=False),
    Column("institution", String(36), nullable=False, default=""),
    Column("state", String(12), nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("record_number", String(32), nullable=False, default=""),
    Column("scopes", Text, nullable=False, default=""),
    Column("daily_quota", Integer, nullable=False, default=0),
    Column("valid_from_ms", BigInteger, nullable=False),
    Column("valid_until_ms", BigInteger),
    Column("changed_ms", BigInteger, nullable=False),
)
"""``state``: ``applied``, ``testing``, ``approved``, ``suspended`` or ``revoked``; ``daily_quota`` 0 is without limit;
``sealed_secret`` is the app secret enciphered by the crypto machine, so that the database alone gives nothing away."""

terminals = Table(
    "terminals",
    metadata,
    Column("terminal_id", String(32), primary_key=True),
    Column("institution", String(36), nullable=False, index=True),
    Column("department", String(10), nullable=False, default=""),
    Column("kind", String(16), nullable=False, default=""),
    Column("software", String(32), nullable=False, default=""),
    Column("test_certificate", String(64), nullable=False, default=""),
    Column("place", String(100), nullable=False, default=""),
    Column("state", String(12), nullable=False),
    Column("heard_ms", BigInteger),
    Column("changed_ms", BigInteger, nullable=False),
)
"""``state``: ``in-service``, ``repair``, ``blocked`` or ``retired``; a retired identifier is never used again."""

requests_seen = Table(
    "requests_seen",
    metadata,
    Column("sent_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("app", String(36), primary_key=True),
    Column("mark", String(32), primary_key=True),
    sqlite_with_rowid=False,
)
"""Nonces, or digests where a profile has no nonce, within the time window (decisions, platform); ``mark`` is the first
half of the SM3 digest of either. The signed time of sending comes first: a replay has it too, and requests of the same
minutes stand side by side on the disk."""

quota_used = Table(
    "quota_used",
    metadata,
    Column("app", String(36), primary_key=True),
    Column("day", String(8), primary_key=True),
    Column("used", BigInteger, nullable=False),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("app", String(36), primary_key=True),
    Column("token_digest", String(64), nullable=False, unique=True),
    Column("expires_ms", BigInteger, nullable=False),
)
"""One token an app: a new one voids the old (Tencent getAppToken)."""
