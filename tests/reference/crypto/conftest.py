"""Fixtures of the crypto tests: each engine in turn."""

from __future__ import annotations

import pytest

from reference.crypto import Engine
from reference.crypto.fast import FastEngine
from reference.crypto.oracle import GmsslEngine


@pytest.fixture(params=[FastEngine, GmsslEngine], ids=["fast", "gmssl"], name="each_engine", scope="session")
def _each_engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.param()
    return made
