"""What is forgotten, what never is, and that a pass is small."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from reference.access.admission import Admission, admit, check_time
from reference.ecard.moments import DAY, HOUR, china_date
from reference.ecard.verbs import Account, ApplyCode, Code, Verified, Verify
from reference.retention import Purged, purge
from reference.serving import Surroundings
from reference.store import Store
from reference.store.access_tables import requests_seen
from reference.store.code_tables import codes, uses
from reference.store.consistency import inconsistencies
from tests.platform import SettableClock, ask, citizen, surroundings
from tests.reference.accounts.cards import actions, count, refused, registered, static_code, who


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def platform(store: Store, clock: SettableClock) -> Surroundings:
    return surroundings(store, clock=clock)


def dynamic(platform: Surroundings, account: Account) -> Code:
    return ask(platform, ApplyCode(who=who(account), kind="dynamic", refresh=True), Code)


def kinds(platform: Surroundings) -> list[str]:
    with platform.store.read() as connection:
        return sorted(connection.scalars(select(codes.c.kind)))


def test_codes_that_were_never_shown_are_forgotten_after_their_time(
    platform: Surroundings, clock: SettableClock
) -> None:
    account = registered(platform)
    static_code(platform, account)
    for _ in range(3):
        dynamic(platform, account)
        clock.advance(seconds=1)
    clock.advance(days=30)
    assert purge(platform, clock.now_ms()) == Purged(0, 0, False)
    clock.advance(days=1)
    dynamic(platform, account)
    assert purge(platform, clock.now_ms()) == Purged(0, 3, False)
    assert kinds(platform) == ["dynamic", "static"]
    assert actions(platform)[-1] == "retention.purge"
    with platform.store.read() as connection:
        assert inconsistencies(connection) == []


def test_a_code_that_was_shown_stays_with_its_uses(platform: Surroundings, clock: SettableClock) -> None:
    account = registered(platform)
    shown, unshown = dynamic(platform, account), ""
    ask(platform, Verify(text=shown.text), Verified)
    clock.advance(seconds=1)
    unshown = dynamic(platform, account).text
    clock.advance(days=60)
    dynamic(platform, account)
    assert purge(platform, clock.now_ms()).codes == 1
    with refused("code.consumed"):
        ask(platform, Verify(text=shown.text), Verified)
    with refused("code.expired"):
        ask(platform, Verify(text=unshown), Verified)
    assert count(platform, uses) == 3


def test_codes_that_still_hold_are_never_forgotten(platform: Surroundings, clock: SettableClock) -> None:
    account = registered(platform)
    code = dynamic(platform, account)
    dynamic(platform, registered(platform, citizen(2, "测试乙")))
    assert purge(platform, clock.now_ms()) == Purged(0, 0, False)
    assert ask(platform, Verify(text=code.text), Verified).kind == "dynamic"


def test_the_newest_code_stays_so_that_no_number_is_given_twice(platform: Surroundings, clock: SettableClock) -> None:
    dynamic(platform, registered(platform))
    clock.advance(days=60)
    assert purge(platform, clock.now_ms()).codes == 0
    assert count(platform, codes) == 1


def test_a_pass_is_bounded_and_the_next_one_goes_on(platform: Surroundings, clock: SettableClock) -> None:
    account = registered(platform)
    for number in range(7):
        code = dynamic(platform, account)
        if number < 3:
            ask(platform, Verify(text=code.text), Verified)
        clock.advance(seconds=1)
    clock.advance(days=60)
    dynamic(platform, account)
    passes = [purge(platform, clock.now_ms(), batch=2, batches=2) for _ in range(3)]
    assert [(one.codes, one.more) for one in passes] == [(1, True), (3, False), (0, False)]
    assert len(kinds(platform)) == 4


@pytest.mark.parametrize("nonce", [True, False])
def test_marks_are_forgotten_but_never_while_their_request_could_be_replayed(
    platform: Surroundings, clock: SettableClock, *, nonce: bool
) -> None:
    started = clock.now_ms()
    widest = platform.tables.limits["timestamp-window-seconds"].most
    assert widest is not None

    def sent(at_ms: int) -> None:
        with platform.store.begin() as connection:
            admit(connection, Admission("app", "the same mark", at_ms, nonce=nonce), china_date(clock.now_ms()))

    sent(started)
    for minutes in range(0, widest // 60 + 1, 5):
        clock.at_ms = started + minutes * 60_000
        assert purge(platform, clock.now_ms()).marks == 0
        check_time(started, clock.now_ms(), widest, 0)
        with refused("request.replayed"):
            sent(started)
    clock.at_ms = started + 5 * HOUR
    assert purge(platform, clock.now_ms()).marks == (2 if nonce else 1)
    with refused("request.stale"):
        check_time(started, clock.now_ms(), widest, 0)


def test_many_marks_of_one_moment_go_batch_by_batch(platform: Surroundings, clock: SettableClock) -> None:
    with platform.store.begin() as connection:
        rows = [{"sent_ms": 0, "app": "app", "mark": f"{number:032d}"} for number in range(10)]
        connection.execute(insert(requests_seen), rows)
    passes = [purge(platform, clock.now_ms() + DAY, batch=2, batches=3) for _ in range(2)]
    assert [(one.marks, one.more) for one in passes] == [(6, True), (4, False)]
