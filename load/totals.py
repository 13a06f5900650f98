"""What the platform itself recorded of a run: the other side of the count, read from its database.

Only where the database can be reached: the reference server that `--self` starts, or an address that is named. The use
log is what the platform promises to keep (reference.store, table uses). Source: decision (totals of durable events).
"""

from __future__ import annotations

from sqlalchemy import func, select

from load.judging import RECORDED, Recorded
from load.measuring import Measured
from reference.ecard.verbs import CodeKind
from reference.qr.use_log import ACCEPTED
from reference.store import Store
from reference.store.code_tables import codes, uses

SINGLE_USE_KIND: CodeKind = "dynamic"


class UseCount:
    """Counts the uses that a platform records between its making and `recorded`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last = self._last_use()

    def recorded(self, measured: Measured) -> Recorded:
        """The uses since then, without those of requests that got no readable answer, as far as they carry a number.

        Where a profile carries no number of the request, these stay in and could hide as many lost ones.
        """
        silent = frozenset(measured.silent)
        accepted = refused = 0
        rows = select(uses.c.request, uses.c.outcome).where(uses.c.use_id > self._last)
        with self._store.read() as connection:
            for request, outcome in connection.execution_options(yield_per=10_000).execute(rows):
                if request and request in silent:
                    continue
                if outcome == ACCEPTED:
                    accepted += 1
                elif outcome.startswith(RECORDED):
                    refused += 1
        return Recorded(accepted=accepted, refused=refused, double_uses=self._double_uses())

    def _double_uses(self) -> int:
        """Acceptances of codes with limited uses beyond the one that leaves them none."""
        won = (
            select(func.count().label("times"))
            .select_from(uses.join(codes, codes.c.code_id == uses.c.code_id))
            .where(uses.c.use_id > self._last, uses.c.outcome == ACCEPTED)
            .where(codes.c.kind == SINGLE_USE_KIND, codes.c.uses_left == 0)
            .group_by(uses.c.code_id)
            .subquery()
        )
        extra = select(func.coalesce(func.sum(won.c.times - 1), 0))
        with self._store.read() as connection:
            return int(connection.execute(extra).scalar_one())

    def _last_use(self) -> int:
        with self._store.read() as connection:
            return int(connection.execute(select(func.coalesce(func.max(uses.c.use_id), 0))).scalar_one())
