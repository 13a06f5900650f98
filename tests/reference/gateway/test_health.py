"""Health tells the truth in bounded time: of a store that reads but does not write, of a part that hangs, and again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from reference.gateway.health import FRESH, Health, Part, writes
from reference.keys.key_file import demo_keys
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.languages import say
from reference.ports import CryptoMachineUnavailable
from reference.store import Store
from reference.store.access_tables import requests_seen
from reference.store.migrating import migrate
from tests.platform import surroundings

SOON = 0.05


class LostMachine(SoftwareCryptoMachine):
    """A crypto machine that is not there."""

    def heartbeat(self) -> None:
        raise CryptoMachineUnavailable(say("Crypto machines"), say("The pool is closed."), say("Ctrl-C ends it."))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/platform.db")
    migrate(opened)
    yield opened
    opened.close()


def test_all_is_well_and_the_probe_leaves_nothing(store: Store) -> None:
    assert asyncio.run(Health(surroundings(store)).parts()) == {"store": True, "crypto-machine": True}
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(requests_seen)).scalar_one() == 0


def test_a_machine_that_is_lost_is_told(store: Store) -> None:
    told = asyncio.run(Health(surroundings(store, machine=LostMachine(demo_keys()))).parts())
    assert told == {"store": True, "crypto-machine": False}


def test_a_store_that_only_reads_is_not_well(store: Store) -> None:
    trigger = "CREATE TRIGGER full BEFORE INSERT ON requests_seen BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    with store.begin() as connection:
        connection.execute(text(trigger))
    assert not writes(store)
    health = Health(surroundings(store))
    assert not asyncio.run(health.parts())["store"]


def test_what_was_just_written_tells_that_the_store_writes(store: Store) -> None:
    with store.begin() as connection:
        connection.execute(text("DROP TABLE requests_seen"))
    health = Health(surroundings(store))
    health.note("request.wrong-signature")
    assert not asyncio.run(health.parts())["store"]
    health.note("ok")
    assert asyncio.run(health.parts())["store"]


def test_a_part_that_hangs_is_failing_asked_once_and_well_again() -> None:
    asked, released = [], threading.Event()

    def hanging() -> bool:
        asked.append(1)
        return released.wait(30)

    async def played() -> list[bool]:
        part = Part(hanging)
        told = [await part.well(SOON), await part.well(SOON)]
        released.set()
        return [*told, await part.well(30)]

    assert asyncio.run(played()) == [False, False, True]
    assert len(asked) == 1


def test_an_answer_counts_for_a_moment() -> None:
    now, asked = [100.0], []

    def well() -> bool:
        asked.append(1)
        return True

    async def played() -> None:
        part = Part(well, lambda: now[0])
        assert await part.well()
        assert await part.well()
        now[0] += FRESH
        assert await part.well()

    asyncio.run(played())
    assert len(asked) == 2
