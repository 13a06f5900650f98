"""Group commit: verifications of one process gather while the last group is written, and share one transaction.

One disk write then serves a whole group, and nobody is answered before it. The queue is bounded in length and time: a
platform that cannot keep up says so (``system.busy``) instead of growing slower and slower. Source: decision.
"""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from reference.ecard.moments import Moment
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, Verified, Verify
from reference.ports import ProductUnreachable
from reference.qr.verification import Request, verify_group
from reference.serving import Surroundings

Answer = Verified | Refusal
AdmitGroup = Callable[[Sequence[Any], Connection, Moment], Sequence[Refusal | None]]
"""What is held against the tickets of a group within its transaction; see `reference.qr.verification.Admit`."""


@dataclass(slots=True)
class _Waiting:
    request: Request
    ticket: Any
    future: asyncio.Future[Verified]
    loop: asyncio.AbstractEventLoop
    since: float


class GroupCommit:
    """A queue of verifications with one worker thread; used from event loops, closed with `close`.

    ``largest`` is the size of a group at most, ``waiting`` how many may wait beside it, ``seconds`` how long one may
    wait before its group begins; ``machine_threads`` how many cards a distant crypto machine is asked of at a time, 0
    where the machine is in this process. ``admit`` is asked for each group first. ``monotonic`` counts seconds.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        largest: int = 256,
        waiting: int = 4096,
        seconds: float = 2.0,
        machine_threads: int = 0,
        admit: AdmitGroup | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._surroundings = surroundings
        self._largest, self._waiting, self._seconds, self._monotonic = largest, waiting, seconds, monotonic
        self._admit = admit
        self._queue: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._closing = self._watched = False
        self._machine = ThreadPoolExecutor(machine_threads, "crypto-machine") if machine_threads else None
        self._thread = threading.Thread(target=self._work, name="group-commit", daemon=True)
        self._thread.start()

    async def submit(self, caller: Caller, verify: Verify, ticket: Any = None) -> Verified:
        """Verify a code; returns once the use is on the disk. ``ticket`` is what ``admit`` sees of the request.

        Raises Refusal as `reference.qr.verification.verify`, ``system.busy`` when too many wait or one waited too
        long, ``system.store`` when the group could not be written: then nothing of it was counted.
        """
        loop = asyncio.get_running_loop()
        one = _Waiting((caller, verify), ticket, loop.create_future(), loop, self._monotonic())
        with self._changed:
            if self._closing or len(self._queue) >= self._waiting:
                raise Refusal("system.busy")
            self._queue.append(one)
            self._changed.notify()
            watched, self._watched = self._watched, True
        if not watched:
            loop.call_later(self._seconds, self._watch, loop)
        return await one.future

    def close(self) -> None:
        """Take nothing more, write what waits, and end the worker. May be called twice."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        if self._machine is not None:
            self._machine.shutdown()

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Refuse those who waited too long, as long as anybody waits: the worker itself may hang in the database."""
        with self._changed:
            late = self._late()
            self._watched = bool(self._queue) and not loop.is_closed()
        _answer(late, [Refusal("system.busy") for _ in late])
        if self._watched:
            loop.call_later(self._seconds, self._watch, loop)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._queue and not self._closing:
                    self._changed.wait()
                late = self._late()
                group = [self._queue.popleft() for _ in range(min(self._largest, len(self._queue)))]
                ended = self._closing and not group
            _answer(late, [Refusal("system.busy") for _ in late])
            if group:
                _answer(group, self._verified(group))
            if ended:
                return

    def _late(self) -> list[_Waiting]:
        """Take those out of the queue who waited too long; the lock is held."""
        latest = self._monotonic() - self._seconds
        late = []
        while self._queue and self._queue[0].since < latest:
            late.append(self._queue.popleft())
        return late

    def _verified(self, ready: list[_Waiting]) -> list[Answer]:
        requests, each = [one.request for one in ready], self._machine.map if self._machine else None
        admit = self._admit and functools.partial(self._admit, [one.ticket for one in ready])
        try:
            return verify_group(self._surroundings, requests, each, admit)
        except (SQLAlchemyError, ProductUnreachable):
            return [Refusal("system.store") for _ in requests]
        except Exception:
            # Whatever went wrong, those who wait must hear of it, and the worker must live on for the others.
            return [Refusal("system.failure") for _ in requests]


def _answer(group: list[_Waiting], answers: list[Answer]) -> None:
    """Hand the answers to the event loops that wait for them, one call a loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Verified], Answer]]] = {}
    for one, answer in zip(group, answers, strict=True):
        by_loop.setdefault(one.loop, []).append((one.future, answer))
    for loop, answered in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(functools.partial(_resolve, answered))


def _resolve(answered: list[tuple[asyncio.Future[Verified], Answer]]) -> None:
    for future, answer in answered:
        if future.done():
            continue
        if isinstance(answer, Refusal):
            future.set_exception(answer)
        else:
            future.set_result(answer)
