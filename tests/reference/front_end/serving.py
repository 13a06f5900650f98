"""A front-end served over HTTP on a free loopback port, in a thread of the test, ended by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from reference.front_end.application import InHouseService
from tests.reference.serving import SECONDS, listening


@contextmanager
def in_house(service: InHouseService) -> Iterator[httpx.Client]:
    """A client of the served front-end."""
    with (
        listening(service.application) as address,
        httpx.Client(base_url=address, timeout=SECONDS, trust_env=False) as client,
    ):
        yield client
