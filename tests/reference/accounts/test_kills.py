"""A process killed at any point of registrations, code applications and cancellations leaves no half state behind."""

from __future__ import annotations

import multiprocessing
import random
import signal

from reference.serving import Surroundings
from reference.store.account_tables import accounts
from reference.store.consistency import inconsistencies
from tests.reference.accounts.cards import count
from tests.reference.accounts.workers import live

KILLS = 20
PERSONS = 5
"""Each process lives five cards: twenty processes make 200 registrations and cancellations, as far as they come."""
STATEMENTS = 250
"""Statements and commits of one process, about."""
SECONDS = 60


def test_no_kill_leaves_a_half_state(platform: Surroundings) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.reference.accounts.workers"])
    drawn = random.Random(20260101)
    address = platform.store.address
    ends = []
    for run in range(KILLS):
        persons = range(run * PERSONS, (run + 1) * PERSONS)
        ends.append(_end_of(context, address, run, persons, drawn.randint(1, STATEMENTS)))
        with platform.store.read() as connection:
            assert inconsistencies(connection) == []
    assert ends.count(-signal.SIGKILL) > KILLS // 2
    assert 0 < count(platform, accounts) < KILLS * PERSONS


def _end_of(
    context: multiprocessing.context.ForkServerContext, address: str, seed: int, persons: range, die_at: int
) -> int | None:
    process = context.Process(target=live, args=(address, seed, persons, die_at))
    process.start()
    process.join(SECONDS)
    return process.exitcode
