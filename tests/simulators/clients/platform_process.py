"""A demo platform and a front-end as processes of their own, on free loopback ports, ended by their ids."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

LIMIT_S = 60
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@contextmanager
def command(module: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A serving command of a room, and the address that it says it serves at; it answers when this begins."""
    call = f"from {module} import app; app()"
    process = subprocess.Popen(
        [sys.executable, "-c", call, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = ADDRESS.search(line)
        assert found is not None, line + (process.communicate(timeout=LIMIT_S)[1] if not line else "")
        _await_answer(found[0], process)
        yield process, found[0]
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=LIMIT_S)


@contextmanager
def demo_platform(folder: Path) -> Iterator[str]:
    """The address of a demo platform in all wire profiles."""
    database = f"sqlite:///{folder / 'platform.db'}"
    with command("reference.serve_cli", "--demo", "--port", "0", "--database", database) as (_, address):
        yield address


@contextmanager
def demo_front_end(folder: Path, platform: str, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A front-end of the demo institution; its process and its address."""
    spool = str(folder / "front-end.db")
    options = ("--demo", "--port", "0", "--platform", platform, "--spool", spool, *more)
    with command("reference.front_end_cli", *options) as served:
        yield served


def _await_answer(address: str, process: subprocess.Popen[str]) -> None:
    """Wait until something answers: the port listens before its server has started, so that the first request waits."""
    ends = time.monotonic() + LIMIT_S
    with httpx.Client(timeout=LIMIT_S, trust_env=False) as client:
        while True:
            try:
                client.get(address + "/health")
                return
            except httpx.TransportError:
                assert process.poll() is None, process.communicate()[1]
                assert time.monotonic() < ends, "the server has not started"
