"""Races of registrations: two processes register the same persons at once; nobody may get two cards.

    python -m tests.benchmarks.registration_races [--races 10000] [--database sqlite|postgresql] [--minutes 0]

Both wait for each other before each race, so that none is a race in name alone; how many met, by their clocks, is
printed too. Then the cards made, the time taken and whatever contradicts itself in the database afterwards; exit code 1
when one person has two cards or a half state is found. The database is a fresh one in memory, where there is a file
system in memory, and goes away at the end: these races are about order, not about power cuts.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from reference.store import Store, metadata
from reference.store.consistency import inconsistencies
from tests.databases import postgres_server
from tests.reference.accounts.workers import Raced, at_the_line, race

WORKERS = 2
MEMORY = Path("/dev/shm")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--races", type=int, default=10_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--minutes", type=float, default=0, help="stop after so many; 0: when all races are run")
    asked = parser.parse_args()
    with database(asked.database) as address:
        return run(address, asked.races, asked.minutes)


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The address of a fresh database with all tables."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        if kind == "sqlite":
            yield created(f"sqlite:///{Path(folder) / 'platform.db'}")
        else:
            with postgres_server(durable=False) as address:
                yield created(address)


def created(address: str) -> str:
    store = Store(address)
    with store.begin() as connection:
        metadata.create_all(connection)
    store.close()
    return address


def run(address: str, races: int, minutes: float) -> int:
    """Run the races and print what came of them."""
    console = Console()
    context = multiprocessing.get_context("forkserver")
    line = context.Barrier(WORKERS)
    until = time.monotonic() + minutes * 60 if minutes else None
    started = time.perf_counter()
    with ProcessPoolExecutor(WORKERS, mp_context=context, initializer=at_the_line, initargs=(line,)) as pool:
        runs = [pool.submit(race, address, seed, range(races), until) for seed in range(WORKERS)]
        raced = [done.result() for done in runs]
    seconds = time.perf_counter() - started
    answers = [answer for done in raced for answer in done]
    made = Counter(answer.ecard_id for answer in answers if answer.new)
    twice = sum(1 for times in made.values() if times > 1)
    with Store(address).read() as connection:
        broken = inconsistencies(connection)
    met = sum(have_met(*pair) for pair in zip(*raced, strict=True))
    ran = len(raced[0])
    console.print(
        f"races {ran}, met {met}, cards {len(made)}, persons with two cards {twice}, half states {len(broken)}"
    )
    console.print(f"{seconds:.1f} s, {len(answers) / seconds:.0f} registrations/s over {WORKERS} processes")
    for fault in broken[:10]:
        console.print(fault)
    return 0 if 0 < ran == len(made) and not twice and not broken else 1


def have_met(one: Raced, other: Raced) -> bool:
    """Whether two registrations of the same person went on at the same time."""
    return one.begun_ns < other.ended_ns and other.begun_ns < one.ended_ns


if __name__ == "__main__":
    raise SystemExit(main())
