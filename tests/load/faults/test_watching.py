"""What a soak must not miss: a place that stays empty from wave to wave, and a platform that falls silent."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from load.cases import Case
from load.faults.killing import WARM_AFTER, Killer, Sample
from load.faults.ledger import Ledger
from load.faults.traffic import Traffic
from reference.store import Store
from reference.store.migrating import migrate


class MadeUpServer:
    """Workers by number; who is killed is replaced when the test says so."""

    def __init__(self) -> None:
        self.standing = [1, 2]

    def workers(self) -> list[int]:
        return self.standing

    def answering(self) -> list[int]:
        return self.standing

    def kill_worker(self, pid: int) -> None:
        self.standing = [worker for worker in self.standing if worker != pid]

    def memory_kib(self, pid: int) -> int:
        return 1000


class Watched:
    """A killer whose time passes by its own looks alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, every: float = 1.0) -> None:
        self.now, self.last = 0.0, 0.0
        self.server = MadeUpServer()
        self.killer = Killer(self.server, 2, every, lambda: 0.0)  # type: ignore[arg-type]
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(asyncio, "sleep", self.pass_on)

    async def pass_on(self, seconds: float) -> None:
        """Pass the time of a look, and end the stretch of traffic once it is over."""
        self.now += seconds
        if self.now > self.last:
            raise asyncio.CancelledError

    def stretch(self, seconds: float) -> None:
        """A stretch of traffic so long."""
        self.last = self.now + seconds
        watching = self.killer.watch()
        with pytest.raises(asyncio.CancelledError):
            watching.send(None)


def test_a_place_that_stays_empty_is_counted_from_wave_to_wave(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch)
    for _ in range(20):
        watched.stretch(1.0)
        watched.now += 100.0  # between waves codes are recorded and nobody is asked
    assert (watched.killer.kills, watched.killer.replaced) == (1, 0)
    assert 15.0 < watched.killer.longest_gap <= 20.0


def test_a_place_that_is_taken_in_a_later_wave_counts_as_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, every=1.75)
    watched.stretch(2.0)
    assert (watched.killer.kills, watched.killer.replaced) == (1, 0)
    watched.server.standing = [1, 2]
    watched.stretch(1.0)
    assert (watched.killer.kills, watched.killer.replaced) == (1, 1)
    assert watched.killer.longest_gap <= 1.0


def test_memory_says_nothing_before_workers_are_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, every=0.0)
    watched.stretch(WARM_AFTER / 2)
    watched.killer.samples += [Sample(0.15, 100), Sample(0.45, 200)]
    assert watched.killer.growth() is None
    watched.stretch(WARM_AFTER)
    assert watched.killer.growth() == 2.0


def test_a_platform_that_answers_nobody_until_the_end_is_silent_all_that_time(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/platform.db")
    migrate(store)
    traffic = Traffic("http://127.0.0.1:1", Ledger(store), run="silent", connections=1)
    began = time.monotonic()
    asyncio.run(traffic.work_off(iter([Case("static", "a:b", frozenset({"accepted"}))]), began + 0.2))
    store.close()
    assert traffic.served == 0
    assert 0.15 <= traffic.longest_silence <= 0.2
