"""One demo platform for the session: starting it takes longer than asking it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.simulators.clients.platform_process import demo_platform


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo platform."""
    with demo_platform(tmp_path_factory.mktemp("platform")) as address:
        yield address


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    """Sequence numbers of residents, each once in the session."""
    return itertools.count(1, 2)
