"""Whether one worker can serve: ``/health`` says it of store and crypto machine, in bounded time, whatever they do.

A database that only reads, or hangs, serves nobody: where no use was written lately, a probe writes a row and takes it
back, onto the disk. A part that does not answer in time is failing; it is asked one question at a time, so that a
health page asked every second does not fill the worker with waiting threads. Source: decision (health tells the truth).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import delete, insert
from sqlalchemy.exc import SQLAlchemyError

from reference.ports import CryptoMachine, CryptoMachineRefused, CryptoMachineUnavailable, ProductUnreachable
from reference.serving import Surroundings
from reference.store import Store
from reference.store.access_tables import requests_seen

PATIENCE: Final = 2.0
"""Seconds in which a part has to answer (decision)."""
FRESH: Final = 1.0
"""Seconds for which an answer counts: nobody can make the platform write more often by asking (decision)."""
WRITTEN: Final = ("ok", "code.", "account.")
"""With what the outcomes begin that stand on the disk before they are told."""
MARK: Final = "health"


class Part:
    """One thing that a worker needs; ``ask`` raises when it fails, and may hang."""

    def __init__(self, ask: Callable[[], bool], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._monotonic = ask, monotonic
        self._asked: asyncio.Future[bool] | None = None
        self._well_at = -FRESH

    def seen_well(self) -> None:
        """Note that it just worked."""
        self._well_at = self._monotonic()

    async def well(self, patience: float = PATIENCE) -> bool:
        """Whether it works, as far as it tells in time."""
        if self._monotonic() - self._well_at < FRESH:
            return True
        if self._asked is None or self._asked.done():
            self._asked = asyncio.get_running_loop().create_future()
            # A daemon: a part that hangs must not keep the worker from ending.
            threading.Thread(target=self._answer, args=(self._asked,), daemon=True).start()
        try:
            async with asyncio.timeout(patience):
                answered = await asyncio.shield(self._asked)
        except TimeoutError:
            return False
        if answered:
            self.seen_well()
        return answered

    def _answer(self, asked: asyncio.Future[bool]) -> None:
        answered = self._ask()
        loop = asked.get_loop()
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, asked, answered)


class Health:
    """The parts of one worker by name."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._store = Part(lambda: writes(surroundings.store))
        self._machine = Part(lambda: beats(surroundings.machine))

    def note(self, outcome: str) -> None:
        """Note what was answered: an outcome that was written tells that the store takes writes."""
        if outcome.startswith(WRITTEN):
            self._store.seen_well()

    async def parts(self) -> dict[str, bool]:
        """Whether each part works."""
        store, machine = await asyncio.gather(self._store.well(), self._machine.well())
        return {"store": store, "crypto-machine": machine}


def writes(store: Store) -> bool:
    """Whether a row comes onto the disk, and off it again, so that nothing stays of it."""
    row = {"sent_ms": 0, "app": "", "mark": MARK}
    try:
        with store.begin() as connection:
            connection.execute(insert(requests_seen).values(**row))
            connection.execute(delete(requests_seen).filter_by(**row))
    except (SQLAlchemyError, ProductUnreachable):
        return False
    return True


def beats(machine: CryptoMachine) -> bool:
    """Whether the crypto machine answers."""
    try:
        machine.heartbeat()
    except (CryptoMachineUnavailable, CryptoMachineRefused):
        return False
    return True


def _resolve(asked: asyncio.Future[bool], answered: bool) -> None:
    if not asked.done():
        asked.set_result(answered)
