"""A database that SQLite itself finds full, in process: nobody is accepted, nothing used up, and it goes on after."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from load.cases import Case
from load.corpus import Extent, Mix, cases_of, fill
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, Verify
from reference.platform import Platform
from reference.store import Store
from reference.store.code_tables import uses
from reference.store.migrating import migrate
from tests.platform import NOON_MS, surroundings

READER = Caller(profile="sichuan", app="demo-sichuan", institution="510100001")


class Disk:
    """A disk that is full when the test says so: no connection of the store may make the database longer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.full = False
        event.listen(store.engine, "checkout", self._limit)

    def _limit(self, connection: Any, record: object, proxy: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages if self.full else 1 << 30}")


async def shown(platform: Platform, cases: list[Case]) -> list[str]:
    """What becomes of codes shown at the same time."""
    answers = await asyncio.gather(
        *(platform.ask(READER, Verify(text=case.text, step=case.step)) for case in cases), return_exceptions=True
    )
    return [answer.id if isinstance(answer, Refusal) else "accepted" for answer in answers]


def test_a_full_database_accepts_nobody_and_goes_on_once_there_is_room(tmp_path: Path) -> None:
    """fault.disk-full.no-acceptance, fault.disk-full.recovery"""
    store = Store(f"sqlite:///{tmp_path}/platform.db")
    migrate(store)
    cards = fill(store, tmp_path / "cards", 300, NOON_MS, extent=Extent.VERIFICATION, processes=1)
    cases = list(cases_of(cards, store, 1200, NOON_MS, mix=Mix()))

    async def played() -> tuple[list[str], int, list[str]]:
        disk, platform = Disk(store), Platform(surroundings(store))
        disk.full = True
        told: list[str] = []
        while cases and not told.count("system.store"):
            # What is free in pages that are there already still takes a group or two.
            told = await shown(platform, [cases.pop() for _ in range(100)])
        kept = recorded(store)
        assert set(await shown(platform, [cases[-1]] * 200)) == {"system.store"}
        assert recorded(store) == kept
        disk.full = False
        after = await shown(platform, [cases[-1], cases[-1], cases[-2]])
        await platform.stop()
        return told, recorded(store) - kept, after

    told, written, after = asyncio.run(played())
    store.close()
    assert set(told) == {"system.store"}, "a group is written whole or not at all"
    assert sorted(after) == ["accepted", "accepted", "code.consumed"]
    assert written == len(after)


def recorded(store: Store) -> int:
    """Uses on the disk."""
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(uses)).scalar_one())
