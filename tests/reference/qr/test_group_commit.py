"""Group commit: gathering, bounds, a store that fails, and a clean end."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Callable
from typing import TypeVar

import pytest
from sqlalchemy import Connection, delete, func, select

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Verified, Verify
from reference.languages import say
from reference.ports import ProductUnreachable
from reference.qr import GroupCommit, check_uses
from reference.serving import Surroundings
from reference.store import Store, WritingTransaction
from reference.store.code_tables import uses
from reference.store.database import BUSY_MS
from tests.reference.qr.residents import NATIONAL, dynamic, outcomes, resident

T = TypeVar("T")


class GatedStore(Store):
    """A store whose transactions wait for a gate, and fail on request: before their work, or at their end."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.gate, self.entered = threading.Event(), threading.Event()
        self.gate.set()
        self.failure: Exception | None = None
        self.fail_after_work = False
        self.groups = 0

    def pass_gate(self) -> None:
        """Wait for the gate, then fail where that is asked for."""
        self.entered.set()
        assert self.gate.wait(30)
        self.groups += 1
        if self.failure is not None and not self.fail_after_work:
            raise self.failure

    def fail_at_the_end(self) -> None:
        """Fail where that is asked for."""
        if self.failure is not None:
            raise self.failure

    def transact(self, work: Callable[[Connection], T]) -> T:
        self.pass_gate()
        if self.failure is None:
            return super().transact(work)
        with self.begin() as connection:
            work(connection)
            raise self.failure

    def writing(self) -> GatedTransaction:
        return GatedTransaction(self)


class GatedTransaction(WritingTransaction):
    """A transaction that somebody else is always before, so that a thread waits for the gate."""

    def __init__(self, store: GatedStore) -> None:
        super().__init__(store)
        self.gated = store

    def begin_at_once(self) -> bool:
        return False

    def begin(self) -> None:
        self.gated.pass_gate()
        super().begin()

    def commit(self) -> None:
        self.gated.fail_at_the_end()
        super().commit()


@pytest.fixture
def gated(platform: Surroundings) -> tuple[Surroundings, GatedStore]:
    """A platform with a gate before its transactions."""
    store = GatedStore(platform.store.address)
    return dataclasses.replace(platform, store=store), store


async def gathered(commit: GroupCommit, texts: list[str]) -> list[str]:
    """Submit all at once; the outcomes."""
    answers = await asyncio.gather(
        *(commit.submit(NATIONAL, Verify(text=text)) for text in texts), return_exceptions=True
    )
    return [
        "accepted" if isinstance(one, Verified) else one.id if isinstance(one, Refusal) else repr(one)
        for one in answers
    ]


def test_requests_that_come_together_share_few_transactions(gated: tuple[Surroundings, GatedStore]) -> None:
    platform, store = gated
    texts = [dynamic(platform, resident(platform, number)).text for number in range(1, 21)]
    store.groups = 0
    store.gate.clear()
    commit = GroupCommit(platform)

    async def story() -> list[str]:
        waiting = asyncio.create_task(gathered(commit, texts + texts))
        await asyncio.sleep(0)
        await asyncio.to_thread(store.entered.wait, 30)
        store.gate.set()
        return await waiting

    told = asyncio.run(story())
    asyncio.run(commit.close())
    store.close()

    assert sorted(told) == ["accepted"] * 20 + ["code.consumed"] * 20
    assert store.groups <= 3


def test_nobody_is_answered_before_the_commit(gated: tuple[Surroundings, GatedStore]) -> None:
    platform, store = gated
    code = dynamic(platform, resident(platform))
    store.entered.clear()
    store.gate.clear()
    commit = GroupCommit(platform)

    async def story() -> tuple[bool, int, int]:
        waiting = asyncio.create_task(commit.submit(NATIONAL, Verify(text=code.text)))
        await asyncio.to_thread(store.entered.wait, 30)
        early, before = waiting.done(), len(outcomes(platform))
        store.gate.set()
        await waiting
        return early, before, len(outcomes(platform))

    assert asyncio.run(story()) == (False, 0, 1)
    asyncio.run(commit.close())
    store.close()


