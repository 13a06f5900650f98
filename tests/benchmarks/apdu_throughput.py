"""APDUs a second, in process and through virtual PC/SC readers, in one run: only the ratios carry over.

    python -m tests.benchmarks.apdu_throughput [COUNT]

The do-nothing chip shows what the way costs, the demo card what the card itself costs beside it.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from conformance.adapters.pcsc import PcscChip
from reference.ports import Chip
from simulators.readers.in_process import InProcessReader
from simulators.readers.pcsc_daemon import missing
from simulators.readers.virtual import VirtualReaders

SELECT_MASTER_FILE = bytes.fromhex("00A40000023F00")
COUNT = 5000
WARM_UP = 100


class DoNothing:
    """Answers every command with 9000."""

    def reset(self) -> bytes:
        return bytes.fromhex("3B80800101")

    def transmit(self, command: bytes) -> bytes:
        return b"\x90\x00"


class Figures(NamedTuple):
    """What one way to one chip took: APDUs a second, and microseconds at the median and at 99 of 100."""

    rate: float
    p50: float
    p99: float


def measure(chip: Chip, count: int) -> Figures:
    """Send the same SELECT `count` times after a reset."""
    chip.reset()
    for _ in range(WARM_UP):
        chip.transmit(SELECT_MASTER_FILE)
    took = []
    for _ in range(count):
        began = time.perf_counter_ns()
        chip.transmit(SELECT_MASTER_FILE)
        took.append((time.perf_counter_ns() - began) / 1000)
    cuts = statistics.quantiles(took, n=100)
    return Figures(1e6 * count / sum(took), cuts[49], cuts[98])


def chips() -> dict[str, Chip]:
    """The chips to measure, by name."""
    from simulators.cards import demo_card

    return {"do-nothing chip": DoNothing(), "demo user card": demo_card()}


def main(count: int) -> None:
    """Measure every chip both ways and show the ratio of the two ways."""
    lack = missing()
    table = Table("chip", "way", "APDU/s", "p50 us", "p99 us", "ratio", title=f"{count} times SELECT of the MF")
    for name, chip in chips().items():
        direct = measure(InProcessReader(chip), count)
        table.add_row(name, "in process", *_cells(direct, direct))
        if lack is None:
            with VirtualReaders(chip, DoNothing()) as readers, PcscChip(readers.card_reader) as card:
                table.add_row(name, "PC/SC", *_cells(measure(card, count), direct))
    Console().print(table)
    if lack is not None:
        Console().print(f"not measured through PC/SC: {lack}")


def _cells(figures: Figures, base: Figures) -> tuple[str, ...]:
    ratio = figures.rate / base.rate
    return f"{figures.rate:.0f}", f"{figures.p50:.1f}", f"{figures.p99:.1f}", f"{ratio:.4f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
