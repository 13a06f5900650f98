"""Accounts and what hangs on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "accounts",
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("ecard_id", sa.String(length=64), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("id_type", sa.String(length=2), nullable=False),
        sa.Column("id_number", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("birthday", sa.String(length=8), nullable=False),
        sa.Column("nation", sa.String(length=2), nullable=False),
        sa.Column("nationality", sa.String(length=3), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("telephone", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=256), nullable=False),
        sa.Column("domicile", sa.String(length=256), nullable=False),
        sa.Column("employer", sa.String(length=100), nullable=False),
        sa.Column("marital_status", sa.String(length=2), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("guardian_index_id", sa.String(length=64), nullable=False),
        sa.Column("birth_order", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Integer(), nullable=False),
        sa.Column("survivor", sa.String(length=64), nullable=False),
        sa.Column("proof", sa.String(length=16), nullable=False),
        sa.Column("clerk", sa.String(length=100), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("app", sa.String(length=36), nullable=False),
        sa.Column("registered_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("index_id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("ecard_id", name=op.f("uq_accounts_ecard_id")),
        sa.UniqueConstraint("id_type", "id_number", name=op.f("uq_accounts_id_type_id_number")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index("ix_accounts_name", ["name"], unique=False)
        batch_op.create_index("ix_accounts_registered_ms", ["registered_ms"], unique=False)

    op.create_table(
        "aliases",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_aliases")),
    )
    with op.batch_alter_table("aliases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_aliases_index_id"), ["index_id"], unique=False)

    op.create_table(
        "prefabrication_batches",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("submitted_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_prefabrication_batches")),
        sa.UniqueConstraint("institution", "digest", name=op.f("uq_prefabrication_batches_institution_digest")),
    )
    op.create_table(
        "temporary_cards",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("age", sa.Integer(), nullable=False),
        sa.Column("clinic_ms", sa.BigInteger(), nullable=False),
        sa.Column("issued_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("bound_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_temporary_cards")),
    )
    with op.batch_alter_table("temporary_cards", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_temporary_cards_institution"), ["institution"], unique=False)

    op.create_table(
        "applications",
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("submitted_by", sa.String(length=64), nullable=False),
        sa.Column("submitted_ms", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["index_id"], ["accounts.index_id"], name=op.f("fk_applications_index_id_accounts"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_applications")),
    )
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_applications_index_id"), ["index_id"], unique=False)

    op.create_table(
        "bank_cards",
        sa.Column("binding_id", sa.String(length=32), nullable=False),
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=16), nullable=False),
        sa.Column("masked_number", sa.String(length=24), nullable=False),
        sa.Column("bank_token", sa.String(length=64), nullable=False),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column("bound_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["index_id"], ["accounts.index_id"], name=op.f("fk_bank_cards_index_id_accounts"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("binding_id", name=op.f("pk_bank_cards")),
        sa.UniqueConstraint("index_id", "bank_token", name=op.f("uq_bank_cards_index_id_bank_token")),
    )
    with op.batch_alter_table("bank_cards", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_cards_index_id"), ["index_id"], unique=False)

    op.create_table(
        "media",
        sa.Column("medium", sa.String(length=20), nullable=False),
        sa.Column("issuer", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("linked_ms", sa.BigInteger(), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["index_id"], ["accounts.index_id"], name=op.f("fk_media_index_id_accounts"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("medium", "issuer", "number", name=op.f("pk_media")),
    )
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_index_id"), ["index_id"], unique=False)

    op.create_table(
        "members",
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("relation", sa.String(length=2), nullable=False),
        sa.Column("bound_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder"], ["accounts.index_id"], name=op.f("fk_members_holder_accounts"), onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member"], ["accounts.index_id"], name=op.f("fk_members_member_accounts"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("holder", "member", name=op.f("pk_members")),
    )
    op.create_table(
        "prefabrication_rows",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["prefabrication_batches.batch_id"],
            name=op.f("fk_prefabrication_rows_batch_id_prefabrication_batches"),
        ),
        sa.PrimaryKeyConstraint("batch_id", "row", name=op.f("pk_prefabrication_rows")),
    )
    with op.batch_alter_table("prefabrication_rows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prefabrication_rows_index_id"), ["index_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_prefabrication_rows_state"), ["state"], unique=False)


def downgrade() -> None:
    """Take them back."""
    with op.batch_alter_table("prefabrication_rows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_prefabrication_rows_state"))
        batch_op.drop_index(batch_op.f("ix_prefabrication_rows_index_id"))

    op.drop_table("prefabrication_rows")
    op.drop_table("members")
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_index_id"))

    op.drop_table("media")
    with op.batch_alter_table("bank_cards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_cards_index_id"))

    op.drop_table("bank_cards")
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_applications_index_id"))

    op.drop_table("applications")
    with op.batch_alter_table("temporary_cards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_temporary_cards_institution"))

    op.drop_table("temporary_cards")
    op.drop_table("prefabrication_batches")
    with op.batch_alter_table("aliases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_aliases_index_id"))

    op.drop_table("aliases")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index("ix_accounts_registered_ms")
        batch_op.drop_index("ix_accounts_name")

    op.drop_table("accounts")
