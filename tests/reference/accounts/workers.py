"""Work that other processes do in tests: registering many persons, and living cards until killed.

Everything is passed and returned as plain values, so that a process can be started afresh for it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from itertools import count
from multiprocessing.synchronize import Barrier
from threading import BrokenBarrierError
from typing import NamedTuple

from sqlalchemy import event

from reference.ecard.verbs import Account, Cancel, Person, Register
from reference.serving import Surroundings
from reference.store import Store
from tests.platform import ONLINE, ask, citizen_number, surroundings
from tests.reference.accounts.cards import normal, who

DAYS = 18_000
FIRST_DAY = date(1950, 1, 1)


def somebody(number: int) -> Person:
    """One of many made-up men, each with a number and a name of his own."""
    birthday = (FIRST_DAY + timedelta(days=number % DAYS)).strftime("%Y%m%d")
    return Person(
        id_type="01", id_number=citizen_number(2 * (number // DAYS) + 1, birthday=birthday), name=f"测{number}"
    )


def register_all(address: str, seed: int, numbers: Iterable[int]) -> list[tuple[str, bool]]:
    """Register each of these persons; card id and whether this call made the card."""
    store = Store(address)
    platform = surroundings(store, seed=seed)
    answers = [ask(platform, Register(person=somebody(number), proof=ONLINE), Account) for number in numbers]
    store.close()
    return [(account.ecard_id, account.new) for account in answers]


class Raced(NamedTuple):
    """One worker's registration in a race; times are of the machine's steady clock, which all processes share."""

    ecard_id: str
    new: bool
    begun_ns: int
    ended_ns: int


_line: list[Barrier] = []
SECONDS_AT_THE_LINE = 120


def at_the_line(line: Barrier) -> None:
    """Where this process waits for the others before each race: called once as it starts."""
    _line[:] = [line]


def race(address: str, seed: int, numbers: Iterable[int], until: float | None = None) -> list[Raced]:
    """Register each of these persons at the same moment as the other workers, until this time of the steady clock.

    All workers run the same number of races: who stops first stops the others at the line.
    """
    store = Store(address)
    platform = surroundings(store, seed=seed)
    raced: list[Raced] = []
    with suppress(BrokenBarrierError):
        for number in numbers:
            if until is not None and time.monotonic() > until:
                _line[0].abort()
            raced.append(_raced(platform, number))
    store.close()
    return raced


def _raced(platform: Surroundings, number: int) -> Raced:
    verb = Register(person=somebody(number), proof=ONLINE)
    _line[0].wait(SECONDS_AT_THE_LINE)
    begun = time.monotonic_ns()
    account = ask(platform, verb, Account)
    return Raced(account.ecard_id, account.new, begun, time.monotonic_ns())


def live(address: str, seed: int, numbers: Iterable[int], die_at: int) -> None:
    """Register, give a code to and cancel each of these persons; killed by signal 9 before a statement or commit.

    ``die_at`` counts them from 1; 0 is never.
    """
    store = Store(address)
    passed = count(1)

    def pass_by(*arguments: object) -> None:
        if next(passed) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(store.engine, "before_cursor_execute", pass_by)
    event.listen(store.engine, "commit", pass_by)
    platform = surroundings(store, seed=seed)
    for number in numbers:
        account = normal(platform, somebody(number))
        ask(platform, Cancel(who=who(account)), Account)
    store.close()
