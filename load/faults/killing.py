"""Kills workers while they answer, and watches what they cost: how soon another stands, how much memory they take.

One worker, the veteran, is spared for the first half, so that a leak has the time to show; then nobody is. Only who
answers is killed, and a worker counts as replaced once as many as before answer.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from load.faults.serving import Serving

LOOK_EVERY: Final = 0.25
"""Seconds between two looks at the processes (decision)."""
WARM_AFTER: Final = 60.0
"""Seconds of traffic in which memory grows by what every worker fills once, which is no leak (decision)."""


class Sample(NamedTuple):
    """Memory of the veteran at a moment of the run: the share of the run that is done, and KiB."""

    done: float
    kib: int


class Killer:
    """Kills one worker of ``served`` every so many seconds; `watch` runs beside the traffic."""

    def __init__(self, served: Serving, workers: int, every: float, done: Callable[[], float], seed: int = 1) -> None:
        """``workers``: how many there are when all is well. ``every`` 0 kills nobody. ``done``: the share, 0 to 1."""
        self._done = done
        self._served, self._wanted, self._every = served, workers, every
        self._drawn = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._veteran = served.workers()[0]
        self._watched = 0.0
        """Seconds of traffic that were watched before: a soak's traffic comes in waves, its kills do not begin anew."""
        self._next_kill = every
        self._killed: float | None = None
        """When the worker was killed whose place is still empty, in seconds of traffic."""
        self.kills = self.replaced = 0
        self.longest_gap = 0.0
        """Seconds from a kill until as many workers answered as before, at most."""
        self.samples: list[Sample] = []
        self.most_kib = 0
        """Memory of one worker, at most."""

    async def watch(self) -> None:
        """Kill and look until cancelled; called anew for each stretch of traffic, it goes on where it stopped."""
        began = time.monotonic() - self._watched
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self._measure()
            answering, now = self._served.answering(), time.monotonic() - began
            self._watched = now
            if self._killed is not None:
                self.longest_gap = max(self.longest_gap, now - self._killed)
                if len(answering) >= self._wanted:
                    self._killed, self.replaced = None, self.replaced + 1
            if self._every and self._killed is None and now >= self._next_kill and len(answering) >= self._wanted:
                self._served.kill_worker(self._victim(answering))
                self.kills += 1
                self._killed, self._next_kill = now, now + self._every

    def spare(self) -> None:
        """Kill nobody any more; `watch` goes on to look."""
        self._every = 0.0

    @property
    def waiting(self) -> bool:
        """Whether the place of a killed worker was not seen taken yet."""
        return self._killed is not None

    def growth(self) -> float | None:
        """Memory of the veteran late in its life to that early in it; None where it did not live to tell.

        A run that is over before workers are warm says nothing of memory either.
        """
        if self._watched < WARM_AFTER:
            return None
        early = [sample.kib for sample in self.samples if 0.1 <= sample.done < 0.2]
        late = [sample.kib for sample in self.samples if 0.4 <= sample.done < 0.5]
        return max(late) / max(early) if early and late else None

    def _victim(self, workers: list[int]) -> int:
        spared = [self._veteran] if self._done() < 0.5 and len(workers) > 1 else []
        return self._drawn.choice([pid for pid in workers if pid not in spared])

    def _measure(self) -> None:
        for pid in self._served.workers():
            kib = self._served.memory_kib(pid)
            self.most_kib = max(self.most_kib, kib)
            if pid == self._veteran and kib:
                self.samples.append(Sample(self._done(), kib))
