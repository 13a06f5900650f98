"""Time limits for calls into libraries that cannot be interrupted: each runs in a worker thread and is
waited for.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any


class Expired(Exception):
    """The call did not come back in time; its thread is left to it."""


class TimedCalls:
    """Runs calls one after the other in a thread of their own.

    After `Expired` the thread stays with the call that never came back, and a new one serves the next call.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._orders: queue.SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...]] | None] | None = None
        self._outcomes: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def run(self, limit_s: float, call: Callable[..., Any], *arguments: Any) -> Any:
        """The call's result, or what it raised. Raises Expired after `limit_s` seconds."""
        if self._orders is None:
            self._orders = queue.SimpleQueue()
            self._outcomes = queue.SimpleQueue()
            threading.Thread(target=_work, args=(self._orders, self._outcomes), name=self._name, daemon=True).start()
        self._orders.put((call, arguments))
        try:
            result, error = self._outcomes.get(timeout=limit_s)
        except queue.Empty:
            self.close()
            raise Expired from None
        if error is not None:
            raise error
        return result

    def close(self) -> None:
        """Let the thread end after the call that it is at."""
        if self._orders is not None:
            self._orders.put(None)
            self._orders = None


def _work(
    orders: queue.SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...]] | None],
    outcomes: queue.SimpleQueue[tuple[Any, BaseException | None]],
) -> None:
    while (order := orders.get()) is not None:
        call, arguments = order
        try:
            outcomes.put((call(*arguments), None))
        except BaseException as error:
            outcomes.put((None, error))
