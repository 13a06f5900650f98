"""A database of the reference platform with cards in it, and the codes that will be shown of them. Source: decision."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from load.corpus import Extent, fill
from load.soak.codes import PROFILE, Codes
from reference.gateway import composing, demo
from reference.gateway.settings import ServeSettings
from reference.operating_system import SystemClock
from reference.store import Store


class Filled(NamedTuple):
    """The store, its codes, and what tells a server to serve it."""

    store: Store
    codes: Codes
    arguments: tuple[str, ...]


@contextmanager
def filled(database: str, cards: int, seed: int) -> Iterator[Filled]:
    """Fill an empty database; SQLite in a folder of its own, taken away afterwards, where none is named.

    Raises NotEmpty for a database with accounts.
    """
    with tempfile.TemporaryDirectory(prefix="healthcard-faults-") as folder:
        address = database or f"sqlite:///{folder}/platform.db"
        settings = ServeSettings(database=address, profiles=(PROFILE,), demo=True)
        store = composing.open_store(settings)
        try:
            made = fill(
                store, Path(folder) / "cards", cards, SystemClock().now_ms(), seed=seed, extent=Extent.VERIFICATION
            )
            demo.furnish(composing.surroundings_of(settings, store))
            yield Filled(store, Codes(store, made, seed), ("--demo", "--profile", PROFILE, "--database", address))
        finally:
            store.close()
