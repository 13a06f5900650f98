"""Codes are found by their token first, so that those that hold now lie together, and by card in another index."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    with op.batch_alter_table("codes", schema=None) as batch_op:
        batch_op.drop_constraint("uq_codes_ecard_id_token", type_="unique")
        batch_op.create_unique_constraint("uq_codes_token_ecard_id", ["token", "ecard_id"])
        batch_op.create_index("ix_codes_ecard_id", ["ecard_id"], unique=False)


def downgrade() -> None:
    """Take them back."""
    with op.batch_alter_table("codes", schema=None) as batch_op:
        batch_op.drop_index("ix_codes_ecard_id")
        batch_op.drop_constraint("uq_codes_token_ecard_id", type_="unique")
        batch_op.create_unique_constraint("uq_codes_ecard_id_token", ["ecard_id", "token"])
