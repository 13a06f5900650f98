"""An empty platform with a clock that the test sets, on either database."""

from __future__ import annotations

import pytest

from reference.access.desk import Desk
from reference.serving import Surroundings
from reference.store import Store
from tests.platform import SettableClock, surroundings


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def around(store: Store, clock: SettableClock) -> Surroundings:
    return surroundings(store, clock=clock)


@pytest.fixture
def desk(around: Surroundings) -> Desk:
    return Desk(around)
