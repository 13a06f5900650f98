"""The whole path of a verification against a bare server: ``python -m load.benchmarks.verification_path``.

In one run under ``wrk``, in turns: requests a second of the bare yardstick beside this file and of the gateway, each
one worker on one core, wrk on another; dynamic codes each used once, a million cards in SQLite, Sichuan's envelope
signed and enciphered, every use on the disk before its answer. To show: a ratio of 0.35, to stretch for 0.6. Then the
cost of each part beside that of its bare primitive, in this process.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import NamedTuple

import typer
from sqlalchemy import func, select

from load.benchmarks import parts, servers, wrk
from load.benchmarks.prepared import Prepared, prepared, write_bodies
from load.corpus import Extent
from reference.gateway.profiles.sichuan import PATH
from reference.qr.use_log import ACCEPTED
from reference.store import Store
from reference.store.code_tables import uses

CARDS = 1_000_000
SECONDS = 5
PAIRS = 5
FIRST_RATE = 10_000.0
"""Requests a second that the segment for warming up is prepared for."""
RESERVE = 2.0
"""Bodies beyond those of the fastest segment so far."""
TRIES = 3
"""How often a segment is tried whose bodies were too few, each time with twice as many."""
TO_SHOW, STRETCH = 0.35, 0.6


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
    held: Prepared, server: servers.Server, rate: float, seconds: int, core: int, seed: int, bodies: Path
) -> Segment:
    """One segment against the gateway with fresh codes; what its counts do not agree in."""
    for again in range(TRIES):
        segment, enough = _tried(held, server, int(rate * seconds) << again, seconds, core, seed + again * 1000, bodies)
        if enough:
            break
    return segment


def _tried(
    held: Prepared, server: servers.Server, prepared_for: int, seconds: int, core: int, seed: int, bodies: Path
) -> tuple[Segment, bool]:
    write_bodies(bodies, list(held.cases(prepared_for, prepared_for / seconds, seed)))
    before, recorded = answers(server.address), Uses(held.database)
    cpu = server.cpu_seconds()
    driven = wrk.drive(server.address, PATH, bodies, seconds, core)
    cpu = server.cpu_seconds() - cpu
    rows = recorded.counts()
    given = {outcome: count - before.get(outcome, 0) for outcome, count in answers(server.address).items()}
    given = {outcome: count for outcome, count in given.items() if count}
    enough = driven.requests + wrk.CONNECTIONS <= prepared_for
    return Segment(driven, cpu, tuple(faults(driven, given, rows, prepared_for))), enough


def unchecked(server: servers.Server, seconds: int, core: int, bodies: Path) -> Segment:
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


def measure(held: Prepared, seconds: int, pairs: int) -> list[tuple[Segment, Segment]]:
    """Segments of the yardstick and of the gateway in turns, after one short one of each to warm up."""
    where = servers.cores()
    measured = []
    with (
        tempfile.TemporaryDirectory() as folder,
        servers.bare([where.server]) as yardstick,
        servers.gateway(held.database, core=[where.server]) as platform,
    ):
        bodies = Path(folder) / "bodies"
        rate = FIRST_RATE
        for pair in range(pairs + 1):
            length = seconds if pair else 1
            one = verified(held, platform, rate * RESERVE, length, where.client, pair, bodies)
            other = unchecked(yardstick, length, where.client, bodies)
            rate = max(rate, one.driven.rate) if pair else one.driven.rate
            if pair:
                _tell(pair, other, one)
                measured.append((other, one))
    return measured


def _tell(pair: int, bare: Segment, gateway: Segment) -> None:
    ratio = gateway.driven.rate / bare.driven.rate
    typer.echo(
        f"{pair:2d}  bare {bare.driven.rate:8.0f}/s  gateway {gateway.driven.rate:8.0f}/s  ratio {ratio:.3f}"
        f" (of processor time {bare.cpu_us / gateway.cpu_us:.3f})"
        f"  p50 {gateway.driven.p50_ms:.1f} ms  p99 {gateway.driven.p99_ms:.1f} ms"
    )
    for fault in gateway.faults:
        typer.echo(f"    WRONG: {fault}")


def report(measured: list[tuple[Segment, Segment]]) -> float:
    """Print medians; the median ratio."""
    ratio = statistics.median(one.driven.rate / other.driven.rate for other, one in measured)
    bare = statistics.median(other.driven.rate for other, _ in measured)
    gateway = statistics.median(one.driven.rate for _, one in measured)
    verdict = "stretch reached" if ratio >= STRETCH else "reached" if ratio >= TO_SHOW else "NOT reached"
    typer.echo(f"bare {bare:.0f}/s, {1e6 / bare:.1f} µs   gateway {gateway:.0f}/s, {1e6 / gateway:.1f} µs a request")
    bare_us, gateway_us = (statistics.median(pair[place].cpu_us for pair in measured) for place in (0, 1))
    typer.echo(f"processor time: bare {bare_us:.1f} µs, gateway {gateway_us:.1f} µs, ratio {bare_us / gateway_us:.3f}")
    typer.echo(f"median ratio {ratio:.3f} ({TO_SHOW} to show, {STRETCH} to stretch for: {verdict})")
    return ratio


def main() -> None:
    """Prepare, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="prepared database, made there where it is missing")
    parser.add_argument("--cards", type=int, default=CARDS)
    parser.add_argument("--extent", type=Extent, default=Extent.WHOLE, choices=list(Extent))
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of one segment")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--no-parts", action="store_true", help="leave the cost of the parts out")
    asked = parser.parse_args()
    try:
        wrk.require()
    except wrk.WrkMissing as missing:
        sys.exit(str(missing))
    with tempfile.TemporaryDirectory(prefix="healthcard-bench-") as temporary:
        held = prepared(asked.folder or Path(temporary), asked.cards, extent=asked.extent)
        measured = measure(held, asked.seconds, asked.pairs)
        ratio = report(measured)
        if not asked.no_parts:
            parts.report(held)
    wrong = any(gateway.faults for _, gateway in measured)
    sys.exit(1 if wrong or ratio < TO_SHOW else 0)


if __name__ == "__main__":
    main()
