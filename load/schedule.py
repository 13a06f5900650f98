"""When each request of a run is meant to start: made before the run, from a shape, a rate, a seed; never from answers.

An open model: patients arrive whether or not the platform keeps up. Shapes are rows of `shapes.toml`; a trace is a file
with one time in seconds a line. Source: decision (open-model load; the step mix is the one published for Gansu).
"""

from __future__ import annotations

import functools
import itertools
import math
import random
import tomllib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from reference.languages import Text, say

TABLE = Path(__file__).with_name("shapes.toml")


class Phase(msgspec.Struct, frozen=True, array_like=True):
    """A stretch of a shape. Rates are shares of the rate asked for; between its ends the rate changes evenly."""

    seconds: float
    begin: float
    end: float


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the rate goes over a run, and which diagnosis steps are shown the codes."""

    id: str
    title: Text
    spacing: Literal["even", "poisson"]
    phases: tuple[Phase, ...]
    source: str
    steps: dict[str, float] = {}

    @property
    def seconds(self) -> float:
        """How long it lasts in life."""
        return sum(phase.seconds for phase in self.phases)


class UnusableSchedule(Exception):
    """A shape, trace, rate or duration that makes no schedule; ``text`` names it, the reason and the next step."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class Schedule:
    """Intended starts in seconds after the run's begin, never falling; ``steps`` is empty where the cases name them."""

    times: Sequence[float]
    steps: Sequence[str] = ()

    def part(self, first: int, stride: int) -> Schedule:
        """The share of generator ``first`` of ``stride`` generators."""
        return Schedule(self.times[first::stride], self.steps[first::stride])

    @property
    def seconds(self) -> float:
        """The last intended start."""
        return self.times[-1] if self.times else 0.0

    def most_within(self, seconds: float) -> int:
        """The most requests whose intended starts lie within some seconds."""
        most = first = 0
        for last, time in enumerate(self.times):
            while time - self.times[first] >= seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def __len__(self) -> int:
        return len(self.times)


@functools.cache
def shapes() -> dict[str, Shape]:
    """The shipped shapes by id. Raises ValueError for one that stands twice."""
    rows = msgspec.convert(tomllib.loads(TABLE.read_text(encoding="utf-8"))["shape"], list[Shape])
    if len({row.id for row in rows}) != len(rows):
        raise ValueError(f"{TABLE.name}: an id stands twice")
    return {row.id: row for row in rows}


def shape_named(id: str) -> Shape:
    """The shape. Raises UnusableSchedule for an unknown one."""
    if id not in shapes():
        raise UnusableSchedule(say("There is no shape {name}: {known}.", name=id, known=", ".join(shapes())))
    return shapes()[id]


def of_shape(shape: Shape, rate: float, duration: float, seed: int) -> Schedule:
    """The schedule of a shape at ``rate`` a second, its times compressed to ``duration`` seconds.

    The rate stays as asked: compressed is how the load changes. The same arguments give the same schedule.
    Raises UnusableSchedule for a rate or duration that is not positive.
    """
    if not (rate > 0 and duration > 0 and math.isfinite(rate * duration)):
        raise UnusableSchedule(say("Rate and duration must be above zero."))
    factor = duration / shape.seconds
    phases = [Phase(phase.seconds * factor, phase.begin * rate, phase.end * rate) for phase in shape.phases]
    chance = random.Random(seed)  # noqa: S311 - a reproducible schedule, no secret
    times = array("d", _arrivals(phases, shape.spacing, chance))
    return Schedule(times, _steps(shape.steps, len(times), chance))


def of_trace(path: Path, duration: float | None = None) -> Schedule:
    """The schedule of recorded times, in seconds and in any zero; compressed to ``duration`` seconds where it is given.

    Raises UnusableSchedule for a file that cannot be read, is empty, or whose times fall.
    """
    try:
        times = array("d", (float(line) for line in path.read_text(encoding="utf-8").split()))
    except (OSError, ValueError) as error:
        raise UnusableSchedule(say("{file}: {reason}", file=path, reason=str(error))) from None
    if (
        not times
        or not all(map(math.isfinite, times))
        or any(after < before for before, after in itertools.pairwise(times))
    ):
        raise UnusableSchedule(
            say("{file} is no trace: write one time in seconds a line, in the order of time.", file=path)
        )
    length = times[-1] - times[0]
    factor = duration / length if duration is not None and length else 1.0
    return Schedule(array("d", ((time - times[0]) * factor for time in times)))


def _arrivals(phases: Sequence[Phase], spacing: str, chance: random.Random) -> Iterator[float]:
    """The moments at which the integral of the rate reaches the next count: by ones, or by exponential steps."""
    wanted = chance.expovariate(1.0) if spacing == "poisson" else 0.0
    passed, start = 0.0, 0.0
    for phase in phases:
        whole = (phase.begin + phase.end) / 2 * phase.seconds
        while wanted < passed + whole:
            yield start + _moment(phase, wanted - passed)
            wanted += chance.expovariate(1.0) if spacing == "poisson" else 1.0
        passed += whole
        start += phase.seconds


def _moment(phase: Phase, count: float) -> float:
    """When, after the phase's start, ``count`` arrivals are due: the solution of a quadratic equation."""
    growth = (phase.end - phase.begin) / phase.seconds
    if growth == 0:
        return count / phase.begin
    # Trap: this form of the solution stays exact where the growth is small, the schoolbook form does not.
    return 2 * count / (phase.begin + math.sqrt(max(phase.begin * phase.begin + 2 * growth * count, 0.0)))


def _steps(shares: dict[str, float], count: int, chance: random.Random) -> Sequence[str]:
    return chance.choices(list(shares), list(shares.values()), k=count) if shares else ()