@pytest.mark.parametrize("after_work", [False, True])
def test_a_store_that_fails_refuses_the_group_and_keeps_nothing_of_it(
    gated: tuple[Surroundings, GatedStore], after_work: bool
) -> None:
    platform, store = gated
    texts = [dynamic(platform, resident(platform, number)).text for number in range(1, 4)]
    commit = GroupCommit(platform)
    store.failure = ProductUnreachable(say("The database {address}", address="x"), "gone.", "Wait.")
    store.fail_after_work = after_work

    assert asyncio.run(gathered(commit, texts)) == ["system.store"] * 3
    assert outcomes(platform) == []
    store.failure = None
    assert asyncio.run(gathered(commit, texts)) == ["accepted"] * 3
    asyncio.run(commit.close())
    store.close()


def test_a_defect_is_told_and_the_worker_lives_on(gated: tuple[Surroundings, GatedStore]) -> None:
    platform, store = gated
    code = dynamic(platform, resident(platform))
    commit = GroupCommit(platform)
    store.failure = ZeroDivisionError()

    assert asyncio.run(gathered(commit, [code.text])) == ["system.failure"]
    store.failure = None
    assert asyncio.run(gathered(commit, [code.text])) == ["accepted"]
    asyncio.run(commit.close())
    store.close()


def test_more_than_may_wait_are_told_that_the_platform_is_busy(gated: tuple[Surroundings, GatedStore]) -> None:
    platform, store = gated
    code = dynamic(platform, resident(platform))
    store.entered.clear()
    store.gate.clear()
    commit = GroupCommit(platform, waiting=2)

    async def story() -> list[str]:
        first = asyncio.create_task(commit.submit(NATIONAL, Verify(text=code.text)))
        await asyncio.to_thread(store.entered.wait, 30)
        rest = asyncio.create_task(gathered(commit, [code.text] * 4))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        store.gate.set()
        await first
        return await rest

    assert asyncio.run(story()) == ["code.consumed"] * 2 + ["system.busy"] * 2
    asyncio.run(commit.close())
    store.close()


