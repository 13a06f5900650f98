"""Locust's own ways of running, in every wire profile: headless, master and workers, and its web page.

Real processes on loopback, the ways at once against one server, each with cases of its own.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

import msgspec
import pytest

from load.cases import read_cases, write_cases
from load.measuring import Measured
from load.running import LOCUSTFILE
from load.self_target import self_target
from reference.gateway.profiles import CLIENTS

PROJECT = Path(__file__).parents[2]
RATE, SECONDS = 20, 1
COUNT = RATE * SECONDS
WAYS = 3
TIME_LIMIT = 240.0
WORKED_OFF = "generators measured, to the end"
USERS = ("--users", "4", "--spawn-rate", "4")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def locust(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Locust process, ended by its process id."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--exit-code-on-error", "0", *arguments],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(PROJECT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said_until(stream: IO[str] | None, words: str) -> str:
    """What a process says up to a line with some words, or to its end."""
    assert stream is not None
    said = []
    for line in stream:
        said.append(line)
        if words in line:
            break
    return "".join(said)


def asked_for(url: str, cases: Path, profile: str, measured: Path) -> list[str]:
    return [
        *("--host", url, "--cases", str(cases), "--wire-profile", profile, "--measured", str(measured)),
        *("--rate", str(RATE), "--duration", str(SECONDS)),
    ]


def got(url: str, form: dict[str, str] | None = None) -> bytes:
    data = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(url, data, TIME_LIMIT) as answer:
        return bytes(answer.read())


def await_listener(port: int) -> None:
    """Connect until somebody answers; Locust says that it starts a moment before it listens."""
    last = time.monotonic() + TIME_LIMIT
    while time.monotonic() < last:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), TIME_LIMIT):
            return
    raise TimeoutError(f"nobody listens at {port}")


def require_right(measured: Path, generators: int) -> None:
    """All of the schedule was answered, and nothing of it was wrong."""
    found = msgspec.msgpack.decode(measured.read_bytes(), type=Measured)
    counts = found.counts
    assert found.wrong == ()
    assert counts.faults == {}
    assert (counts.scheduled, counts.started, counts.answered, counts.unserved) == (COUNT, COUNT, COUNT, 0)
    assert (found.generators, found.ended) == (generators, True)


def worked_at_the_page(page: str, process: subprocess.Popen[str]) -> None:
    """Start a run as somebody at the page does, and look at its statistics when it is over."""
    said_until(process.stdout, "Starting Locust")
    await_listener(urllib.parse.urlsplit(page).port or 0)
    assert b"rate" in got(page)
    assert json.loads(got(f"{page}/swarm", {"user_count": "4", "spawn_rate": "4"}))["success"]
    said = said_until(process.stdout, WORKED_OFF)
    assert WORKED_OFF in said, said
    shown = json.loads(got(f"{page}/stats/requests"))
    assert shown["fail_ratio"] == 0
    *kinds, together = shown["stats"]
    assert together["num_requests"] == COUNT == sum(kind["num_requests"] for kind in kinds)
    assert 0 < together["min_response_time"] <= together["avg_response_time"] <= together["max_response_time"]
    assert together["avg_content_length"] > 0


class Way(NamedTuple):
    """A way of running: the processes it takes, and the address of its page where it has one."""

    commands: list[list[str]]
    page: str = ""


def ways(told: Sequence[list[str]]) -> list[Way]:
    """Alone, as a master with two workers, and with a page."""
    alone, distributed, page = told
    port, web = str(free_port()), str(free_port())
    master = ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--expect-workers", "2"]
    worker = ["--worker", "--master-host", "127.0.0.1", "--master-port", port]
    return [
        Way([["--headless", *USERS, *alone]]),
        Way([["--headless", *USERS, *master, *distributed], worker, worker]),
        Way([["--web-host", "127.0.0.1", "--web-port", web, *page]], f"http://127.0.0.1:{web}"),
    ]


def work_through(folder: Path, at_once: Sequence[Way]) -> None:
    with ExitStack() as running:
        started = [
            (way.page, running.enter_context(locust(folder, *command))) for way in at_once for command in way.commands
        ]
        for page, process in started:
            if page:
                worked_at_the_page(page, process)
        for page, process in started:
            if not page:
                said, _ = process.communicate(timeout=TIME_LIMIT)
                assert process.returncode == 0, said


@pytest.mark.parametrize("profile", list(CLIENTS))
def test_locust_runs_headless_distributed_and_from_its_page(tmp_path: Path, profile: str) -> None:
    files = [tmp_path / f"measured-{number}" for number in range(WAYS)]
    with self_target(profile, WAYS * COUNT, 1) as target:
        told = []
        for number, measured in enumerate(files):
            cases = tmp_path / f"cases-{number}"
            write_cases(cases, read_cases(target.cases, number, WAYS))
            told.append(asked_for(target.url, cases, profile, measured))
        # A run in Tencent's form voids the access token of a run beside it.
        batches = [[way] for way in ways(told)] if profile == "tencent" else [ways(told)]
        for batch in batches:
            work_through(tmp_path, batch)
    for measured, generators in zip(files, (1, 2, 1), strict=True):
        require_right(measured, generators)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--host", "http://127.0.0.1:9"), "Name a file of cases"),
        (("--host", "http://203.0.113.7", "--cases", "cases"), "needs a permit file"),
        (("--host", "http://127.0.0.1:9", "--cases", "none"), "No such file"),
        (("--host", "http://127.0.0.1:9", "--cases", "cases", "--rate", "0"), "must be above zero"),
        (("--host", "http://127.0.0.1:9", "--cases", "cases", "--wire-profile", "tencent"), "no access token"),
    ],
)
def test_a_mistake_ends_locust_with_the_reason(tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    write_cases(tmp_path / "cases", [])
    with locust(tmp_path, "--headless", *USERS, *arguments) as process:
        said, _ = process.communicate(timeout=TIME_LIMIT)
    assert reason in said
    assert "Traceback" not in said
    assert process.returncode == 1


def test_what_a_worker_cannot_do_ends_the_master_with_the_reason(tmp_path: Path) -> None:
    told = asked_for("http://127.0.0.1:9", tmp_path / "none", "sichuan", tmp_path / "measured")
    master, *workers = ways([told] * WAYS)[1].commands
    with locust(tmp_path, *master) as first, locust(tmp_path, *workers[0]), locust(tmp_path, *workers[1]):
        said, _ = first.communicate(timeout=TIME_LIMIT)
    assert "No such file" in said
    assert "Traceback" not in said
    assert first.returncode == 1
