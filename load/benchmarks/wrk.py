"""Drives a server with Debian's ``wrk`` from one core: fresh bodies out of a file, figures back as an object."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from load.benchmarks.servers import on_core

SCRIPT: Final = Path(__file__).with_name("wrk.lua")
CONNECTIONS: Final = 128
BEYOND: Final = 30
"""Seconds that wrk may take beyond its time."""


class Driven(msgspec.Struct, frozen=True):
    """What wrk did. ``errors`` are those of connections, ``statuses`` the answers beyond 399."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int
    statuses: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class WrkMissing(Exception):
    """The program is not installed; the message says how to."""


def require() -> None:
    """Raise WrkMissing where the program is not installed."""
    if shutil.which("wrk") is None:
        raise WrkMissing("wrk is not installed: apt-get install wrk")


def drive(
    address: str,
    path: str,
    bodies: Path,
    seconds: int,
    core: Sequence[int],
    *,
    once: bool = True,
) -> Driven:
    """Post bodies for some seconds from these cores; ``once``: each a single time, else round and round."""
    require()
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(SCRIPT), address]
    arguments = ["--", str(bodies), path, "once" if once else "round"]
    with on_core(*core):
        ended = subprocess.run(  # noqa: S603 - Debian's program, with arguments of ours
            [*command, *arguments], check=True, capture_output=True, text=True, timeout=seconds + BEYOND
        )
    return msgspec.json.decode(ended.stdout.strip().splitlines()[-1], type=Driven)
