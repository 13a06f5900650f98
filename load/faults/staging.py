"""The faults that this tool stages itself, on a platform of which it started the processes.

Follows proc(5) and prlimit(2): Linux alone; no right of an administrator is needed. Source: decision.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import Final, NamedTuple

from conformance.evidence.staged_faults import StagedFault
from load.faults.episode import LOOK_EVERY, Comes, Staged
from load.faults.killing import Killer
from load.faults.promises import seconds
from load.faults.serving import PROJECT, Serving
from reference.languages import say
from reference.ports import ProductUnreachable
from reference.store import Store

MACHINE: Final = (sys.executable, "-m", "healthcard", "simulate", "crypto-machine")
MACHINE_SECONDS: Final = 60.0
"""How long the simulated crypto machine may take to start, and to end (decision)."""
WORKERS: Final = 2
KILL_EVERY: Final = 1.0
"""Seconds between two kills (decision)."""
OWN_FAULTS: Final[tuple[StagedFault, ...]] = ("crypto-machine", "database", "disk-full", "worker-killed")
"""Not the clock: that of a machine is nobody's to step in a test."""


class Own(NamedTuple):
    """What a fault needs: further options of ``healthcard serve``, and how it comes over a server on a store."""

    arguments: tuple[str, ...]
    comes: Callable[[Serving, Store], Comes]


@contextmanager
def own(fault: StagedFault) -> Iterator[Own]:
    """The fault, with whatever must stand before the server starts. Raises ProductUnreachable."""
    if fault == "crypto-machine":
        with Machine() as machine:
            yield Own(("--crypto-machine", machine.address), lambda served, store: held(machine.lost))
    elif fault == "worker-killed":
        yield Own(("--workers", str(WORKERS)), lambda served, store: lambda staged: worker_killed(served, staged))
    else:
        holds = write_lock_held if fault == "database" else disk_full
        yield Own((), lambda served, store: held(lambda: holds(served, store)))


def held(holds: Callable[[], AbstractContextManager[None]]) -> Comes:
    """A fault that is there at once, and gone at once."""

    @asynccontextmanager
    async def comes(staged: Staged) -> AsyncIterator[None]:
        with holds():
            yield

    return comes


@contextmanager
def write_lock_held(served: Serving, store: Store) -> Iterator[None]:
    """Another process writes to the database, and does not come to an end."""
    with store.engine.begin():
        yield


@contextmanager
def disk_full(served: Serving, store: Store) -> Iterator[None]:
    """No file of the server takes another byte."""
    workers = served.workers()
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in workers}
    for pid, (_, hard) in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        for pid, before in limits.items():
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    """Processes stand still, all at once, and go on."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def worker_killed(served: Serving, staged: Staged) -> AsyncIterator[None]:
    """Workers are killed one after the other; at the end the last one's place is waited for, as long as it may take."""
    killer = Killer(served, WORKERS, KILL_EVERY, lambda: 1.0)
    watching = asyncio.create_task(killer.watch())
    try:
        async with asyncio.timeout(MACHINE_SECONDS):
            while not killer.kills:
                await asyncio.sleep(LOOK_EVERY)
        yield
        killer.spare()
        while killer.waiting and killer.longest_gap <= seconds("fault.worker-killed.recovery"):
            await asyncio.sleep(LOOK_EVERY)
    finally:
        watching.cancel()
        staged.kills, staged.longest_gap = killer.kills, round(killer.longest_gap, 3)


class Machine:
    """A simulated crypto machine in a process of its own, that can be lost and come back at the same address."""

    def __init__(self) -> None:
        self.address = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Machine:
        self._start("0")
        return self

    def __exit__(self, *raised: object) -> None:
        self._lose()

    @contextmanager
    def lost(self) -> Iterator[None]:
        """The machine is gone, and comes back."""
        self._lose()
        try:
            yield
        finally:
            self._start(self.address.rpartition(":")[2])

    def _start(self, port: str) -> None:
        process = self._process = subprocess.Popen(  # noqa: S603 - a command of ours
            [*MACHINE, "--port", port],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
        )
        assert process.stdout is not None
        # A machine that says nothing is ended, so that reading its words ends too.
        late = threading.Timer(MACHINE_SECONDS, process.kill)
        late.start()
        try:
            found = next((match for line in process.stdout if (match := re.search(r"127\.0\.0\.1:\d+", line))), None)
        finally:
            late.cancel()
        if found is None:
            self._lose()
            raise ProductUnreachable(
                say("The simulated crypto machine"),
                say("did not start."),
                say("Start it by hand to see why: healthcard simulate crypto-machine"),
            )
        self.address = found[0]

    def _lose(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(MACHINE_SECONDS)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None
