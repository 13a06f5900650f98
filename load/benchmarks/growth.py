"""Whether verification slows down as the cards grow in number: ``python -m load.benchmarks.growth``.

One gateway a database, all on the same core, asked in turns under ``wrk`` with fresh dynamic codes, as in
`verification_path`. A round is one short segment of each, close together, since a machine's own speed changes from
minute to minute; the median of the rounds' ratios counts. Each database is read into memory before its turn. To show:
from the smallest number of cards to the largest at most 15 % slower.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import typer

from load.benchmarks import servers, wrk
from load.benchmarks.prepared import prepared
from load.benchmarks.segments import (
    FIRST_RATE,
    RESERVE,
    WARM_SECONDS,
    Segment,
    median_cpu_us,
    median_rate,
    prepare,
    shown,
    verified,
)
from load.corpus import Extent

CARDS = [10_000, 1_000_000]
SECONDS = 2
ROUNDS = 9
TO_SHOW = 15.0
"""Percent slower at most."""


def measure(folder: Path, sizes: list[int], seconds: int, rounds: int) -> dict[int, list[Segment]]:
    """The segments by number of cards, round by round, after a long one of each to warm up."""
    where = servers.cores()
    core = [where.client]
    # The databases are alike in all but the number of cards: what verification reads.
    held = {size: prepared(folder / str(size), size, extent=Extent.VERIFICATION) for size in sizes}
    measured: dict[int, list[Segment]] = {size: [] for size in sizes}
    with ExitStack() as stack:
        bodies = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        running = {
            size: stack.enter_context(servers.gateway(held[size].database, core=[where.server])) for size in sizes
        }
        ready = {}
        for size in sizes:
            held[size].bring_into_memory()
            warm = verified(held[size], running[size], FIRST_RATE, WARM_SECONDS, core, size, bodies / "warm")
            rate = (warm.driven.rate or FIRST_RATE) * RESERVE
            ready[size] = prepare(held[size], rate, seconds, rounds, size + 1, bodies)
        for turn in range(rounds):
            for size in sizes if turn % 2 else sizes[::-1]:
                held[size].bring_into_memory()
                file, count = ready[size][turn]
                measured[size].append(shown(held[size], running[size], file, count, seconds, core))
    return measured


def report(measured: dict[int, list[Segment]]) -> float:
    """Print medians, and by how many percent more cards are slower; that of the largest number by rate."""
    smallest = measured[min(measured)]
    slower = 0.0
    for size, segments in sorted(measured.items()):
        rate, cpu = median_rate(segments), median_cpu_us(segments)
        typer.echo(f"{size:11,d} cards {rate:8.0f}/s {cpu:8.1f} µs of processor time a request")
        for fault in (fault for segment in segments for fault in segment.faults):
            typer.echo(f"    WRONG: {fault}")
        if segments is smallest:
            continue
        by_rate = [
            (one.driven.rate / other.driven.rate - 1) * 100 for one, other in zip(smallest, segments, strict=True)
        ]
        by_cpu = [(other.cpu_us / one.cpu_us - 1) * 100 for one, other in zip(smallest, segments, strict=True)]
        slower = statistics.median(by_rate)
        rounds = " ".join(f"{value:.0f}" for value in sorted(by_rate))
        typer.echo(
            f"    slower by {slower:.1f} % (rounds: {rounds}), by {statistics.median(by_cpu):.1f} % in processor time"
        )
    typer.echo(f"bound {TO_SHOW:g} %: {'held' if slower <= TO_SHOW else 'NOT held'}")
    return slower


def main() -> None:
    """Prepare, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="prepared databases, made there where they are missing")
    parser.add_argument("--cards", type=int, nargs="+", default=CARDS, help="10000 1000000 10000000")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of one segment")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    servers.end_in_order()
    try:
        wrk.require()
    except wrk.WrkMissing as missing:
        sys.exit(str(missing))
    with tempfile.TemporaryDirectory(prefix="healthcard-bench-") as temporary:
        measured = measure(asked.folder or Path(temporary), sorted(asked.cards), asked.seconds, asked.rounds)
        slower = report(measured)
    wrong = any(segment.faults for segments in measured.values() for segment in segments)
    sys.exit(1 if wrong or slower > TO_SHOW else 0)


if __name__ == "__main__":
    main()
