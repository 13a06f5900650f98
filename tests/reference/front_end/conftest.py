"""A front-end before a platform that answers as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reference.front_end.pieces import Bench, bench


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Bench]:
    made = bench(tmp_path)
    yield made
    made.spool.close()
