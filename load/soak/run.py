"""One soak from its beginning to its end: fill, serve, show the codes, kill, end all at once, check the books."""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from load.corpus import Extent, fill
from load.faults.books import check_books
from load.faults.killing import Killer
from load.faults.ledger import Findings, Ledger
from load.faults.serving import SERVE, Serving, serving
from load.faults.traffic import Traffic
from load.soak.codes import PROFILE, Codes
from reference.gateway import composing, demo
from reference.gateway.settings import ServeSettings
from reference.operating_system import SystemClock
from reference.store import Store

GROWTH: Final = 1.25
"""To how many times its early memory a worker may grow over the first half (decision)."""
SILENCE: Final = 10.0
"""Seconds without any answer that serves, at most, while another worker stands (decision)."""
GAP: Final = 15.0
"""Seconds until a killed worker is replaced, at most (decision)."""
KIB: Final = 1024


class SoakSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One soak. ``seconds`` of traffic end it early, 0 never; ``kill_every`` 0 kills nobody.

    Where somebody is to be killed, a soak does not end by time before the first kill (at most `GAP` longer): without
    one it would have shown nothing.
    """

    codes: int = 2_000_000
    seconds: float = 0.0
    kill_every: float = 5.0
    workers: int = 2
    database: str = ""
    """SQLite in a folder of its own where empty."""
    cards: int = 20_000
    connections: int = 64
    wave: int = 50_000
    """Codes that are recorded at a time."""
    seed: int = 1
    command: tuple[str, ...] = SERVE


class SoakResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a soak found. ``right``: nothing that may not be; ``valid``: it did what was asked of it."""

    codes: int
    """Codes that got an answer."""
    lost_answers: int
    not_sent: int
    turned_away: int
    given_up: int
    replayed_requests: int
    kills: int
    workers: int
    seconds: float
    """Of traffic, without recording the codes."""
    codes_per_second: float
    server_cpu_us: float
    """Processor time of all server processes a code, those that were killed too."""
    client_cpu_us: float
    longest_silence: float
    longest_gap: float
    """Seconds until a killed worker was replaced, at most."""
    memory_mib: float
    """One worker at most."""
    memory_growth: float
    client_memory_mib: float
    accepted: int
    outcomes: dict[str, dict[str, int]]
    findings: Findings
    right: bool
    recovered: bool
    valid: bool
    why_invalid: tuple[str, ...] = ()


def soak(settings: SoakSettings, tell: Callable[[str], None] = lambda line: None) -> SoakResult:
    """Run it. Raises ProductUnreachable, and NotEmpty for a database with accounts."""
    with tempfile.TemporaryDirectory(prefix="healthcard-soak-") as folder:
        database = settings.database or f"sqlite:///{folder}/platform.db"
        told = ServeSettings(database=database, profiles=(PROFILE,), demo=True)
        store = composing.open_store(told)
        try:
            now_ms = SystemClock().now_ms()
            cards = fill(
                store, Path(folder) / "cards", settings.cards, now_ms, seed=settings.seed, extent=Extent.VERIFICATION
            )
            demo.furnish(composing.surroundings_of(told, store))
            codes = Codes(store, cards, settings.seed)
            arguments = ("--demo", "--profile", PROFILE, "--database", database, "--workers", str(settings.workers))
            with (
                serving(*arguments, command=settings.command) as served,
                asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
            ):
                return runner.run(_Soak(settings, store, codes, served, tell).run())
        finally:
            store.close()


