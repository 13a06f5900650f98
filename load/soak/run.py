"""One soak from its beginning to its end: fill, serve, show the codes, kill, end all at once, check the books."""

from __future__ import annotations

import asyncio
import resource
import time
import uuid
from collections.abc import Callable
from typing import Final

import uvloop

from conformance.evidence.under_faults import RECOVERY
from load.faults.books import check_books
from load.faults.filled import filled
from load.faults.killing import Killer
from load.faults.ledger import Findings, Ledger
from load.faults.promises import seconds
from load.faults.serving import Serving, serving
from load.faults.traffic import Traffic
from load.result import judged_kinds
from load.soak.codes import Codes
from load.soak.result import Soaked, SoakResult, judged
from load.soak.settings import SoakSettings
from reference.operating_system import SystemClock
from reference.store import Store

STRETCH: Final = 1.0
"""Seconds by which a soak is prolonged at a time while no killed worker was replaced (decision)."""
KIB: Final = 1024


def soak(settings: SoakSettings, tell: Callable[[str], None] = lambda line: None) -> SoakResult:
    """Run it. Raises ProductUnreachable, and NotEmpty for a database with accounts."""
    with (
        filled(settings.database, settings.cards, settings.seed) as (store, codes, arguments),
        serving(*arguments, "--workers", str(settings.workers), command=settings.command) as served,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return judged(settings, runner.run(_Soak(settings, store, codes, served, tell).run()))


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
        self._started_ms = SystemClock().now_ms()

    async def run(self) -> Soaked:
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
        return self._measured(killer, findings, cpu)

    def _time_left(self, killer: Killer) -> float:
        settings = self._settings
        if not settings.seconds:
            return float("inf")
        left = settings.seconds - self._seconds
        waiting = settings.kill_every > 0 and not killer.replaced
        return left if left > 0 or not waiting else min(STRETCH, left + seconds(RECOVERY))

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

    def _measured(self, killer: Killer, findings: Findings, cpu: float) -> Soaked:
        settings, ledger, traffic = self._settings, self._ledger, self._traffic
        growth = killer.growth()
        return Soaked(
            started_ms=self._started_ms,
            ended_ms=SystemClock().now_ms(),
            codes=traffic.served,
            lost_answers=ledger.lost,
            not_sent=ledger.not_sent,
            turned_away=ledger.unserved,
            given_up=traffic.given_up,
            replayed_requests=ledger.replays,
            kills=killer.kills,
            replaced=killer.replaced,
            workers=settings.workers,
            seconds=round(self._seconds, 1),
            codes_per_second=round(traffic.served / self._seconds, 1),
            server_cpu_us=round(cpu / max(traffic.served, 1) * 1e6, 1),
            client_cpu_us=round(self._cpu / max(traffic.served, 1) * 1e6, 1),
            longest_silence=round(traffic.longest_silence, 2),
            longest_gap=round(killer.longest_gap, 2),
            memory_mib=round(killer.most_kib / KIB, 1),
            memory_growth=None if growth is None else round(growth, 3),
            client_memory_mib=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB, 1),
            accepted=ledger.judge.counts.accepted,
            outcomes=ledger.judge.counts.outcomes,
            kinds=judged_kinds(ledger.judge.counts),
            findings=findings,
        )
