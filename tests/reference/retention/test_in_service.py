"""Passes while a platform serves: when they come, what a failure does, and a clean end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from reference.ports import ProductUnreachable
from reference.retention import Purged, Retention, in_service
from reference.retention.in_service import EVERY, SOON
from reference.serving import Surroundings
from reference.store import Store
from tests.platform import surroundings


@pytest.fixture
def platform(store: Store) -> Surroundings:
    return surroundings(store)


@dataclass
class Waits:
    """A sleep that notes how long it was asked for, and ends the story after so many."""

    most: int
    told: list[float] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        self.told.append(seconds)
        if len(self.told) == self.most:
            self.enough.set()
            await asyncio.Event().wait()


def waits_between(platform: Surroundings, count: int) -> list[float]:
    """How long the first passes waited for."""

    async def story() -> list[float]:
        waits = Waits(count)
        retention = Retention(platform, waits.sleep)
        retention.begin()
        async with asyncio.timeout(30):
            await waits.enough.wait()
        await retention.end()
        return waits.told

    return asyncio.run(story())


def test_a_pass_comes_now_and_then_and_soon_after_one_that_stopped_before_the_end(
    platform: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = iter([Purged(1, 0, True), Purged(1, 0, False), Purged(0, 0, False)])
    monkeypatch.setattr(in_service, "purge", lambda *_: next(passes))
    assert waits_between(platform, 4) == [EVERY, SOON, EVERY, EVERY]


def test_a_pass_that_fails_is_made_again_at_its_time(platform: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Purged:
        raise ProductUnreachable("The database", "does not answer.", "Wait.")

    monkeypatch.setattr(in_service, "purge", fail)
    assert waits_between(platform, 3) == [EVERY, EVERY, EVERY]


def test_the_pass_is_that_of_the_platform(platform: Surroundings) -> None:
    assert waits_between(platform, 2) == [EVERY, EVERY]


def test_what_never_began_can_be_ended(platform: Surroundings) -> None:
    retention = Retention(platform)
    asyncio.run(retention.end())
    assert retention._task is None