class _Soak:
    def __init__(
        self, settings: SoakSettings, store: Store, codes: Codes, served: Serving, tell: Callable[[str], None]
    ) -> None:
        self._settings, self._store, self._codes, self._served, self._tell = settings, store, codes, served, tell
        self._ledger = Ledger(store)
        self._traffic = Traffic(
            served.url,
            self._ledger,
            run=uuid.uuid4().hex[:12],
            connections=settings.connections,
            replayed_share=0.02,
            seed=settings.seed,
        )
        self._seconds = self._cpu = 0.0

    async def run(self) -> SoakResult:
        settings = self._settings

        def done() -> float:
            by_time = self._seconds / settings.seconds if settings.seconds else 0.0
            return max(self._traffic.served / settings.codes, by_time)

        killer = Killer(self._served, settings.workers, settings.kill_every, done, settings.seed)
        while self._traffic.served < settings.codes and (left := self._time_left(killer)) > 0:
            await self._wave(killer, left)
        cpu = self._served.cpu_seconds()
        # Everything ends at once, as when the power goes: what was answered stands all the same.
        self._served.kill()
        findings = self._ledger.close()
        check_books(self._store, findings)
        return self._result(killer, findings, cpu)

    def _time_left(self, killer: Killer) -> float:
        settings = self._settings
        if not settings.seconds:
            return float("inf")
        waiting = settings.kill_every > 0 and not killer.kills
        left = settings.seconds - self._seconds
        return left if left > 0 or not waiting else min(1.0, left + GAP)

    async def _wave(self, killer: Killer, left: float) -> None:
        wanted = self._settings.codes - self._traffic.served
        cases = list(self._codes.wave(min(self._settings.wave, max(wanted, 100))))
        began, cpu = time.monotonic(), time.process_time()
        watching = asyncio.create_task(killer.watch())
        try:
            await self._traffic.work_off(iter(cases[:wanted]), began + left)
        finally:
            watching.cancel()
        self._seconds += time.monotonic() - began
        self._cpu += time.process_time() - cpu
        self._ledger.settle()
        self._tell(
            f"{self._traffic.served:>9} codes  {self._traffic.served / self._seconds:7.0f}/s  {killer.kills:4} kills  "
            f"{self._ledger.lost:6} lost answers  {self._ledger.findings.total} findings"
        )

    def _result(self, killer: Killer, findings: Findings, cpu: float) -> SoakResult:
        settings, ledger, traffic = self._settings, self._ledger, self._traffic
        invalid = []
        if not settings.seconds and traffic.served + traffic.given_up < settings.codes:
            invalid.append("not all codes were shown")
        if traffic.given_up:
            invalid.append(f"{traffic.given_up} codes were given up")
        if settings.kill_every and not killer.kills:
            invalid.append("nobody was killed")
        if not ledger.judge.counts.accepted:
            invalid.append("nothing was accepted")
        growth = killer.growth()
        return SoakResult(
            codes=traffic.served,
            lost_answers=ledger.lost,
            not_sent=ledger.not_sent,
            turned_away=ledger.unserved,
            given_up=traffic.given_up,
            replayed_requests=ledger.replays,
            kills=killer.kills,
            workers=settings.workers,
            seconds=round(self._seconds, 1),
            codes_per_second=round(traffic.served / self._seconds, 1),
            server_cpu_us=round(cpu / max(traffic.served, 1) * 1e6, 1),
            client_cpu_us=round(self._cpu / max(traffic.served, 1) * 1e6, 1),
            longest_silence=round(traffic.longest_silence, 2),
            longest_gap=round(killer.longest_gap, 2),
            memory_mib=round(killer.most_kib / KIB, 1),
            memory_growth=round(growth, 3),
            client_memory_mib=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB, 1),
            accepted=ledger.judge.counts.accepted,
            outcomes=ledger.judge.counts.outcomes,
            findings=findings,
            right=findings.total == 0,
            recovered=traffic.longest_silence <= SILENCE and killer.longest_gap <= GAP and growth <= GROWTH,
            valid=not invalid,
            why_invalid=tuple(invalid),
        )


def shown(result: SoakResult) -> Sequence[str]:
    """The figures of a soak as lines."""
    found = msgspec.structs.asdict(result.findings)
    words = found.pop("words")
    return [
        f"{result.codes} codes in {result.seconds:.0f} s: {result.codes_per_second:.0f}/s, {result.accepted} accepted; "
        f"processor time a code: server {result.server_cpu_us:.0f} µs, client {result.client_cpu_us:.0f} µs",
        f"{result.kills} workers of {result.workers} at a time killed, replaced within {result.longest_gap} s; "
        f"{result.lost_answers} answers lost with them",
        f"{result.turned_away} turned away, {result.not_sent} connections refused, {result.given_up} given up, "
        f"{result.replayed_requests} requests sent again as they were",
        f"longest time without an answer {result.longest_silence} s; a worker took {result.memory_mib} MiB at most, "
        f"grew to {result.memory_growth} of itself; the client {result.client_memory_mib} MiB",
        *(f"  {name.replace('_', ' ')}: {count}" for name, count in found.items()),
        *(f"  ! {line}" for line in words),
        *(f"  invalid: {reason}" for reason in result.why_invalid),
        f"right: {result.right}  recovered: {result.recovered}  valid: {result.valid}",
    ]
