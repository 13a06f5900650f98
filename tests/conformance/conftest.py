"""The demo card's certification, run once for all tests that look at its evidence."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest

from conformance.evidence.package import Package, read_package
from tests.pcsc import pcsc
from tests.runs import certified

__all__ = ["pcsc"]


@functools.cache
def demo_evidence() -> bytes:
    """The demo card's evidence; certified once a process, so that mutation testing can fork from there."""
    with tempfile.TemporaryDirectory() as out:
        certified(Path(out))
        return (Path(out) / "evidence.zip").read_bytes()


@pytest.fixture(scope="session")
def evidence_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo card's evidence, certified in process under a steady clock."""
    path = tmp_path_factory.mktemp("certified") / "evidence.zip"
    path.write_bytes(demo_evidence())
    return path


@pytest.fixture(scope="session")
def package(evidence_zip: Path) -> Package:
    """The same, read."""
    return read_package(evidence_zip)
