"""Fixtures of the electronic card's tests: each crypto engine in turn, and the published sample keys."""

from __future__ import annotations

import pytest

from reference.crypto import Engine, SecretKey
from reference.ecard import ids, validity
from tests.reference.crypto.engines import ENGINES, NAMES


@pytest.fixture(params=ENGINES, ids=NAMES)
def each_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The rules work with this engine for the length of a test."""
    made: Engine = request.param()
    for module in (ids, validity):
        monkeypatch.setattr(module, "engine", lambda: made)
    return made


@pytest.fixture
def security_key() -> SecretKey:
    return SecretKey(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"), demo=True)


@pytest.fixture
def protection_key() -> SecretKey:
    return SecretKey(bytes.fromhex("11223344556677888877665544332211"), demo=True)
