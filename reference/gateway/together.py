"""Work of one kind done in one go: what many requests need lies in the processor's caches for all but the first.

Opening a request between two system calls takes more than twice as long as opening a hundred one after the other, and
so does writing an answer. Whoever shares an event loop with others hands such work in; it is done at the loop's next
turn, together with theirs. Source: decision, from measuring the server in service.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

log = structlog.get_logger("healthcard.gateway")


class Together:
    """Gathers work of one kind within one event loop."""

    def __init__(self) -> None:
        self._gathered: list[Callable[[], None]] = []

    def add(self, work: Callable[[], None]) -> None:
        """Do this at the loop's next turn; it should raise nothing, for nobody is there to hear of it."""
        if not self._gathered:
            asyncio.get_running_loop().call_soon(self._do)
        self._gathered.append(work)

    def _do(self) -> None:
        gathered, self._gathered = self._gathered, []
        for work in gathered:
            try:
                work()
            except Exception:
                log.exception("work failed")  # the others' must be done all the same
