"""Makes the steps of a search against a target: fresh cases, a short run, judged; until time or cases are used up."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from load.capacity.search import Outcome
from load.capacity.steps import Step, step_of
from load.cases import UnreadableCases
from load.reaching import reachable
from load.result import result_of
from load.running import GeneratorFailed, run
from load.settings import RunSettings
from load.totals import UseCount
from reference.languages import Text, say

SHAPE = "steady-day"
"""Many independent patients: a Poisson process at one rate."""
BY_THE_USER = say("interrupted by the user")
"""Why a search was broken off by Ctrl+C."""


class Target(Protocol):
    """A platform that can be asked step after step."""

    url: str

    def counting(self) -> UseCount | None:
        """A count of the uses that it records from now on; None where that cannot be read."""
        ...

    def cases(self, count: int, rate: float, seed: int) -> Path | None:
        """A file of so many cases that no step had before; None where there are none left."""
        ...

    def cpu_seconds(self) -> float | None:
        """Processor time it has spent so far; None where that cannot be seen."""
        ...


class Stepper:
    """Makes steps and keeps them. ``settings`` is the run that each step alters in rate, seed and cases."""

    def __init__(
        self,
        target: Target,
        settings: RunSettings,
        bounds: Mapping[str, float],
        gates_from: str,
        lag_bound_ms: float,
        seconds: float,
        tell: Callable[[Step], None] = lambda step: None,
    ) -> None:
        self.steps: list[Step] = []
        self.interrupted: Text | None = None
        """Why no further step could be made, where that was neither time nor cases."""
        self._target, self._settings = target, settings
        self._bounds, self._gates_from, self._lag_bound_ms = bounds, gates_from, lag_bound_ms
        self._until = time.monotonic() + seconds
        self._tell = tell

    def attempt(self, rate: float) -> Outcome | None:
        """One step; None where time or cases are used up, and once the search was broken off.

        What breaks off a search that has measured nothing is raised: GeneratorFailed, UnreadableCases, and
        KeyboardInterrupt. After a step it is noted in `interrupted`, so that what was measured is kept.
        """
        if self.interrupted is not None or time.monotonic() >= self._until:
            return None
        try:
            return self._attempt(rate)
        except (GeneratorFailed, UnreadableCases, KeyboardInterrupt) as error:
            if not self.steps:
                raise
            self.interrupted = BY_THE_USER if isinstance(error, KeyboardInterrupt) else error.text
            return None

    def _attempt(self, rate: float) -> Outcome | None:
        number = len(self.steps) + 1
        seed = self._settings.seed + number
        told = msgspec.structs.replace(self._settings, url=self._target.url, shape=SHAPE, rate=rate, seed=seed)
        cases = self._target.cases(len(told.scheduled()), rate, seed)
        if cases is None:
            return None
        step = self._step(number, msgspec.structs.replace(told, cases=str(cases), run_id=uuid.uuid4().hex[:12]))
        self.steps.append(step)
        self._tell(step)
        return step.outcome

    def _step(self, number: int, told: RunSettings) -> Step:
        uses = self._target.counting()
        before = self._target.cpu_seconds()
        measured = run(told)
        after = self._target.cpu_seconds()
        found = result_of(
            told,
            measured,
            uses.recorded(measured) if uses is not None else None,
            self._bounds,
            self._gates_from,
            lag_bound_ms=self._lag_bound_ms,
            reachable_after=reachable(told.url),
        )
        return step_of(number, found, after - before if before is not None and after is not None else None)
