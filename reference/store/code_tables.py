"""Tables of the QR codes (二维码管理): what was issued, what was printed, what was used.

Verification reads `accounts` and `codes` and writes `uses` and `codes`: these rows are on the hot path.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, UniqueConstraint

from reference.store.metadata import metadata

_number = BigInteger().with_variant(Integer, "sqlite")

codes = Table(
    "codes",
    metadata,
    Column("code_id", _number, primary_key=True),
    Column("ecard_id", String(64), nullable=False),
    Column("token", String(32), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("state", String(12), nullable=False),
    Column("issued_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger),
    Column("uses_left", Integer),
    Column("app", String(36), nullable=False, default=""),
    Column("scene", String(16), nullable=False, default=""),
    Column("payment", String(256), nullable=False, default=""),
    Column("account_id", BigInteger),
    UniqueConstraint("token", "ecard_id"),
    Index("ix_codes_ecard_id", "ecard_id"),
    Index("ix_codes_expires_ms", "expires_ms", "code_id"),
)
"""One row a code. ``kind`` is ``static`` (empty token) or ``dynamic``; ``state`` is a state of `states.toml`, but a
code that expires stays ``issued``: the clock alone tells. ``uses_left`` counts down to 0; it is empty for codes
without limit. Two dynamic codes of one card never have the same token: it holds nothing but the second of expiry.
The token comes first in their index, so that the codes of a few minutes, which are those verified, lie in a few pages
however many cards there are. ``account_id`` is where the card's account was when the code was issued: verification
looks there first, without the index over card ids, whose pages are as many as the cards. It holds only where that
account has the code's card; otherwise, and where it is empty, the account is found by the card id."""

prints = Table(
    "prints",
    metadata,
    Column("print_id", _number, primary_key=True),
    Column("ecard_id", String(64), nullable=False, index=True),
    Column("printed_ms", BigInteger, nullable=False),
    Column("medium", String(16), nullable=False),
    Column("institution", String(36), nullable=False),
    Column("terminal", String(32), nullable=False, default=""),
    Column("operator", String(64), nullable=False, default=""),
    Column("reason", String(64), nullable=False, default=""),
    Column("revoked_ms", BigInteger),
)
"""Prints and reprints of static codes, on label, slip, wristband or record booklet. ``revoked_ms`` is when the
printed code was revoked; the same text is issued again, so that such a print works again once a new code is."""

uses = Table(
    "uses",
    metadata,
    Column("use_id", _number, primary_key=True),
    Column("ecard_id", String(64), nullable=False),
    Column("code_id", BigInteger, nullable=False, default=0),
    Column("used_ms", BigInteger, nullable=False),
    Column("institution", String(36), nullable=False, default=""),
    Column("terminal", String(32), nullable=False, default=""),
    Column("channel", String(8), nullable=False, default=""),
    Column("step", String(10), nullable=False, default=""),
    Column("app", String(36), nullable=False, default=""),
    Column("outcome", String(40), nullable=False),
    Column("request", String(64), nullable=False, default=""),
    Column("group_id", BigInteger, nullable=False),
    Index("ix_uses_code_id", "code_id"),
    Index("ix_uses_used_ms", "used_ms"),
)
"""Every verification, on disk before its answer; ``outcome`` is ``accepted`` or the id of the refusal. Those written in
one transaction share ``group_id`` and ``used_ms``, and one line of the audit log. The uses of a card are found through
its codes: an index over card ids would put each row into another page, and each page onto the disk."""

reported_uses = Table(
    "reported_uses",
    metadata,
    Column("report_id", _number, primary_key=True),
    Column("institution", String(36), nullable=False),
    Column("serial", String(64), nullable=False),
    Column("medium", String(12), nullable=False),
    Column("card", String(64), nullable=False, index=True),
    Column("used_ms", BigInteger, nullable=False, index=True),
    Column("terminal", String(32), nullable=False, default=""),
    Column("channel", String(8), nullable=False, default=""),
    Column("step", String(10), nullable=False, default=""),
    Column("department", String(10), nullable=False, default=""),
    Column("cost_type", String(8), nullable=False, default=""),
    Column("city", String(7), nullable=False, default=""),
    Column("reset_number", String(64), nullable=False, default=""),
    Column("holder_index_id", String(64), nullable=False, default=""),
    Column("received_ms", BigInteger, nullable=False),
    UniqueConstraint("institution", "serial"),
)
"""Uses of cards that institutions upload afterwards; the same serial of one institution counts once. ``city`` is where,
``reset_number`` what a physical card told of itself on reset, ``holder_index_id`` the index id of the holder whom it
named: his document and name are not kept."""
