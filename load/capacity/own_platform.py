"""The reference platform as the target: a filled database, the server on cores of its own, fresh cases for each step.

The server is kept on as many cores as it has workers, so that the figure is one of so many cores; one core at least is
left to the generators where the machine has two. Source: decision.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from load.benchmarks import servers
from load.benchmarks.prepared import Prepared, prepared
from load.cases import read_cases, write_cases
from load.connection import Connection
from load.corpus import Extent, cases_of
from load.self_target import MIX
from load.totals import UseCount
from reference.ecard.verbs import Verify
from reference.gateway.demo import demo_credentials
from reference.gateway.profiles import CLIENTS
from reference.languages import say
from reference.operating_system import SystemClock
from reference.ports import ProductUnreachable
from reference.store import Store

CARDS = 2000
"""Cards in the database (decision: a second to make; how speed falls with their number is `load.benchmarks.growth`)."""
WARM_UP = 100
"""Verifications before anything is measured: a server's first ones load tables and fill caches (decision)."""
ANSWER_SECONDS = 10.0


def cores_for(workers: int) -> tuple[int, ...]:
    """The first cores, one for each worker, as far as one is left to the generators."""
    usable = sorted(os.sched_getaffinity(0))
    return tuple(usable[: max(1, min(workers, len(usable) - 1))])


class OwnPlatform:
    """The served reference platform, asked over a wire profile's interface."""

    def __init__(self, server: servers.Server, held: Prepared, store: Store, profile: str, cores: int) -> None:
        self.url = server.address
        self.cores = cores
        self._server, self._held, self._store, self._profile = server, held, store, profile

    def counting(self) -> UseCount | None:
        """A count of the uses in its database."""
        return UseCount(self._store)

    def cases(self, count: int, rate: float, seed: int) -> Path:
        """Codes issued now, right and wrong ones in the mix of ``--self``."""
        now_ms = SystemClock().now_ms()
        path = self._held.folder / "cases"
        issued = cases_of(
            self._held.cards, self._store, count, now_ms, mix=MIX, seed=seed, rate=rate, profile=self._profile
        )
        write_cases(path, issued)
        return path

    def cpu_seconds(self) -> float | None:
        """Processor time of the server and its workers."""
        return self._server.cpu_seconds()


@contextmanager
def filled() -> Iterator[Prepared]:
    """A database with cards, taken away afterwards."""
    with tempfile.TemporaryDirectory(prefix="healthcard-capacity-") as folder:
        yield prepared(Path(folder), CARDS, extent=Extent.VERIFICATION)


@contextmanager
def served(held: Prepared, profile: str, workers: int) -> Iterator[OwnPlatform]:
    """Serve the database. Raises ProductUnreachable when the server does not start."""
    cores = cores_for(workers)
    arguments = ("--profile", profile, "--workers", str(workers))
    store = Store(held.database)
    try:
        with contextlib.ExitStack() as running:
            try:
                server = running.enter_context(servers.gateway(held.database, *arguments, core=cores))
            except RuntimeError:
                raise ProductUnreachable(
                    say("The reference server"),
                    say("did not start."),
                    say("Start it by hand to see why: healthcard serve --demo"),
                ) from None
            platform = OwnPlatform(server, held, store, profile, len(cores))
            _warm_up(platform, profile)
            yield platform
    finally:
        store.close()


def _warm_up(platform: OwnPlatform, profile: str) -> None:
    """Verify some codes one after another."""
    client, clock = CLIENTS[profile](demo_credentials(profile)), SystemClock()
    connection = Connection(platform.url, ANSWER_SECONDS)
    for number, case in enumerate(read_cases(platform.cases(WARM_UP, WARM_UP, 0))):
        verify = Verify(text=case.text, step=case.step)
        connection.exchange(connection.encode(client.write(verify, clock.now_ms(), number.to_bytes(16, "big"))))
    connection.close()
