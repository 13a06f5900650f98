"""Work done together: at the loop's next turn, in its order, and one that fails harms no other."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from reference.gateway.together import Together


def broken() -> None:
    raise RuntimeError("a defect")


def test_work_is_done_at_the_next_turn_in_its_order() -> None:
    async def story() -> tuple[list[int], list[int]]:
        together, done = Together(), list[int]()
        for number in range(3):
            together.add(lambda number=number: done.append(number))  # type: ignore[misc]
        before = list(done)
        await asyncio.sleep(0)
        return before, done

    assert asyncio.run(story()) == ([], [0, 1, 2])


def test_work_that_adds_work_has_it_done_one_turn_later() -> None:
    async def story() -> list[list[str]]:
        together, done, seen = Together(), list[str](), list[list[str]]()

        def first() -> None:
            done.append("first")
            together.add(lambda: done.append("second"))

        together.add(first)
        for _ in range(2):
            await asyncio.sleep(0)
            seen.append(list(done))
        return seen

    assert asyncio.run(story()) == [["first"], ["first", "second"]]


def test_work_that_fails_is_told_and_harms_no_other() -> None:
    async def story() -> list[str]:
        together, done = Together(), list[str]()
        together.add(broken)
        together.add(lambda: done.append("other"))
        await asyncio.sleep(0)
        return done

    with capture_logs() as logs:
        assert asyncio.run(story()) == ["other"]
    assert [log["event"] for log in logs] == ["work failed"]
