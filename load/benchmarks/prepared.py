"""A folder with a filled database, made once and used by many runs; and signed requests for fresh codes of it.

Requests are signed shortly before they are sent, since a platform refuses old ones (limits.toml,
timestamp-window-seconds).
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from load.cases import Case
from load.corpus import Cards, Extent, cases_of, fill, read_cards
from reference.ecard.verbs import Verify
from reference.gateway import composing, demo
from reference.gateway.profiles.sichuan_client import SichuanClient
from reference.gateway.settings import ServeSettings
from reference.operating_system import SystemClock
from reference.store import Store
from reference.store.migrating import migrate

DATABASE: Final = "platform.db"
CARDS: Final = "cards"
NONCE_BYTES: Final = 16
PIECE: Final = 1 << 24


@dataclass(frozen=True)
class Prepared:
    """A filled database and its cards."""

    folder: Path
    database: str
    cards: Cards

    def cases(self, count: int, rate: float, seed: int) -> Iterator[Case]:
        """Fresh dynamic codes, recorded, in the order of their use."""
        store = Store(self.database)
        try:
            cases = cases_of(self.cards, store, count, SystemClock().now_ms(), rate=rate, seed=seed)
            if store.is_sqlite:
                # What issuing left in the log is not the work of whoever verifies.
                with store.engine.connect() as connection:
                    connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            yield from cases
        finally:
            store.close()

    def bring_into_memory(self) -> None:
        """Read an SQLite file, so that no disk is measured: some machines give back what was not read for a while."""
        file = self.folder / DATABASE
        if not file.exists():
            return
        with file.open("rb", buffering=0) as opened:
            while opened.read(PIECE):
                pass


def prepared(folder: Path, cards: int, *, extent: Extent = Extent.WHOLE, database: str = "") -> Prepared:
    """The folder's database with so many cards, filled where it is not there yet.

    ``database``: another one than SQLite in the folder. Raises ValueError for a folder with another number of cards.
    """
    folder.mkdir(parents=True, exist_ok=True)
    address = database or f"sqlite:///{folder.resolve() / DATABASE}"
    known = folder / CARDS
    if known.exists():
        held = read_cards(known)
        if len(held) != cards:
            raise ValueError(f"{folder} holds {len(held)} cards, not {cards}: name another folder")
    else:
        store = Store(address)
        migrate(store)
        held = fill(store, known, cards, SystemClock().now_ms(), extent=extent)
        store.close()
    settings = ServeSettings(database=address, demo=True)
    store = composing.open_store(settings)
    demo.furnish(composing.surroundings_of(settings, store))
    store.close()
    return Prepared(folder, address, held)


def write_bodies(path: Path, cases: Sequence[Case]) -> None:
    """Signed requests of Sichuan's interface for the cases, one body a line."""
    processes = len(os.sched_getaffinity(0))
    size = -(-len(cases) // processes)
    parts = [cases[start : start + size] for start in range(0, len(cases), size)]
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool, path.open("wb") as file:
        for number, bodies in enumerate(pool.map(_signed, parts, itertools.count())):
            assert number < processes
            file.write(bodies)


def _signed(cases: Sequence[Case], part: int) -> bytes:
    client, clock = SichuanClient(demo.demo_credentials("sichuan")), SystemClock()
    bodies = []
    for case in cases:
        verify = Verify(text=case.text, step=case.step)
        bodies.append(client.write(verify, clock.now_ms(), os.urandom(NONCE_BYTES)).body)
    return b"\n".join(bodies) + b"\n"
