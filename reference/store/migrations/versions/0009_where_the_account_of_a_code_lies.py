"""Accounts have a number of the database's own, and a code says which number the account of its card has.

Static codes, which hold for years, are told theirs here; dynamic ones end within minutes, and are found without it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

REFERRING = {
    "applications": ("index_id",),
    "bank_cards": ("index_id",),
    "media": ("index_id",),
    "members": ("holder", "member"),
}
"""Columns that refer to an account by its index id."""
ACCOUNTS_OF_STATIC_CODES = (
    "UPDATE codes SET account_id = (SELECT account_id FROM accounts WHERE accounts.ecard_id = codes.ecard_id) "
    "WHERE token = ''"
)


def upgrade() -> None:
    """Bring the tables forward."""
    # Trap: SQLite makes the table of the accounts anew, and may not drop the old one while others refer to it.
    _let_go()
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("pk_accounts", "accounts", type_="primary")
        op.execute("ALTER TABLE accounts ADD COLUMN account_id BIGSERIAL CONSTRAINT pk_accounts PRIMARY KEY")
        op.create_unique_constraint("uq_accounts_index_id", "accounts", ["index_id"])
    else:
        with op.batch_alter_table("accounts", recreate="always") as batch_op:
            batch_op.drop_constraint("pk_accounts", type_="primary")
            batch_op.add_column(sa.Column("account_id", sa.Integer(), nullable=False))
            batch_op.create_primary_key("pk_accounts", ["account_id"])
            batch_op.create_unique_constraint("uq_accounts_index_id", ["index_id"])
    _refer_again()
    op.add_column("codes", sa.Column("account_id", sa.BigInteger(), nullable=True))
    op.execute(ACCOUNTS_OF_STATIC_CODES)


def downgrade() -> None:
    """Take them back."""
    with op.batch_alter_table("codes", schema=None) as batch_op:
        batch_op.drop_column("account_id")
    _let_go()
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_constraint("pk_accounts", type_="primary")
        batch_op.drop_constraint("uq_accounts_index_id", type_="unique")
        batch_op.drop_column("account_id")
        batch_op.create_primary_key("pk_accounts", ["index_id"])
    _refer_again()


def _let_go() -> None:
    for table, columns in REFERRING.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_constraint(f"fk_{table}_{column}_accounts", type_="foreignkey")


def _refer_again() -> None:
    for table, columns in REFERRING.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.create_foreign_key(
                    f"fk_{table}_{column}_accounts", "accounts", [column], ["index_id"], onupdate="CASCADE"
                )
