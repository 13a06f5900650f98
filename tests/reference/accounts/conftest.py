"""A platform with an empty store; after each test nothing in its database may contradict anything else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reference.serving import Surroundings
from reference.store import Store
from reference.store.consistency import inconsistencies
from tests.platform import SettableClock, ToldBank, ToldRealNameCheck, surroundings


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def real_name() -> ToldRealNameCheck:
    return ToldRealNameCheck()


@pytest.fixture
def bank() -> ToldBank:
    return ToldBank()


@pytest.fixture
def platform(
    store: Store, clock: SettableClock, real_name: ToldRealNameCheck, bank: ToldBank
) -> Iterator[Surroundings]:
    yield surroundings(store, clock=clock, real_name=real_name, bank=bank)
    with store.read() as connection:
        assert inconsistencies(connection) == []
