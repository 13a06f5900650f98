"""What a run measured: raw latencies in HDR histograms, and counts of outcomes; merged over the generators.

Service time counts from the moment of sending, response time from the intended start: only the second one knows of
requests that had to wait. Percentiles are the histogram's, to three significant digits, where Locust's are rounded to
two. Source: decision (open-model load; a load tool's percentiles are not rounded).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from hdrh.histogram import HdrHistogram

from load.single_use import joined_marks

LONGEST_US = 3_600_000_000
DIGITS = 3
EXACT_BITS = 11
EXACT = 1 << EXACT_BITS
"""HdrHistogram of three digits keeps values below this one exactly, and half as many for each doubling above."""


class Latencies:
    """Durations in microseconds, up to an hour; a longer one counts as an hour.

    Counted in plain cells that are the histogram's own buckets, since the histogram takes several microseconds to
    count one value and a generator counts four with each request.
    """

    def __init__(self) -> None:
        self._cells = [0] * (cell_of(LONGEST_US) + 1)

    def record(self, seconds: float) -> None:
        """Count one duration; one below a microsecond counts as one."""
        microseconds = int(seconds * 1e6)
        if not 0 < microseconds < LONGEST_US:
            microseconds = 1 if microseconds < 1 else LONGEST_US
        self._cells[cell_of(microseconds)] += 1

    def percentile_ms(self, percent: float) -> float:
        """The percentile in milliseconds; 0 where nothing was recorded."""
        return self._histogram().get_value_at_percentile(percent) / 1000 if len(self) else 0.0

    def mean_ms(self) -> float:
        """The mean in milliseconds; 0 where nothing was recorded."""
        return self._histogram().get_mean_value() / 1000 if len(self) else 0.0

    def longest_ms(self) -> float:
        """The longest in milliseconds; 0 where nothing was recorded."""
        return self._histogram().get_max_value() / 1000 if len(self) else 0.0

    def curve(self, percents: Iterable[float]) -> list[tuple[float, float]]:
        """Percentiles, each with its milliseconds."""
        if not len(self):
            return [(percent, 0.0) for percent in percents]
        histogram = self._histogram()
        return [(percent, histogram.get_value_at_percentile(percent) / 1000) for percent in percents]

    def encoded(self) -> str:
        """The histogram in the form of HdrHistogram V2, base64."""
        return str(self._histogram().encode().decode("ascii"))

    def add(self, encoded: str) -> None:
        """Count in what another histogram counted."""
        other = HdrHistogram.decode(encoded)
        for cell in range(len(self._cells)):
            self._cells[cell] += other.get_count_at_index(cell)

    def _histogram(self) -> HdrHistogram:
        histogram = HdrHistogram(1, LONGEST_US, DIGITS)
        for cell, count in enumerate(self._cells):
            if count:
                histogram.record_value(histogram.get_value_from_index(cell), count)
        return histogram

    def __len__(self) -> int:
        return sum(self._cells)


def cell_of(microseconds: int) -> int:
    """The number of the histogram's bucket that counts a value of at least 1."""
    if microseconds < EXACT:
        return microseconds
    doublings = microseconds.bit_length() - EXACT_BITS
    return (doublings << EXACT_BITS - 1) + (microseconds >> doublings)


class WrongAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that was wrong at any time of the run: what was asked, what was right, what came. Never a code."""

    request: str
    wrong: str
    """``wrong-accept``, ``wrong-refusal`` or ``wrong-reason``."""
    kind: str
    expected: tuple[str, ...]
    got: tuple[str, ...]


class Counts(msgspec.Struct, kw_only=True):
    """What one generator counted, or all of them together."""

    scheduled: int = 0
    started: int = 0
    waited: int = 0
    """Arrivals whose turn came while every connection was busy: they started late, which counts as response time."""
    answered: int = 0
    """Requests that got an answer in the profile's form, right or wrong."""
    accepted: int = 0
    refused: int = 0
    """Refusals by the verification itself, each of which the platform records as a use: ids code.… and account.…"""
    unanswered: int = 0
    unreadable: int = 0
    unserved: int = 0
    """Answers that the platform cannot serve now: system.… and what may be tried again."""
    wrong_accepts: int = 0
    wrong_refusals: int = 0
    wrong_reasons: int = 0
    outcomes: dict[str, dict[str, int]] = {}
    """Kind of case, outcome, number."""
    faults: dict[str, int] = {}
    """Why requests remained without a readable answer."""


class Measured(msgspec.Struct, kw_only=True):
    """The measurements of one generator, as it hands them over, or of all of them merged."""

    generators: int = 1
    started_ms: int = 0
    """Wall clock of the run's begin."""
    ended: bool = False
    """Whether the schedule was worked off to its end."""
    seconds: float = 0.0
    """From the run's begin to its last answer."""
    scheduled_seconds: float = 0.0
    """From the run's begin to the last intended start."""
    cpu_seconds: float = 0.0
    """Processor time of the generator processes since their begin."""
    counts: Counts
    response: str
    service: str
    lag: str
    """How late requests started although a connection was free: nothing of it is the platform's fault."""
    wake: str
    """How late the process woke up from sleeps that only itself could delay; also while every connection is busy."""
    wrong: tuple[WrongAnswer, ...] = ()
    keys: dict[int, int] = {}
    """Single-use codes by key, with the marks of `single_use`."""
    silent: tuple[str, ...] = ()
    """Numbers of the requests that got no readable answer: whether these were recorded proves nothing."""


def merged(parts: Iterable[Measured]) -> Measured:
    """All generators' measurements in one. Raises ValueError where there are none."""
    whole: Measured | None = None
    for part in parts:
        whole = part if whole is None else _joined(whole, part)
    if whole is None:
        raise ValueError("no generator has measured anything")
    return whole


def latencies(encoded: str) -> Latencies:
    """The histogram that was encoded."""
    found = Latencies()
    found.add(encoded)
    return found


def _joined(one: Measured, other: Measured) -> Measured:
    return Measured(
        generators=one.generators + other.generators,
        started_ms=min(one.started_ms, other.started_ms),
        ended=one.ended and other.ended,
        seconds=max(one.seconds, other.seconds),
        scheduled_seconds=max(one.scheduled_seconds, other.scheduled_seconds),
        cpu_seconds=one.cpu_seconds + other.cpu_seconds,
        counts=_summed(one.counts, other.counts),
        response=_added(one.response, other.response),
        service=_added(one.service, other.service),
        lag=_added(one.lag, other.lag),
        wake=_added(one.wake, other.wake),
        wrong=one.wrong + other.wrong,
        keys=joined_marks(one.keys, other.keys),
        silent=one.silent + other.silent,
    )


def _summed(one: Counts, other: Counts) -> Counts:
    total = Counts()
    for name in Counts.__struct_fields__:
        if name not in ("outcomes", "faults"):
            setattr(total, name, getattr(one, name) + getattr(other, name))
    kinds = sorted({*one.outcomes, *other.outcomes})
    total.outcomes = {kind: _tally(one.outcomes.get(kind, {}), other.outcomes.get(kind, {})) for kind in kinds}
    total.faults = _tally(one.faults, other.faults)
    return total


def _tally(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}


def _added(one: str, other: str) -> str:
    both = latencies(one)
    both.add(other)
    return both.encoded()
