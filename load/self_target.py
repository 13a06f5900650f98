"""A target of the tool's own: the reference server as `healthcard serve` starts it, with a demo database and a corpus.

The server is a process of its own on a free loopback port, ended with the run. Source: decision.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from load.cases import write_cases
from load.connection import Connection
from load.corpus import Extent, Mix, cases_of, fill
from load.totals import UseCount
from reference.ecard.verbs import Verify
from reference.gateway import composing, demo
from reference.gateway.profiles import CLIENTS
from reference.gateway.settings import ServeSettings
from reference.languages import say
from reference.operating_system import SystemClock
from reference.ports import ProductUnreachable

START_SECONDS = 90.0
"""How long the server may take to say its address, and to end (decision)."""
CARDS = 1000
"""Cards in the database: some hundred milliseconds to make (decision)."""
MIX = Mix(dynamic=3, replayed=4, static=6, forged=1, grafted=1, superseded=1, cancelled=1, foreign=1, expired=1)
"""Mostly right codes, as in life, and some of each wrong kind (decision)."""
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass(frozen=True)
class SelfTarget:
    """The served reference platform: its address, its cases, and its count of uses."""

    url: str
    cases: Path
    uses: UseCount


@contextmanager
def self_target(profile: str, count: int, seed: int, workers: int = 1) -> Iterator[SelfTarget]:
    """Fill a database with ``count`` cases' codes, serve it, and take it away afterwards.

    Raises ProductUnreachable when the server does not start.
    """
    with tempfile.TemporaryDirectory(prefix="healthcard-self-") as folder:
        settings = ServeSettings(database=f"sqlite:///{folder}/platform.db", profiles=(profile,), demo=True)
        cases = Path(folder) / "cases"
        store = composing.open_store(settings)
        try:
            now_ms = SystemClock().now_ms()
            cards = fill(store, Path(folder) / "cards", CARDS, now_ms, seed=seed, extent=Extent.VERIFICATION)
            demo.furnish(composing.surroundings_of(settings, store))
            issued = cases_of(cards, store, count, now_ms, mix=MIX, seed=seed, profile=profile, issuer=settings.issuer)
            write_cases(cases, issued)
            with _served(settings, workers) as url:
                _warm_up(url, profile)
                yield SelfTarget(url, cases, UseCount(store))
        finally:
            store.close()


def _warm_up(url: str, profile: str) -> None:
    """One request before the uses are counted: a server's first one loads tables."""
    client = CLIENTS[profile](demo.demo_credentials(profile))
    connection = Connection(url, START_SECONDS)
    connection.exchange(connection.encode(client.write(Verify(text="-"), SystemClock().now_ms(), bytes(16))))
    connection.close()


@contextmanager
def _served(settings: ServeSettings, workers: int) -> Iterator[str]:
    command = [sys.executable, "-m", "healthcard", "serve", "--demo", "--port", "0", "--workers", str(workers)]
    process = subprocess.Popen(  # noqa: S603 - this Python, with arguments of ours
        [*command, "--database", settings.database, "--profile", settings.profiles[0]],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    # A server that hangs before it says its address is ended, so that reading its words ends too.
    late = threading.Timer(START_SECONDS, process.kill)
    late.start()
    try:
        assert process.stdout is not None
        found = next((match for line in process.stdout if (match := ADDRESS.search(line))), None)
        late.cancel()
        if found is None:
            raise ProductUnreachable(
                say("The reference server"),
                say("did not start."),
                say("Start it by hand to see why: healthcard serve --demo"),
            )
        yield found[0]
    finally:
        late.cancel()
        process.terminate()
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
