"""Servers for benchmarks, each a process of its own on one core and a free loopback port, ended by its process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

START_SECONDS: Final = 90.0
ASKING_SECONDS: Final = 5.0
PROJECT: Final = Path(__file__).parents[2]


class Cores(NamedTuple):
    """On which cores server and client run."""

    server: int
    client: int


def cores() -> Cores:
    """The first and the last core that this process may use; the same one on a machine with one."""
    usable = os.sched_getaffinity(0)
    return Cores(min(usable), max(usable))


class Server(NamedTuple):
    """A running server: where it answers, and its process."""

    address: str
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time of the server and its workers so far: on a shared machine steadier than the clock's."""
        return sum(map(_cpu_seconds, [self.pid, *_children(self.pid)]))


def end_in_order() -> None:
    """Let SIGTERM end this process as an exception does, so that the servers it started end too."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


@contextmanager
def on_core(*wanted: int) -> Iterator[None]:
    """Processes started inside run on these cores alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, wanted)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def gateway(database: str, *arguments: str, core: Sequence[int]) -> Iterator[Server]:
    """The reference gateway as ``healthcard serve`` starts it, on the database."""
    with _free_port() as port:
        pass
    command = ("-m", "healthcard", "serve", "--demo", "--profile", "sichuan", "--database", database)
    with _running([*command, "--port", str(port), *arguments], port, "/health", core) as server:
        yield server


@contextmanager
def bare(core: Sequence[int]) -> Iterator[Server]:
    """The yardstick `load.benchmarks.bare`, served as the gateway is."""
    with _free_port() as port:
        pass
    command = ("-m", "uvicorn", "load.benchmarks.bare:application", "--loop", "uvloop", "--http", "httptools")
    quiet = ("--no-access-log", "--log-level", "warning", "--no-server-header", "--no-date-header")
    with _running([*command, *quiet, "--port", str(port)], port, "", core) as server:
        yield server


@contextmanager
def _running(command: Sequence[str], port: int, health: str, core: Sequence[int]) -> Iterator[Server]:
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    with on_core(*core):
        process = subprocess.Popen([sys.executable, *command], env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(process, address, port, health)
        yield Server(address, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], address: str, port: int, health: str) -> None:
    """Wait until it answers. Raises RuntimeError when it ends or stays silent."""
    last = time.monotonic() + START_SECONDS
    while time.monotonic() < last and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            if health:
                urllib.request.urlopen(address + health, timeout=ASKING_SECONDS).close()  # noqa: S310 - loopback
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server at {address} did not start: exit code {process.poll()}")


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process, from proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    """The processes that it started and that still run."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]
