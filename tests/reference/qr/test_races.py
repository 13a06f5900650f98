"""Many at once: threads, processes, and processes that are killed. A single-use code has exactly one winner."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Verified, Verify
from reference.qr import check_uses, verify_group
from reference.serving import Surroundings
from reference.store import audit
from reference.store.code_tables import codes, uses
from tests.reference.qr.residents import NATIONAL, dynamic, resident, static

ROOT = Path(__file__).parents[3]
SECONDS = 120


@contextmanager
def process(address: str, size: int) -> Iterator[subprocess.Popen[str]]:
    """A process that verifies, ready to begin; ended by its id."""
    command = [sys.executable, "-m", "tests.reference.qr.verifying_process", address, str(size)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        try:
            assert started.stdout is not None
            assert started.stdout.readline() == "ready\n"
            yield started
        finally:
            started.kill()


def checked(platform: Surroundings) -> int:
    """The number of uses, when use log and audit log are whole."""
    with platform.store.read() as connection:
        audit.check(connection)
        return check_uses(connection)


def test_eight_threads_and_one_code_make_one_winner_each_time(platform: Surroundings) -> None:
    texts = [dynamic(platform, resident(platform, number)).text for number in range(1, 6)]
    barrier = threading.Barrier(8)

    def all_codes(_: int) -> list[bool]:
        barrier.wait()
        answers = [verify_group(platform, [(NATIONAL, Verify(text=text))])[0] for text in texts]
        return [isinstance(answer, Verified) for answer in answers]

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(all_codes, range(8)))

    assert [sum(column) for column in zip(*won, strict=True)] == [1] * 5
    assert checked(platform) == 40


def test_groups_in_opposite_order_neither_deadlock_nor_win_twice(platform: Surroundings) -> None:
    texts = [dynamic(platform, resident(platform, number)).text for number in range(1, 21)]

    def group(order: int) -> list[str]:
        requests = [(NATIONAL, Verify(text=text)) for text in texts[::order]]
        answers = verify_group(platform, requests, map)
        return [request.text for (_, request), one in zip(requests, answers, strict=True) if isinstance(one, Verified)]

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(group, [1, -1, 1, -1]))

    assert sorted(text for one in won for text in one) == sorted(texts)


def test_one_account_gets_one_dynamic_code_however_many_ask(platform: Surroundings) -> None:
    card = resident(platform)

    def apply(_: int) -> str:
        try:
            return dynamic(platform, card).text
        except Refusal as refusal:
            return refusal.id

    with ThreadPoolExecutor(6) as pool:
        told = Counter(pool.map(apply, range(6)))

    assert told.pop("code.dynamic-still-valid") == 5
    assert len(told) == 1


def test_one_account_gets_one_static_code_however_many_ask(platform: Surroundings) -> None:
    card = resident(platform)

    def apply(_: int) -> str:
        try:
            return static(platform, card).text
        except Refusal as refusal:
            return refusal.id

    with ThreadPoolExecutor(6) as pool:
        told = Counter(pool.map(apply, range(6)))

    assert told == {f"{card}:1": 1, "code.static-exists": 5}


def test_two_processes_and_one_code_make_one_winner_each_time(platform: Surroundings) -> None:
    texts = [dynamic(platform, resident(platform, number)).text for number in range(1, 41)]

    with process(platform.store.address, 3) as one, process(platform.store.address, 7) as other:
        for started in (one, other):
            assert started.stdin is not None
            started.stdin.write("".join(f"{text}\n" for text in texts))
            started.stdin.close()
        told = [started.stdout.read() if started.stdout is not None else "" for started in (one, other)]

    lines = [line.split() for text in told for line in text.splitlines()]
    assert Counter(card for card, outcome in lines if outcome == "accepted") == {text[:32]: 1 for text in texts}
    assert Counter(outcome for _, outcome in lines) == {"accepted": 40, "code.consumed": 40}
    assert checked(platform) == 80


@pytest.mark.parametrize("told_before_kill", [1, 10, 23])
def test_a_killed_process_loses_no_use_that_it_answered(platform: Surroundings, told_before_kill: int) -> None:
    texts = [dynamic(platform, resident(platform, number)).text for number in range(1, 41)]

    with process(platform.store.address, 4) as started:
        assert started.stdin is not None
        assert started.stdout is not None
        started.stdin.write("".join(f"{text}\n" for text in texts))
        started.stdin.flush()
        told = [started.stdout.readline() for _ in range(told_before_kill)]
        started.kill()
        told += started.stdout.read().splitlines()

    answered = {line.split()[0] for line in told if line.strip().endswith("accepted")}
    with platform.store.read() as connection:
        kept = set(connection.execute(select(uses.c.request).where(uses.c.outcome == "accepted")).scalars())
        consumed = connection.execute(
            select(func.count()).select_from(codes).where(codes.c.state == "consumed")
        ).scalar_one()
    assert answered <= kept
    assert consumed == len(kept)
    assert checked(platform) == len(kept)
