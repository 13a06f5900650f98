"""The supervisor keeps as many workers as were asked for, and takes them all with it; in a process of its own.

It forks: here from a small program, as in service from a parent without threads.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from load.faults.serving import PROJECT

PROGRAM = """
import os, sys, time
from pathlib import Path
from reference.gateway.supervising import Supervisor

def serve():
    (Path(sys.argv[1]) / str(os.getpid())).touch()
    if len(sys.argv) > 2:
        sys.exit(3)
    while True:
        time.sleep(60)

Supervisor(serve, 2).run()
"""
LONGEST = 30.0


@contextmanager
def supervisor(folder: Path, *dies: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), *dies], env=os.environ | {"PYTHONPATH": str(PROJECT)}
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(LONGEST)


def started(folder: Path, count: int) -> set[int]:
    """The workers that ever started, once there are so many."""
    last = time.monotonic() + LONGEST
    while len(found := {int(path.name) for path in folder.iterdir()}) < count and time.monotonic() < last:
        time.sleep(0.02)
    return found


def test_a_worker_that_is_killed_is_replaced_by_another(tmp_path: Path) -> None:
    with supervisor(tmp_path):
        first = started(tmp_path, 2)
        os.kill(min(first), signal.SIGKILL)
        assert len(started(tmp_path, 3)) == 3


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_all_workers_end_with_it(tmp_path: Path, asked: signal.Signals) -> None:
    with supervisor(tmp_path) as process:
        workers = started(tmp_path, 2)
        process.send_signal(asked)
        assert process.wait(LONGEST) == 0
    assert not [pid for pid in workers if os.path.exists(f"/proc/{pid}")]


def test_workers_that_cannot_live_are_not_started_without_a_pause(tmp_path: Path) -> None:
    with supervisor(tmp_path, "at once"):
        began = time.monotonic()
        started(tmp_path, 6)
        assert time.monotonic() - began > 1.5, "two at once, two after a second, two after another"
