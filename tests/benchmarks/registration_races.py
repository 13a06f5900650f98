"""Races of registrations: two processes register the same persons at once; nobody may get two cards.

    python -m tests.benchmarks.registration_races [--races 10000] [--database sqlite|postgresql]

Prints the races, the cards made, the time taken and whatever contradicts itself in the database afterwards; exit code 1
when one person has two cards or a half state is found. The database is a fresh one and goes away at the end.
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
from tests.reference.accounts.workers import register_all

WORKERS = 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--races", type=int, default=10_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    with database(asked.database) as address:
        return run(address, asked.races)


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The address of a fresh database with all tables."""
    with tempfile.TemporaryDirectory() as folder:
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


def run(address: str, races: int) -> int:
    """Run the races and print what came of them."""
    console = Console()
    started = time.perf_counter()
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("forkserver")) as pool:
        runs = [pool.submit(register_all, address, seed, range(races)) for seed in range(WORKERS)]
        answers = [answer for done in runs for answer in done.result()]
    seconds = time.perf_counter() - started
    made = Counter(ecard_id for ecard_id, new in answers if new)
    twice = sum(1 for times in made.values() if times > 1)
    with Store(address).read() as connection:
        broken = inconsistencies(connection)
    console.print(f"races {races}, cards {len(made)}, persons with two cards {twice}, half states {len(broken)}")
    console.print(f"{seconds:.1f} s, {len(answers) / seconds:.0f} registrations/s over {WORKERS} processes")
    for line in broken[:10]:
        console.print(line)
    return 0 if len(made) == races and not twice and not broken else 1


if __name__ == "__main__":
    raise SystemExit(main())
