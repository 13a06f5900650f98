"""What a second worker process brings on PostgreSQL: ``python -m load.benchmarks.workers``.

Two gateways over one database, one of one worker and one of two, asked in turns under ``wrk`` with fresh dynamic codes.
Server, database and wrk share all cores of the machine, whose number is printed: without a core to spare there is
nothing to gain.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import typer

from load.benchmarks import postgres, servers, wrk
from load.benchmarks.prepared import prepared
from load.benchmarks.segments import FIRST_RATE, RESERVE, Segment, median_cpu_us, median_rate, verified
from load.corpus import Extent

CARDS = 100_000
SECONDS = 5
PAIRS = 5
WORKERS = (1, 2)


def measure(database: str, folder: Path, cards: int, seconds: int, pairs: int) -> dict[int, list[Segment]]:
    """The segments by number of workers, after one short one of each to warm up."""
    every = sorted(os.sched_getaffinity(0))
    held = prepared(folder, cards, extent=Extent.VERIFICATION, database=database)
    measured: dict[int, list[Segment]] = {count: [] for count in WORKERS}
    with ExitStack() as stack:
        bodies = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "bodies"
        running = {
            count: stack.enter_context(servers.gateway(database, "--workers", str(count), core=every))
            for count in WORKERS
        }
        rates = dict.fromkeys(WORKERS, FIRST_RATE)
        for turn in range(pairs + 1):
            for count in WORKERS:
                length, rate = seconds if turn else 1, rates[count] * RESERVE
                seed = turn * len(WORKERS) + count
                segment = verified(held, running[count], rate, length, every, seed, bodies, workers=count)
                rates[count] = segment.driven.rate or FIRST_RATE
                if turn:
                    measured[count].append(segment)
    return measured


def report(measured: dict[int, list[Segment]]) -> None:
    """Print medians and the ratio of pairs."""
    typer.echo(f"{len(os.sched_getaffinity(0))} cores for gateway, PostgreSQL and wrk together")
    for count, segments in measured.items():
        rate, cpu = median_rate(segments), median_cpu_us(segments)
        typer.echo(f"{count} worker(s) {rate:8.0f}/s {cpu:8.1f} µs of their processor time a request")
        for fault in (fault for segment in segments for fault in segment.faults):
            typer.echo(f"    WRONG: {fault}")
    one, two = (measured[count] for count in WORKERS)
    ratio = statistics.median(b.driven.rate / a.driven.rate for a, b in zip(one, two, strict=True))
    typer.echo(f"two workers to one: {ratio:.2f}")


def main() -> None:
    """Prepare, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", help="an empty database on PostgreSQL; a server of one's own when left out")
    parser.add_argument("--cards", type=int, default=CARDS)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of one segment")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    asked = parser.parse_args()
    servers.end_in_order()
    try:
        wrk.require()
        with ExitStack() as stack:
            database = asked.database or stack.enter_context(postgres.server())
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="healthcard-bench-")))
            measured = measure(database, folder, asked.cards, asked.seconds, asked.pairs)
    except (wrk.WrkMissing, postgres.PostgresMissing) as missing:
        sys.exit(str(missing))
    report(measured)
    sys.exit(1 if any(segment.faults for segments in measured.values() for segment in segments) else 0)


if __name__ == "__main__":
    main()
