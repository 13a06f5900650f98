"""The national index of ours: the same index on a store of its own, with provinces as its domains.

Nation, province and city run the same index (P-EMPI-01): to the nation a province is a domain, and a province's index
id is its local number. Source: P-EMPI-04; who decides by decision (`taking_over`).
"""

from __future__ import annotations

from collections.abc import Callable

from reference.index import exchange, notifying, persons, taking_over
from reference.index.acts import Act
from reference.index.delta import Delta
from reference.index.errors import ExchangeRefused
from reference.index.identity import Identity
from reference.index.national import Answer
from reference.index.registering import register
from reference.languages import say
from reference.store.database import Store

BROADCAST = (notifying.Kind.RENAMED, notifying.Kind.MERGED, notifying.Kind.UNMERGED)


class NationalIndexOfOurs:
    """Implements `NationalIndex` in process. Provinces take part once they are admitted."""

    def __init__(
        self, store: Store, now_ms: Callable[[], int], new_id: Callable[[], str], name: str = "nation"
    ) -> None:
        self._store, self._now_ms, self._new_id, self.name = store, now_ms, new_id, name

    def admit(self, province: str) -> None:
        """Let a province take part from now on; a second time changes nothing."""
        with self._store.begin() as connection:
            if not notifying.is_subscribed(connection, _subscription(province)):
                notifying.subscribe(
                    connection, self._act(province), domain=province, kinds=BROADCAST, name=_subscription(province)
                )

    def ask(self, province: str, identity: Identity) -> Answer:
        """See NationalIndex. Raises ExchangeRefused for a province that was not admitted; IdentityRefused."""
        self._check_admitted(province)
        with self._store.begin() as connection:
            linked = register(connection, self._act(province), identity, province, identity.index_id)
            found = persons.person(connection, linked.index_id)
        return Answer(found.index_id, found.identity, tuple(sorted({known.domain for known in found.references})))

    def announce(self, delta: Delta) -> int:
        """See NationalIndex. Raises ExchangeRefused for a province that was not admitted, or a wrong delta."""
        self._check_admitted(delta.sender)
        with self._store.begin() as connection:
            return taking_over.take_over(connection, self._act(delta.sender), delta, binding=False)

    def broadcast(self, province: str, after: int, limit: int) -> Delta:
        """See NationalIndex. Raises ExchangeRefused for a province that was not admitted."""
        self._check_admitted(province)
        with self._store.read() as connection:
            return exchange.delta_of(connection, self.name, _subscription(province), after, limit)

    def _act(self, province: str) -> Act:
        return Act(province, self._now_ms(), self._new_id)

    def _check_admitted(self, province: str) -> None:
        with self._store.read() as connection:
            if not notifying.is_subscribed(connection, _subscription(province)):
                raise ExchangeRefused(
                    say("The index of {province} takes no part in the exchange. Admit it first.", province=province)
                )


def _subscription(province: str) -> str:
    return f"broadcast-{province}"
