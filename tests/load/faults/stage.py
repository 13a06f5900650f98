"""Puts a platform with cards and codes on the stage, in processes of its own, and the faults that can come over it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from load.corpus import Extent, fill
from load.faults.episode import Episode, Staging
from load.faults.promises import Fault
from load.faults.serving import PROJECT, SERVE, Serving, serving
from load.soak.codes import PROFILE, Codes
from reference.gateway import composing, demo
from reference.gateway.settings import ServeSettings
from reference.operating_system import SystemClock
from reference.store import Store

CARDS = 300
CODES = 12_000
"""More than an episode shows."""
SECONDS = 30.0
MACHINE = (sys.executable, "-m", "healthcard", "simulate", "crypto-machine")

StagedFault = Callable[[Serving, Store], AbstractContextManager[None]]


def variation(name: str) -> Sequence[str]:
    """The command of a server with a fault of construction; the right one for an empty name."""
    return (sys.executable, "-m", "tests.load.faults.faulty_server", name, "serve") if name else SERVE


def staged(
    database: str, folder: Path, fault: Fault, part: str, comes: StagedFault, *arguments: str, built: str = ""
) -> Episode:
    """One episode on a fresh platform; ``built`` names a variation of it."""
    settings = ServeSettings(database=database, profiles=(PROFILE,), demo=True)
    store = composing.open_store(settings)
    try:
        cards = fill(store, folder / "cards", CARDS, SystemClock().now_ms(), extent=Extent.VERIFICATION, processes=1)
        demo.furnish(composing.surroundings_of(settings, store))
        cases = list(Codes(store, cards, 1).wave(CODES))
        told = ("--demo", "--profile", PROFILE, "--database", database, *arguments)
        with serving(*told, command=variation(built)) as served:
            staging = Staging(served, store, iter(cases))
            return asyncio.run(staging.run(fault, part, lambda: comes(served, store)))
    finally:
        store.close()


@contextmanager
def write_lock_held(served: Serving, store: Store) -> Iterator[None]:
    """Another process writes to the database, and does not come to an end."""
    with store.engine.begin():
        yield


@contextmanager
def disk_full(served: Serving, store: Store) -> Iterator[None]:
    """No file of the server takes another byte; no right of an administrator is needed."""
    workers = served.workers()
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in workers}
    for pid, (_, hard) in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        for pid, before in limits.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def stopped(pids: Callable[[], list[int]]) -> Iterator[None]:
    """Processes stand still, all at once, and go on."""
    held = pids()
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in held:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


class Machine:
    """A crypto machine in a process of its own, that can be lost and come back at the same address."""

    def __init__(self) -> None:
        self.address = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Machine:
        self._start("0")
        return self

    def __exit__(self, *raised: object) -> None:
        self._lose()

    @contextmanager
    def lost(self, served: Serving, store: Store) -> Iterator[None]:
        """The machine is gone, and comes back."""
        self._lose()
        try:
            yield
        finally:
            self._start(self.address.rpartition(":")[2])

    def _start(self, port: str) -> None:
        self._process = subprocess.Popen(
            [*MACHINE, "--port", port],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
        )
        assert self._process.stdout is not None
        said = []
        last = time.monotonic() + SECONDS
        for line in self._process.stdout:
            said.append(line)
            if found := re.search(r"127\.0\.0\.1:\d+", line):
                self.address = found[0]
                return
            assert time.monotonic() < last
        raise AssertionError(f"the crypto machine did not start: {said}")

    def _lose(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(SECONDS)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None
