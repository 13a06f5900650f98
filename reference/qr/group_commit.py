"""Group commit: verifications of one process gather while the last group is written, and share one transaction.

One disk write then serves a whole group, and nobody is answered before it. The queue is bounded in length and time: a
platform that cannot keep up says so (``system.busy``) instead of growing slower and slower. Source: decision.

On SQLite with the crypto machine in this process a group is judged in the event loop itself, since a second thread
would fight it for Python's lock at every row; waiting for the write lock and for the disk is a thread's. With
PostgreSQL or a distant machine a thread takes the whole group. Where that stands still, the group is given up: those in
it hear ``system.store``, after which a use may stand all the same, and no other group begins before it has ended.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from reference.ecard.moments import Moment
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, Verified, Verify
from reference.ports import ProductUnreachable
from reference.qr.verification import Admit, Request, verify_group, verify_within
from reference.serving import Surroundings

Answer = Verified | Refusal
T = TypeVar("T")
AdmitGroup = Callable[[Sequence[Any], Connection, Moment], Sequence[Refusal | None]]
"""What is held against the tickets of a group within its transaction; see `reference.qr.verification.Admit`."""


LONGEST = 12.0
"""Seconds that a group is waited for: longer than SQLite waits for its lock. Source: decision."""


class _Waiting:
    __slots__ = ("answer", "request", "since", "ticket")

    def __init__(self, request: Request, ticket: Any, answer: Callable[[Answer], None], since: float) -> None:
        self.request, self.ticket, self.answer, self.since = request, ticket, answer, since


class GroupCommit:
    """A queue of verifications, written group by group; used from one event loop at a time, closed with `close`.

    ``largest`` is the size of a group at most, ``waiting`` how many may wait beside it, ``seconds`` how long one may
    wait before its group begins, ``longest`` how long a group is waited for; ``machine_threads`` how many cards a
    distant crypto machine is asked of at a time, 0 where the machine is in this process. ``admit`` is asked for each
    group first. ``monotonic`` counts seconds.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        largest: int = 256,
        waiting: int = 4096,
        seconds: float = 2.0,
        longest: float = LONGEST,
        machine_threads: int = 0,
        admit: AdmitGroup | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._surroundings = surroundings
        self._largest, self._waiting, self._seconds, self._monotonic = largest, waiting, seconds, monotonic
        self._longest, self._admit = longest, admit
        self._queue: deque[_Waiting] = deque()
        self._closing = self._watched = False
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "group-commit")
        self._machine = ThreadPoolExecutor(machine_threads, "crypto-machine") if machine_threads else None
        self._in_loop = surroundings.store.is_sqlite and self._machine is None

    async def submit(self, caller: Caller, verify: Verify, ticket: Any = None) -> Verified:
        """Verify a code; returns once the use is on the disk. ``ticket`` is what ``admit`` sees of the request.

        Raises Refusal as `reference.qr.verification.verify`, ``system.busy`` when too many wait or one waited too
        long, ``system.store`` when the group could not be written: then nothing of it was counted.
        """
        answered: asyncio.Future[Verified] = asyncio.get_running_loop().create_future()
        self.enter(caller, verify, ticket, functools.partial(_settle, answered))
        return await answered

    def enter(self, caller: Caller, verify: Verify, ticket: Any, answer: Callable[[Answer], None]) -> None:
        """As `submit` for who does not wait: ``answer`` is called once, in the event loop, and raises nothing."""
        if self._closing or len(self._queue) >= self._waiting:
            answer(Refusal("system.busy"))
            return
        self._queue.append(_Waiting((caller, verify), ticket, answer, self._monotonic()))
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write())
        if not self._watched:
            self._watched = True
            loop = asyncio.get_running_loop()
            loop.call_later(self._seconds, self._watch, loop)

    async def close(self) -> None:
        """Take nothing more, write what waits, and end the threads. May be called twice."""
        self._closing = True
        if self._writing is not None:
            await self._writing
        self._thread.shutdown()
        if self._machine is not None:
            self._machine.shutdown()

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Refuse those who waited too long, as long as anybody waits: the database itself may hang."""
        self._refuse_late()
        self._watched = bool(self._queue)
        if self._watched:
            loop.call_later(self._seconds, self._watch, loop)

    def _refuse_late(self) -> None:
        latest = self._monotonic() - self._seconds
        while self._queue and self._queue[0].since < latest:
            self._queue.popleft().answer(Refusal("system.busy"))

    async def _write(self) -> None:
        """Write group after group as long as somebody waits."""
        try:
            while True:
                await asyncio.sleep(0)  # requests that lie ready join the group
                self._refuse_late()
                if not self._queue:
                    return
                group = [self._queue.popleft() for _ in range(min(self._largest, len(self._queue)))]
                late = asyncio.get_running_loop().call_later(self._longest, _give_up, group)
                answers = await self._verified(group)
                late.cancel()
                if group:
                    for one, answer in zip(group, answers, strict=True):
                        one.answer(answer)
        finally:
            self._writing = None

    async def _verified(self, group: list[_Waiting]) -> Sequence[Answer]:
        requests = [one.request for one in group]
        admit = self._admit and functools.partial(self._admit, [one.ticket for one in group])
        try:
            if self._in_loop:
                return await self._written_in_loop(requests, admit)
            each = self._machine.map if self._machine else None
            return await self._in_thread(verify_group, self._surroundings, requests, each, admit)
        except (SQLAlchemyError, ProductUnreachable):
            return [Refusal("system.store") for _ in requests]
        except Exception:
            # Whatever went wrong, those who wait must hear of it, and the others must be served.
            return [Refusal("system.failure") for _ in requests]

    async def _written_in_loop(self, requests: list[Request], admit: Admit | None) -> list[Answer]:
        transaction = self._surroundings.store.writing()
        try:
            if not transaction.begin_at_once():
                await self._in_thread(transaction.begin)
            answers = verify_within(self._surroundings, transaction.connection, requests, admit)
            await self._in_thread(transaction.commit)
            return answers
        finally:
            transaction.end()

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


def _give_up(group: list[_Waiting]) -> None:
    """Tell all of a group that its fate is not known; then nobody waits for it."""
    for one in group:
        one.answer(Refusal("system.store"))
    group.clear()


def _settle(answered: asyncio.Future[Verified], answer: Answer) -> None:
    if answered.done():
        return  # whoever asked gave up
    if isinstance(answer, Refusal):
        answered.set_exception(answer)
    else:
        answered.set_result(answer)
