"""One person, one card: however many register him at once, from threads and from processes.

`tests/benchmarks/registration_races.py` runs 10 000 such races.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from reference.ecard.verbs import Account, Cancel, Update
from reference.serving import Surroundings
from reference.store.account_tables import accounts
from tests.platform import ON_SITE, ask
from tests.reference.accounts.cards import count, refused, registered, who
from tests.reference.accounts.workers import register_all, somebody

RACES = 100
SECONDS = 120


def assert_one_card_each(answers: list[tuple[str, bool]], races: int) -> None:
    made = Counter(ecard_id for ecard_id, new in answers if new)
    assert len({ecard_id for ecard_id, _ in answers}) == races
    assert set(made.values()) == {1}
    assert len(made) == races


def test_threads_that_register_the_same_persons_issue_one_card_each(platform: Surroundings) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(registered, platform, somebody(number)) for number in range(RACES) for _ in range(2)]
        answers = [run.result(timeout=SECONDS) for run in runs]
    assert_one_card_each([(account.ecard_id, account.new) for account in answers], RACES)
    assert count(platform, accounts) == RACES


def test_processes_that_register_the_same_persons_issue_one_card_each(platform: Surroundings) -> None:
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        address = platform.store.address
        runs = [pool.submit(register_all, address, seed, range(RACES)) for seed in (1, 2)]
        answers = [answer for run in runs for answer in run.result(timeout=SECONDS)]
    assert_one_card_each(answers, RACES)
    assert count(platform, accounts) == RACES


def test_a_new_name_and_a_registration_at_once_leave_one_account_for_the_person(platform: Surroundings) -> None:
    before = [registered(platform, somebody(number)) for number in range(10)]
    with ThreadPoolExecutor(4) as pool:
        renamed = [
            pool.submit(ask, platform, Update(who=who(account), name=f"测新{number}", proof=ON_SITE), Account)
            for number, account in enumerate(before)
        ]
        again = [pool.submit(registered, platform, somebody(number)) for number in range(10)]
        after = {run.result(timeout=SECONDS).ecard_id for run in renamed}
        seen = {run.result(timeout=SECONDS).ecard_id for run in again}
    assert count(platform, accounts) == 10
    assert seen <= after | {account.ecard_id for account in before}


def test_of_two_cancellations_at_once_one_is_refused(platform: Surroundings) -> None:
    account = registered(platform)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(ask, platform, Cancel(who=who(account)), Account) for _ in range(2)]
        failures = [failure for run in runs if (failure := run.exception(timeout=SECONDS)) is not None]
    assert len(failures) == 1
    with refused("account.cancelled"):
        raise failures[0]
