"""The whole path of a verification against a bare server: ``python -m load.benchmarks.verification_path``.

In one run under ``wrk``, in turns: requests a second of the bare yardstick beside this file and of the gateway, each
one worker on one core, wrk on another; dynamic codes each used once, a million cards in SQLite, Sichuan's envelope
signed and enciphered, every use on the disk before its answer. To show: a ratio of 0.35, to stretch for 0.6. Then the
cost of each part beside that of its bare primitive, in this process.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import typer

from load.benchmarks import parts, servers, wrk
from load.benchmarks.prepared import Prepared, prepared
from load.benchmarks.segments import (
    FIRST_RATE,
    RESERVE,
    WARM_SECONDS,
    Segment,
    median_cpu_us,
    median_rate,
    unchecked,
    verified,
)
from load.corpus import Extent

CARDS = 1_000_000
SECONDS = 5
PAIRS = 5
TO_SHOW, STRETCH = 0.35, 0.6


def measure(held: Prepared, seconds: int, pairs: int) -> list[tuple[Segment, Segment]]:
    """Segments of the yardstick and of the gateway in turns, after one of each to warm up."""
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
            length = seconds if pair else WARM_SECONDS
            held.bring_into_memory()
            one = verified(held, platform, rate * RESERVE, length, [where.client], pair, bodies)
            other = unchecked(yardstick, length, [where.client], bodies)
            rate = max(rate, one.driven.rate) if pair else one.driven.rate or FIRST_RATE
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
    bares, gateways = [other for other, _ in measured], [one for _, one in measured]
    bare, gateway = median_rate(bares), median_rate(gateways)
    bare_us, gateway_us = median_cpu_us(bares), median_cpu_us(gateways)
    verdict = "stretch reached" if ratio >= STRETCH else "reached" if ratio >= TO_SHOW else "NOT reached"
    typer.echo(f"bare {bare:.0f}/s, {1e6 / bare:.1f} µs   gateway {gateway:.0f}/s, {1e6 / gateway:.1f} µs a request")
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
    servers.end_in_order()
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
