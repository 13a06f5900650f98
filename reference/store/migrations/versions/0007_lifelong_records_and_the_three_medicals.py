"""Lifelong records, the entry to care, insurance and drugs, retention, and more of prints and reported uses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "fusion_entries",
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("entered_by", sa.String(length=20), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_fusion_entries")),
        sa.UniqueConstraint("institution", "request", name=op.f("uq_fusion_entries_institution_request")),
    )
    with op.batch_alter_table("fusion_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fusion_entries_index_id"), ["index_id"], unique=False)
        batch_op.create_index("ix_fusion_entries_visit", ["institution", "visit"], unique=False)

    op.create_table(
        "record_authorisations",
        sa.Column("authorisation_id", sa.String(length=32), nullable=False),
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("granted_by", sa.String(length=64), nullable=False),
        sa.Column("granted_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("revoked_by", sa.String(length=64), nullable=False),
        sa.Column("revoked_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("authorisation_id", name=op.f("pk_record_authorisations")),
    )
    with op.batch_alter_table("record_authorisations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_authorisations_index_id"), ["index_id"], unique=False)

    op.create_table(
        "record_openings",
        sa.Column("opening_id", sa.String(length=32), nullable=False),
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("operator", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("authorisation_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("opening_id", name=op.f("pk_record_openings")),
    )
    with op.batch_alter_table("record_openings", schema=None) as batch_op:
        batch_op.create_index("ix_record_openings_index_id", ["index_id", "at_ms"], unique=False)

    op.create_table(
        "record_references",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("locator", sa.String(length=256), nullable=False),
        sa.Column("domain", sa.String(length=64), nullable=False),
        sa.Column("local_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("dated", sa.String(length=8), nullable=False),
        sa.Column("registered_ms", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record_references")),
        sa.UniqueConstraint("institution", "locator", name=op.f("uq_record_references_institution_locator")),
    )
    with op.batch_alter_table("record_references", schema=None) as batch_op:
        batch_op.create_index("ix_record_references_patient", ["domain", "local_id", "dated"], unique=False)

    op.create_table(
        "retention_progress",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_retention_progress")),
    )
    op.create_table(
        "fusion_numbers",
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("flow", sa.String(length=8), nullable=False),
        sa.Column("part", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("joined_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["fusion_entries.entry_id"], name=op.f("fk_fusion_numbers_entry_id_fusion_entries")
        ),
        sa.PrimaryKeyConstraint("entry_id", "flow", "part", "number", name=op.f("pk_fusion_numbers")),
    )
    with op.batch_alter_table("fusion_numbers", schema=None) as batch_op:
        batch_op.create_index("ix_fusion_numbers_number", ["number"], unique=False)

    op.create_table(
        "fusion_parts",
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("message", sa.String(length=200), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["fusion_entries.entry_id"], name=op.f("fk_fusion_parts_entry_id_fusion_entries")
        ),
        sa.PrimaryKeyConstraint("entry_id", "part", name=op.f("pk_fusion_parts")),
    )
    op.create_table(
        "settlements",
        sa.Column("settlement_id", sa.String(length=32), nullable=False),
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("bill", sa.String(length=64), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("begun_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["fusion_entries.entry_id"], name=op.f("fk_settlements_entry_id_fusion_entries")
        ),
        sa.PrimaryKeyConstraint("settlement_id", name=op.f("pk_settlements")),
        sa.UniqueConstraint("institution", "bill", name=op.f("uq_settlements_institution_bill")),
    )
    with op.batch_alter_table("settlements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_settlements_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index("ix_settlements_state", ["state", "changed_ms"], unique=False)

    op.create_table(
        "money_movements",
        sa.Column("settlement_id", sa.String(length=32), nullable=False),
        sa.Column("payer", sa.String(length=12), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlements.settlement_id"], name=op.f("fk_money_movements_settlement_id_settlements")
        ),
        sa.PrimaryKeyConstraint("settlement_id", "payer", name=op.f("pk_money_movements")),
    )
    with op.batch_alter_table("codes", schema=None) as batch_op:
        batch_op.create_index("ix_codes_expires_ms", ["expires_ms", "code_id"], unique=False)

    with op.batch_alter_table("prints", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revoked_ms", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("reported_uses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("city", sa.String(length=7), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("reset_number", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("holder_index_id", sa.String(length=64), nullable=False, server_default=""))

    # Cards that were linked before become cross-references of the master index, as those linked from now on.
    op.execute(
        sa.text(
            "INSERT INTO index_references (domain, local_id, index_id, linked_ms) "
            "SELECT medium || ':' || issuer, number, index_id, linked_ms FROM media "
            "WHERE NOT EXISTS (SELECT 1 FROM index_references AS known "
            "WHERE known.domain = media.medium || ':' || media.issuer AND known.local_id = media.number)"
        )
    )


def downgrade() -> None:
    """Take them back."""
    with op.batch_alter_table("reported_uses", schema=None) as batch_op:
        batch_op.drop_column("holder_index_id")
        batch_op.drop_column("reset_number")
        batch_op.drop_column("city")

    with op.batch_alter_table("prints", schema=None) as batch_op:
        batch_op.drop_column("revoked_ms")

    with op.batch_alter_table("codes", schema=None) as batch_op:
        batch_op.drop_index("ix_codes_expires_ms")

    op.drop_table("money_movements")
    with op.batch_alter_table("settlements", schema=None) as batch_op:
        batch_op.drop_index("ix_settlements_state")
        batch_op.drop_index(batch_op.f("ix_settlements_entry_id"))

    op.drop_table("settlements")
    op.drop_table("fusion_parts")
    with op.batch_alter_table("fusion_numbers", schema=None) as batch_op:
        batch_op.drop_index("ix_fusion_numbers_number")

    op.drop_table("fusion_numbers")
    op.drop_table("retention_progress")
    with op.batch_alter_table("record_references", schema=None) as batch_op:
        batch_op.drop_index("ix_record_references_patient")

    op.drop_table("record_references")
    with op.batch_alter_table("record_openings", schema=None) as batch_op:
        batch_op.drop_index("ix_record_openings_index_id")

    op.drop_table("record_openings")
    with op.batch_alter_table("record_authorisations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_authorisations_index_id"))

    op.drop_table("record_authorisations")
    with op.batch_alter_table("fusion_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_fusion_entries_visit")
        batch_op.drop_index(batch_op.f("ix_fusion_entries_index_id"))

    op.drop_table("fusion_entries")
