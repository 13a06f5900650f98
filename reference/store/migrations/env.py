"""How Alembic runs a revision: on the connection that `migrating` opened, inside its transaction."""

from __future__ import annotations

from alembic import context

from reference.store import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
