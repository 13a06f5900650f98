"""Fixtures of the crypto tests: each engine in turn."""

from __future__ import annotations

import pytest

from reference.crypto import Engine
from tests.reference.crypto.engines import ENGINES, NAMES


@pytest.fixture(params=ENGINES, ids=NAMES, name="each_engine", scope="session")
def _each_engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.param()
    return made
