"""Keeps worker processes standing: forked from one that has everything loaded, replaced as soon as one ends.

A worker that starts from nothing loads tables and libraries for seconds, while the others carry its load; a forked one
answers after milliseconds, and shares that memory. Trap: the parent forks, so it has no threads and holds no connection
to a database. Source: decision (a killed worker costs at most the answers that it owed).
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from types import FrameType
from typing import Final

LOOK_EVERY: Final = 0.5
"""Seconds after which a signal to end is heard at the latest (decision)."""
SHORT_LIFE: Final = 1.0
"""A worker that lived no longer is replaced after a pause (decision)."""
PAUSE: Final = 1.0
"""That pause in seconds: a worker that cannot live must not take the others' processor (decision)."""
ENDING: Final = 15.0
"""Seconds for a worker to answer what it has taken before it is killed (decision)."""


@dataclass
class _Place:
    """One worker's place; ``process`` is None while it pauses, until ``due``."""

    process: ForkProcess | None = None
    started: float = 0.0
    due: float = 0.0


class Supervisor:
    """Runs ``serve`` in so many processes until SIGTERM or SIGINT."""

    def __init__(
        self, serve: Callable[[], None], workers: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._serve, self._monotonic = serve, monotonic
        self._places = [_Place() for _ in range(workers)]
        self._ending = False

    def run(self) -> None:
        """Start all workers, replace those that end, and end them all when asked to."""
        before = {number: signal.signal(number, self._end) for number in (signal.SIGTERM, signal.SIGINT)}
        gc.collect()
        gc.freeze()  # What is loaded stays in shared pages: the collector of a worker does not touch it.
        try:
            while not self._ending:
                self._fill()
                running = [place.process.sentinel for place in self._places if place.process is not None]
                wait(running, LOOK_EVERY)
                self._note_ended()
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _fill(self) -> None:
        """Start a worker at every place whose time has come."""
        now = self._monotonic()
        for place in self._places:
            if place.process is None and place.due <= now:
                place.process = multiprocessing.get_context("fork").Process(target=_worker, args=(self._serve,))
                place.process.start()
                place.started = now

    def _note_ended(self) -> None:
        now = self._monotonic()
        for place in self._places:
            if place.process is not None and not place.process.is_alive():
                place.process.join()
                place.process = None
                place.due = now + PAUSE if now - place.started < SHORT_LIFE else now

    def _stop(self) -> None:
        running = [place.process for place in self._places if place.process is not None]
        for process in running:
            process.terminate()
        last = self._monotonic() + ENDING
        for process in running:
            process.join(max(last - self._monotonic(), 0.0))
            if process.is_alive():
                process.kill()
                process.join()

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._ending = True


def _worker(serve: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    serve()
