"""Segments of a benchmark: some seconds under ``wrk`` with fresh codes, checked against what the platform recorded.

Every request of a segment must be accepted, and have its row in the use log; a segment of which that does not hold says
so. Beside the clock's figures stand those of processor time, which other work on the machine disturbs less.
"""

from __future__ import annotations

import re
import statistics
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from load.benchmarks import servers, wrk
from load.benchmarks.prepared import Prepared, write_bodies
from reference.gateway.profiles.sichuan import PATH
from reference.qr.use_log import ACCEPTED
from reference.store import Store
from reference.store.code_tables import uses

FIRST_RATE = 10_000.0
"""Requests a second that the segment for warming up is prepared for."""
WARM_SECONDS = 10
"""Of the first segment: a server in service has touched its database, so that its pages are mapped."""
RESERVE = 2.0
"""Bodies beyond those of the fastest segment so far."""
TRIES = 3
"""How often a segment is tried whose bodies were too few, each time with twice as many."""
SETTLING = 5.0
"""Seconds in which the requests under way at the end of a segment are answered."""


class Segment(NamedTuple):
    """What wrk did in one segment, and what the platform recorded of it."""

    driven: wrk.Driven
    cpu_seconds: float
    faults: tuple[str, ...] = ()

    @property
    def cpu_us(self) -> float:
        """Microseconds of processor time that the server spent on a request."""
        return self.cpu_seconds / self.driven.requests * 1e6


class Uses:
    """The use log beyond where it stood before, counted by outcome."""

    def __init__(self, database: str) -> None:
        self._store = Store(database)
        with self._store.read() as connection:
            self._last = connection.execute(select(func.coalesce(func.max(uses.c.use_id), 0))).scalar_one()

    def counts(self) -> dict[str, int]:
        """How many uses there were since of each outcome."""
        query = select(uses.c.outcome, func.count()).where(uses.c.use_id > self._last).group_by(uses.c.outcome)
        with self._store.read() as connection:
            counted = {outcome: count for outcome, count in connection.execute(query)}
        self._store.close()
        return counted


def answers(address: str) -> dict[str, int]:
    """The gateway's own count of answers by outcome."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as page:  # noqa: S310 - loopback
        text = page.read().decode()
    found = re.findall(r'^healthcard_answers_total\{outcome="([^"]*)"[^}]*\} ([0-9.e+]+)', text, re.MULTILINE)
    counted: dict[str, int] = {}
    for outcome, count in found:
        counted[outcome] = counted.get(outcome, 0) + int(float(count))
    return counted


def verified(
    held: Prepared,
    server: servers.Server,
    rate: float,
    seconds: int,
    core: Sequence[int],
    seed: int,
    bodies: Path,
    *,
    workers: int = 1,
) -> Segment:
    """One segment against the gateway with fresh codes; what its counts do not agree in.

    Several workers have a count of answers each, of which none is asked.
    """
    for again in range(TRIES):
        segment, enough = _tried(
            held, server, int(rate * seconds) << again, seconds, core, seed + again * 1000, bodies, workers
        )
        if enough:
            break
    return segment


def _tried(
    held: Prepared,
    server: servers.Server,
    prepared_for: int,
    seconds: int,
    core: Sequence[int],
    seed: int,
    bodies: Path,
    workers: int,
) -> tuple[Segment, bool]:
    write_bodies(bodies, list(held.cases(prepared_for, prepared_for / seconds, seed)))
    segment = shown(held, server, bodies, prepared_for, seconds, core, workers=workers)
    return segment, segment.driven.requests + wrk.CONNECTIONS <= prepared_for


def prepare(held: Prepared, rate: float, seconds: int, count: int, seed: int, folder: Path) -> list[tuple[Path, int]]:
    """Bodies for several segments that are to follow each other closely: their files, and how many are in each."""
    each = int(rate * seconds)
    cases = list(held.cases(each * count, rate, seed))
    files = []
    for number in range(count):
        file = folder / f"{seed}-{number}"
        write_bodies(file, cases[number * each : (number + 1) * each])
        files.append((file, each))
    return files


def shown(
    held: Prepared,
    server: servers.Server,
    bodies: Path,
    prepared_for: int,
    seconds: int,
    core: Sequence[int],
    *,
    workers: int = 1,
) -> Segment:
    """One segment with bodies that lie ready, ``prepared_for`` of them; what its counts do not agree in."""
    before, recorded = answers(server.address) if workers == 1 else {}, Uses(held.database)
    cpu = server.cpu_seconds()
    driven = wrk.drive(server.address, PATH, bodies, seconds, core)
    cpu = server.cpu_seconds() - cpu
    given, rows = _settled(server, before, recorded, workers)
    return Segment(driven, cpu, tuple(faults(driven, given, rows, prepared_for)))


def _settled(
    server: servers.Server, before: dict[str, int], recorded: Uses, workers: int
) -> tuple[dict[str, int], dict[str, int]]:
    """Answers and rows by outcome, once the requests under way at the end are answered, or after `SETTLING` anyway."""
    last = time.monotonic() + SETTLING
    while True:
        rows = recorded.counts()
        after = answers(server.address) if workers == 1 else {"ok": rows.get(ACCEPTED, 0)}
        given = {outcome: count - before.get(outcome, 0) for outcome, count in after.items()}
        given = {outcome: count for outcome, count in given.items() if count}
        if sum(given.values()) == sum(rows.values()) or time.monotonic() > last:
            return given, rows
        time.sleep(0.05)


def unchecked(server: servers.Server, seconds: int, core: Sequence[int], bodies: Path) -> Segment:
    """One segment against the yardstick, the same bodies round and round."""
    cpu = server.cpu_seconds()
    driven = wrk.drive(server.address, PATH, bodies, seconds, core, once=False)
    return Segment(driven, server.cpu_seconds() - cpu)


def faults(driven: wrk.Driven, given: dict[str, int], rows: dict[str, int], bodies: int) -> list[str]:
    """What is wrong in a segment: every answer accepts, and has its row; requests under way at the end have theirs."""
    found = []
    if driven.errors or driven.statuses:
        found.append(f"{driven.errors} errors, {driven.statuses} answers of other status")
    if set(given) != {"ok"}:
        found.append(f"answers {given}")
    if set(rows) != {ACCEPTED} or rows.get(ACCEPTED) != given.get("ok"):
        found.append(f"rows of use {rows} for answers {given}")
    if not driven.requests <= rows.get(ACCEPTED, 0) <= driven.requests + wrk.CONNECTIONS:
        found.append(f"{driven.requests} requests, rows of use {rows}")
    if driven.requests + wrk.CONNECTIONS > bodies:
        found.append(f"the {bodies} prepared bodies were too few")
    return found


def median_rate(segments: Sequence[Segment]) -> float:
    """Requests a second of the middle segment."""
    return statistics.median(segment.driven.rate for segment in segments)


def median_cpu_us(segments: Sequence[Segment]) -> float:
    """Microseconds of processor time a request of the middle segment."""
    return statistics.median(segment.cpu_us for segment in segments)
