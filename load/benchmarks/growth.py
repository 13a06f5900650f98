"""Whether verification slows down as the cards grow in number: ``python -m load.benchmarks.growth``.

One gateway a database, all on the same core, asked in turns under ``wrk`` with fresh dynamic codes, as in
`verification_path`; each database is read into memory before its turn. To show: from the smallest number of cards to
the largest at most 15 % slower.
"""

from __future__ import annotations

import argparse
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
    verified,
)
from load.corpus import Extent

CARDS = [10_000, 1_000_000]
SECONDS = 5
ROUNDS = 5
TO_SHOW = 15.0
"""Percent slower at most."""


def measure(folder: Path, sizes: list[int], seconds: int, rounds: int) -> dict[int, list[Segment]]:
    """The segments by number of cards, after one of each to warm up."""
    where = servers.cores()
    measured: dict[int, list[Segment]] = {size: [] for size in sizes}
    # The databases are alike in all but the number of cards: what verification reads.
    held = {size: prepared(folder / str(size), size, extent=Extent.VERIFICATION) for size in sizes}
    with ExitStack() as stack:
        bodies = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "bodies"
        running = {
            size: stack.enter_context(servers.gateway(held[size].database, core=[where.server])) for size in sizes
        }
        rates = dict.fromkeys(sizes, FIRST_RATE)
        for turn in range(rounds + 1):
            for size in sizes if turn % 2 else sizes[::-1]:
                length = seconds if turn else WARM_SECONDS
                rate = rates[size] * RESERVE
                held[size].bring_into_memory()
                segment = verified(held[size], running[size], rate, length, [where.client], turn, bodies)
                rates[size] = segment.driven.rate or FIRST_RATE
                if turn:
                    measured[size].append(segment)
    return measured


def report(measured: dict[int, list[Segment]]) -> float:
    """Print medians; by how many percent the largest is slower than the smallest, in processor time."""
    for size, segments in measured.items():
        rate, cpu = median_rate(segments), median_cpu_us(segments)
        typer.echo(f"{size:11,d} cards {rate:8.0f}/s {cpu:8.1f} µs of processor time a request")
        for fault in (fault for segment in segments for fault in segment.faults):
            typer.echo(f"    WRONG: {fault}")
    smallest, largest = measured[min(measured)], measured[max(measured)]
    by_rate = (median_rate(smallest) / median_rate(largest) - 1) * 100
    by_cpu = (median_cpu_us(largest) / median_cpu_us(smallest) - 1) * 100
    verdict = "held" if by_rate <= TO_SHOW else "NOT held"
    typer.echo(f"slower by {by_rate:.1f} % (bound {TO_SHOW:g} %: {verdict}), by {by_cpu:.1f} % in processor time")
    return by_rate


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