def test_whoever_waited_too_long_is_told_so_and_not_verified(gated: tuple[Surroundings, GatedStore]) -> None:
    platform, store = gated
    code = dynamic(platform, resident(platform))
    store.entered.clear()
    store.gate.clear()
    now = [0.0]
    commit = GroupCommit(platform, seconds=2.0, monotonic=lambda: now[0])

    async def story() -> tuple[str, str]:
        first = asyncio.create_task(gathered(commit, [code.text]))
        await asyncio.to_thread(store.entered.wait, 30)
        second = asyncio.create_task(gathered(commit, [code.text]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        now[0] = 9.0
        store.gate.set()
        return (await first)[0], (await second)[0]

    assert asyncio.run(story()) == ("accepted", "system.busy")
    assert outcomes(platform) == ["accepted"]
    asyncio.run(commit.close())
    store.close()


def test_whoever_waits_behind_a_hanging_database_is_answered_in_time(gated: tuple[Surroundings, GatedStore]) -> None:
    platform, store = gated
    code = dynamic(platform, resident(platform))
    store.entered.clear()
    store.gate.clear()
    commit = GroupCommit(platform, seconds=0.01)

    async def story() -> tuple[str, str]:
        first = asyncio.create_task(gathered(commit, [code.text]))
        await asyncio.to_thread(store.entered.wait, 30)
        second = await gathered(commit, [code.text])
        store.gate.set()
        return (await first)[0], second[0]

    assert asyncio.run(story()) == ("accepted", "system.busy")
    asyncio.run(commit.close())
    store.close()


def test_a_group_inside_a_hanging_database_is_given_up_and_its_uses_stand(
    gated: tuple[Surroundings, GatedStore],
) -> None:
    platform, store = gated
    first, second = (dynamic(platform, resident(platform, number)).text for number in (1, 2))
    store.entered.clear()
    store.gate.clear()
    commit, later = GroupCommit(platform, longest=0.01, seconds=0.02), GroupCommit(platform)

    async def story() -> tuple[list[str], list[str], list[str]]:
        given_up = await gathered(commit, [first])
        waited = await gathered(commit, [second])
        store.gate.set()
        await commit.close()
        return given_up, waited, await gathered(later, [first, second])

    assert asyncio.run(story()) == (["system.store"], ["system.busy"], ["code.consumed", "accepted"])
    assert outcomes(platform) == ["accepted", "code.consumed", "accepted"]
    asyncio.run(later.close())
    store.close()


def test_closing_writes_what_waits_and_takes_nothing_more(gated: tuple[Surroundings, GatedStore]) -> None:
    platform, store = gated
    texts = [dynamic(platform, resident(platform, number)).text for number in range(1, 4)]
    commit = GroupCommit(platform, largest=1)

    async def story() -> tuple[list[str], list[str]]:
        waiting = asyncio.create_task(gathered(commit, texts))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await commit.close()
        return await waiting, await gathered(commit, texts[:1])

    assert asyncio.run(story()) == (["accepted"] * 3, ["system.busy"])
    asyncio.run(commit.close())
    store.close()


def test_a_distant_machine_is_asked_of_several_cards_at_a_time(platform: Surroundings) -> None:
    texts = [dynamic(platform, resident(platform, number)).text for number in range(1, 9)]
    commit = GroupCommit(platform, machine_threads=4)

    assert asyncio.run(gathered(commit, texts)) == ["accepted"] * 8
    asyncio.run(commit.close())


def test_whoever_gives_up_waiting_does_not_harm_the_others(platform: Surroundings) -> None:
    texts = [dynamic(platform, resident(platform, number)).text for number in range(1, 3)]
    commit = GroupCommit(platform)

    async def story() -> Verified:
        gone = asyncio.create_task(commit.submit(NATIONAL, Verify(text=texts[0])))
        await asyncio.sleep(0)
        gone.cancel()
        return await commit.submit(NATIONAL, Verify(text=texts[1]))

    assert asyncio.run(story()).kind == "dynamic"
    asyncio.run(commit.close())
    with platform.store.read() as connection:
        assert check_uses(connection) == connection.execute(select(func.count()).select_from(uses)).scalar_one()


def test_the_event_loop_lives_on_while_another_writer_holds_the_database(platform: Surroundings) -> None:
    code = dynamic(platform, resident(platform))
    commit = GroupCommit(platform)

    async def story() -> tuple[bool, str]:
        with platform.store.begin() as other:
            other.execute(delete(uses))
            waiting = asyncio.create_task(commit.submit(NATIONAL, Verify(text=code.text)))
            for _ in range(20):
                await asyncio.to_thread(platform.clock.now_ms)  # a turn of the loop and of its threads
            early = waiting.done() and platform.store.is_sqlite
        return early, (await waiting).kind

    assert asyncio.run(story()) == (False, "dynamic")
    asyncio.run(commit.close())


def test_a_transaction_that_was_not_committed_leaves_nothing_and_its_connection_waits_again(
    platform: Surroundings,
) -> None:
    if not platform.store.is_sqlite:
        assert platform.store.engine.dialect.name == "postgresql", "step by step is for SQLite alone"
        return
    code = dynamic(platform, resident(platform))
    asyncio.run(_verified_once(platform, code.text))
    transaction = platform.store.writing()
    assert transaction.begin_at_once()
    transaction.connection.execute(delete(uses))
    other = platform.store.writing()
    assert not other.begin_at_once()
    other.end()
    transaction.end()

    assert outcomes(platform) == ["accepted"]
    with platform.store.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == BUSY_MS


async def _verified_once(platform: Surroundings, text: str) -> None:
    commit = GroupCommit(platform)
    await commit.submit(NATIONAL, Verify(text=text))
    await commit.close()
