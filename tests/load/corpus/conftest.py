"""A small corpus in either database, filled once, and the platform over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from load.corpus import Cards, fill
from reference.serving import Surroundings
from reference.store import Store
from reference.store.migrating import migrate
from tests import platform
from tests.databases import postgres_server_or_skip
from tests.platform import NOON_MS

CARDS = 1200


@dataclass
class Corpus:
    """A filled database with its platform, and the file of its cards."""

    platform: Surroundings
    cards: Cards
    path: Path


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """A corpus of `CARDS` cards, filled at `NOON_MS`."""
    folder = tmp_path_factory.mktemp("corpus")
    with ExitStack() as stack:
        if request.param == "sqlite":
            address = f"sqlite:///{folder}/platform.db"
        else:
            address = stack.enter_context(postgres_server_or_skip(durable=False))
        store = Store(address)
        stack.callback(store.close)
        migrate(store)
        cards = fill(store, folder / "cards", CARDS, NOON_MS, processes=1)
        yield Corpus(platform.surroundings(store), cards, folder / "cards")
