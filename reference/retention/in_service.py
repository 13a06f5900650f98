"""Retention while a platform serves: a pass now and then, and again soon where one stopped before the end.

A pass that fails is told in the log and tried again at its time: verification does not hang on it. Source: decision.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from reference.ports import ProductUnreachable
from reference.retention.purging import purge
from reference.serving import Surroundings

EVERY: Final = 600.0
"""Seconds between two passes. Source: decision."""
SOON: Final = 5.0
"""Seconds until a pass goes on that stopped before the end. Source: decision."""

log = structlog.get_logger("healthcard.retention")


class Retention:
    """The passes of one worker; begun and ended in its event loop. ``sleep`` waits so many seconds."""

    def __init__(self, surroundings: Surroundings, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._surroundings, self._sleep = surroundings, sleep
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Make passes from now on."""
        self._task = asyncio.get_running_loop().create_task(self._pass_after_pass())

    async def end(self) -> None:
        """Make no more; a pass under way is finished. May be called without `begin`."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _pass_after_pass(self) -> None:
        wait = EVERY
        while True:
            await self._sleep(wait)
            # Ended in the midst of a pass, the thread goes on to the end of it.
            wait = await asyncio.shield(asyncio.to_thread(self._pass))

    def _pass(self) -> float:
        """One pass; seconds until the next."""
        try:
            purged = purge(self._surroundings, self._surroundings.clock.now_ms())
        except (SQLAlchemyError, ProductUnreachable) as error:
            log.warning("retention failed", reason=type(error).__name__)
            return EVERY
        return SOON if purged.more else EVERY
