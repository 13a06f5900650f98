"""The long run: `python -m tests.fuzzing [--inputs N] [--seed N] [--out FOLDER] [TARGET …]`, two campaigns at a time.

Prints one table row a target, and every finding with the file that holds its input. Ends with 1 when there is one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzzing.campaign import Figures
from tests.fuzzing.guided import available, guided
from tests.fuzzing.runner import campaign, save
from tests.fuzzing.targets import named, names

INPUTS = 1_100_000
GUIDED = 5_000
SEED = 20_121
AT_ONCE = 2
NICENESS = 10
HEADINGS = ("target", "inputs", "accepted", "refused", "pool", "inputs/s", "growth MiB", "findings")


def shares(targets: Sequence[str], inputs: int) -> dict[str, int]:
    """How many inputs each target gets, by its share; together at least ``inputs``."""
    weights = {name: named(name).SHARE for name in targets}
    return {name: -(-inputs * weight // sum(weights.values())) for name, weight in weights.items()}


def cells(figures: Figures) -> tuple[str, ...]:
    """A row of the table."""
    counts = (figures.inputs, figures.accepted, figures.refused, figures.pool, round(figures.rate), figures.growth)
    return (figures.target, *(f"{count:,}" for count in counts), str(len(figures.findings)))


def row(parts: Sequence[str]) -> str:
    """A row in Markdown, aligned."""
    return "| " + " | ".join(part.rjust(10) if at else part.ljust(16) for at, part in enumerate(parts)) + " |\n"


def campaigns(targets: Sequence[str], given: argparse.Namespace) -> Iterator[Figures]:
    """The figures of each campaign, the small shares first; then those guided by coverage, where atheris is there."""
    wanted = shares(targets, given.inputs)
    slowest_first = sorted(wanted, key=lambda name: named(name).SHARE)
    with ThreadPoolExecutor(AT_ONCE) as both:
        yield from both.map(lambda name: campaign(name, wanted[name], given.seed, niceness=NICENESS), slowest_first)
        if given.guided and available():
            yield from both.map(lambda name: guided(name, given.guided, given.seed, given.out), slowest_first)


def told(every: Sequence[Figures], out: Path) -> Iterator[str]:
    """Every place where something was found, once a target, with a file that holds such an input."""
    for figures in every:
        places = {finding.where: finding for finding in figures.findings}
        for where, finding in places.items():
            yield f"{figures.target}: {finding.fault} at {where}\n    {out / figures.target / finding.name}\n"


def main() -> int:
    """Run all campaigns; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("targets", nargs="*", help=", ".join(names()))
    parser.add_argument("--inputs", type=int, default=INPUTS, help="inputs over all targets")
    parser.add_argument("--guided", type=int, default=GUIDED, help="inputs a target under atheris, if it is installed")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=Path("out") / "fuzzing", help="folder for inputs that were found")
    given = parser.parse_args()
    unknown = set(given.targets) - set(names())
    if unknown:
        parser.error(f"no target is called {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    sys.stdout.write(row(HEADINGS) + row(["---", *("---:" for _ in HEADINGS[1:])]))
    every: list[Figures] = []
    for figures in campaigns(given.targets or names(), given):
        every.append(figures)
        save(figures, given.out)
        sys.stdout.write(row(cells(figures)))
        sys.stdout.flush()
    total = sum(figures.inputs for figures in every)
    findings = sum(len(figures.findings) for figures in every)
    sys.stdout.write(f"\n{total:,} inputs in {len(every)} campaigns, {findings} findings, seed {given.seed}\n")
    sys.stdout.writelines(told(every, given.out))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
