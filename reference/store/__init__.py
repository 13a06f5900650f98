"""What the platform keeps: tables, migrations, transactions and the chained audit log.

`Store` is one database, SQLite or PostgreSQL. Every table is declared in a module of this room, so that `metadata` is
whole once the room is imported.
"""

from reference.store import (
    access_tables,
    account_tables,
    audit,
    code_tables,
    fusion_tables,
    index_tables,
    operator_tables,
    record_tables,
    retention_tables,
)
from reference.store.audit import BrokenChain
from reference.store.database import Store, WritingTransaction, lock
from reference.store.metadata import metadata

__all__ = [
    "BrokenChain",
    "Store",
    "WritingTransaction",
    "access_tables",
    "account_tables",
    "audit",
    "code_tables",
    "fusion_tables",
    "index_tables",
    "lock",
    "metadata",
    "operator_tables",
    "record_tables",
    "retention_tables",
]
