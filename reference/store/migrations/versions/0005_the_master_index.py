"""The master index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "index_exchanges",
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partner", name=op.f("pk_index_exchanges")),
    )
    op.create_table(
        "index_persons",
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("successor", sa.String(length=64), nullable=True),
        sa.Column("id_type", sa.String(length=2), nullable=False),
        sa.Column("id_number", sa.String(length=32), nullable=False),
        sa.Column("number_head", sa.String(length=14), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("bare_name", sa.String(length=100), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("birthday", sa.String(length=8), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("bare_phone", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=256), nullable=False),
        sa.Column("registered_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["successor"], ["index_persons.index_id"], name=op.f("fk_index_persons_successor_index_persons")
        ),
        sa.PrimaryKeyConstraint("index_id", name=op.f("pk_index_persons")),
    )
    with op.batch_alter_table("index_persons", schema=None) as batch_op:
        batch_op.create_index("ix_index_persons_bare_name", ["bare_name", "birthday"], unique=False)
        batch_op.create_index("ix_index_persons_bare_phone", ["bare_phone"], unique=False)
        batch_op.create_index("ix_index_persons_birthday", ["birthday", "sex"], unique=False)
        batch_op.create_index("ix_index_persons_id_number", ["id_number"], unique=False)
        batch_op.create_index("ix_index_persons_number_head", ["number_head"], unique=False)
        batch_op.create_index(batch_op.f("ix_index_persons_successor"), ["successor"], unique=False)

    op.create_table(
        "index_registrations",
        sa.Column("registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("domain", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.String(length=8), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_index_registrations")),
    )
    with op.batch_alter_table("index_registrations", schema=None) as batch_op:
        batch_op.create_index("ix_index_registrations_day", ["day", "domain", "grade"], unique=False)

    op.create_table(
        "index_subscriptions",
        sa.Column("subscription_id", sa.String(length=64), nullable=False),
        sa.Column("subscriber", sa.String(length=64), nullable=False),
        sa.Column("domain", sa.String(length=64), nullable=False),
        sa.Column("kinds", sa.String(length=100), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), nullable=False),
        sa.Column("subscribed_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_index_subscriptions")),
    )
    op.create_table(
        "index_merges",
        sa.Column("merge_id", sa.String(length=32), nullable=False),
        sa.Column("merged_id", sa.String(length=64), nullable=False),
        sa.Column("survivor_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("operator", sa.String(length=64), nullable=False),
        sa.Column("merged_ms", sa.BigInteger(), nullable=False),
        sa.Column("undone_by", sa.String(length=64), nullable=False),
        sa.Column("undone_reason", sa.String(length=200), nullable=False),
        sa.Column("undone_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_id"], ["index_persons.index_id"], name=op.f("fk_index_merges_merged_id_index_persons")
        ),
        sa.ForeignKeyConstraint(
            ["survivor_id"], ["index_persons.index_id"], name=op.f("fk_index_merges_survivor_id_index_persons")
        ),
        sa.PrimaryKeyConstraint("merge_id", name=op.f("pk_index_merges")),
    )
    with op.batch_alter_table("index_merges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_index_merges_merged_id"), ["merged_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_index_merges_survivor_id"), ["survivor_id"], unique=False)

    op.create_table(
        "index_notifications",
        sa.Column("subscription_id", sa.String(length=64), nullable=False),
        sa.Column(
            "sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("other_id", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["index_subscriptions.subscription_id"],
            name=op.f("fk_index_notifications_subscription_id_index_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", "sequence", name=op.f("pk_index_notifications")),
    )
    op.create_table(
        "index_references",
        sa.Column("domain", sa.String(length=64), nullable=False),
        sa.Column("local_id", sa.String(length=64), nullable=False),
        sa.Column("index_id", sa.String(length=64), nullable=False),
        sa.Column("linked_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["index_id"], ["index_persons.index_id"], name=op.f("fk_index_references_index_id_index_persons")
        ),
        sa.PrimaryKeyConstraint("domain", "local_id", name=op.f("pk_index_references")),
    )
    with op.batch_alter_table("index_references", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_index_references_index_id"), ["index_id"], unique=False)

    op.create_table(
        "index_reviews",
        sa.Column("review_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("left_id", sa.String(length=64), nullable=False),
        sa.Column("right_id", sa.String(length=64), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("bits", sa.Float(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("submitter", sa.String(length=64), nullable=False),
        sa.Column("submitted_ms", sa.BigInteger(), nullable=False),
        sa.Column("decider", sa.String(length=64), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["left_id"], ["index_persons.index_id"], name=op.f("fk_index_reviews_left_id_index_persons")
        ),
        sa.ForeignKeyConstraint(
            ["right_id"], ["index_persons.index_id"], name=op.f("fk_index_reviews_right_id_index_persons")
        ),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_index_reviews")),
        sa.UniqueConstraint("left_id", "right_id", name=op.f("uq_index_reviews_left_id_right_id")),
    )
    with op.batch_alter_table("index_reviews", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_index_reviews_right_id"), ["right_id"], unique=False)
        batch_op.create_index("ix_index_reviews_state", ["state", "probability"], unique=False)


def downgrade() -> None:
    """Take them back."""
    with op.batch_alter_table("index_reviews", schema=None) as batch_op:
        batch_op.drop_index("ix_index_reviews_state")
        batch_op.drop_index(batch_op.f("ix_index_reviews_right_id"))

    op.drop_table("index_reviews")
    with op.batch_alter_table("index_references", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_index_references_index_id"))

    op.drop_table("index_references")
    op.drop_table("index_notifications")
    with op.batch_alter_table("index_merges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_index_merges_survivor_id"))
        batch_op.drop_index(batch_op.f("ix_index_merges_merged_id"))

    op.drop_table("index_merges")
    op.drop_table("index_subscriptions")
    with op.batch_alter_table("index_registrations", schema=None) as batch_op:
        batch_op.drop_index("ix_index_registrations_day")

    op.drop_table("index_registrations")
    with op.batch_alter_table("index_persons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_index_persons_successor"))
        batch_op.drop_index("ix_index_persons_number_head")
        batch_op.drop_index("ix_index_persons_id_number")
        batch_op.drop_index("ix_index_persons_birthday")
        batch_op.drop_index("ix_index_persons_bare_phone")
        batch_op.drop_index("ix_index_persons_bare_name")

    op.drop_table("index_persons")
    op.drop_table("index_exchanges")
