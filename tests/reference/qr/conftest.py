"""A platform on either database, and one on SQLite alone for what does not depend on the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reference.serving import Surroundings
from reference.store import Store
from tests.databases import empty_sqlite
from tests.platform import SettableClock, surroundings


@pytest.fixture
def clock() -> SettableClock:
    """The platform's clock, standing."""
    return SettableClock()


@pytest.fixture
def platform(store: Store, clock: SettableClock) -> Surroundings:
    """A platform on an empty database, SQLite and PostgreSQL in turn."""
    return surroundings(store, clock=clock)


@pytest.fixture
def small_platform(tmp_path: Path, clock: SettableClock) -> Iterator[Surroundings]:
    """A platform on an empty SQLite file."""
    store = Store(empty_sqlite(tmp_path / "small.db"))
    yield surroundings(store, clock=clock)
    store.close()
