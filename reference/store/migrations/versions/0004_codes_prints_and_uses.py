"""Codes, prints and uses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "codes",
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ecard_id", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("issued_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=True),
        sa.Column("uses_left", sa.Integer(), nullable=True),
        sa.Column("app", sa.String(length=36), nullable=False),
        sa.Column("scene", sa.String(length=16), nullable=False),
        sa.Column("payment", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_codes")),
        sa.UniqueConstraint("ecard_id", "token", name=op.f("uq_codes_ecard_id_token")),
    )
    op.create_table(
        "prints",
        sa.Column("print_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ecard_id", sa.String(length=64), nullable=False),
        sa.Column("printed_ms", sa.BigInteger(), nullable=False),
        sa.Column("medium", sa.String(length=16), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("terminal", sa.String(length=32), nullable=False),
        sa.Column("operator", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("print_id", name=op.f("pk_prints")),
    )
    with op.batch_alter_table("prints", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prints_ecard_id"), ["ecard_id"], unique=False)

    op.create_table(
        "reported_uses",
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("medium", sa.String(length=12), nullable=False),
        sa.Column("card", sa.String(length=64), nullable=False),
        sa.Column("used_ms", sa.BigInteger(), nullable=False),
        sa.Column("terminal", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("department", sa.String(length=10), nullable=False),
        sa.Column("cost_type", sa.String(length=8), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_reported_uses")),
        sa.UniqueConstraint("institution", "serial", name=op.f("uq_reported_uses_institution_serial")),
    )
    with op.batch_alter_table("reported_uses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reported_uses_card"), ["card"], unique=False)
        batch_op.create_index(batch_op.f("ix_reported_uses_used_ms"), ["used_ms"], unique=False)

    op.create_table(
        "uses",
        sa.Column("use_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ecard_id", sa.String(length=64), nullable=False),
        sa.Column("code_id", sa.BigInteger(), nullable=False),
        sa.Column("used_ms", sa.BigInteger(), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("terminal", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("app", sa.String(length=36), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("use_id", name=op.f("pk_uses")),
    )
    with op.batch_alter_table("uses", schema=None) as batch_op:
        batch_op.create_index("ix_uses_code_id", ["code_id"], unique=False)
        batch_op.create_index("ix_uses_used_ms", ["used_ms"], unique=False)


def downgrade() -> None:
    """Take them back."""
    with op.batch_alter_table("uses", schema=None) as batch_op:
        batch_op.drop_index("ix_uses_used_ms")
        batch_op.drop_index("ix_uses_code_id")

    op.drop_table("uses")
    with op.batch_alter_table("reported_uses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reported_uses_used_ms"))
        batch_op.drop_index(batch_op.f("ix_reported_uses_card"))

    op.drop_table("reported_uses")
    with op.batch_alter_table("prints", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_prints_ecard_id"))

    op.drop_table("prints")
    op.drop_table("codes")
