"""The demo card's certification, run once for all tests that look at its evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.evidence.package import Package, read_package
from tests.pcsc import pcsc
from tests.runs import certified

__all__ = ["pcsc"]


@pytest.fixture(scope="session")
def evidence_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo card's evidence, certified in process under a steady clock."""
    out = tmp_path_factory.mktemp("certified")
    certified(out)
    return out / "evidence.zip"


@pytest.fixture(scope="session")
def package(evidence_zip: Path) -> Package:
    """The same, read."""
    return read_package(evidence_zip)
