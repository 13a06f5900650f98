"""The one collection that every table of the platform's database belongs to.

Tables are declared beside their room's name (`account_tables`, `code_tables`, `access_tables`, `index_tables` …); the
migrations are made from this collection. Times are milliseconds since 1970 UTC, so that both databases compare them
alike; identifiers are text. Personal data stand in columns, never in the audit log.
"""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables, with constraints named alike everywhere, so that migrations can name them."""
