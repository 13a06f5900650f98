"""Time window, replay, quota: what is held against every request once its sender is known (P-ACC-01)."""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, select

from reference.access.admission import Admission, admit, admit_many, check_time, forget
from reference.serving import Surroundings
from reference.store import Store
from reference.store.access_tables import quota_used, requests_seen
from tests.platform import NOON_MS
from tests.reference.access.refusing import refused

TODAY, TOMORROW = "20260101", "20260102"
SECONDS = 120


def outcomes(store: Store, admissions: Sequence[Admission], today: str = TODAY) -> list[str]:
    """What became of a group: refusal ids, empty for admitted."""
    answers = store.transact(lambda connection: admit_many(connection, admissions, today))
    return ["" if answer is None else answer.id for answer in answers]


def used(store: Store, app: str, today: str = TODAY) -> int:
    """Requests counted for an application on a day."""
    with store.read() as connection:
        where = (quota_used.c.app == app) & (quota_used.c.day == today)
        return int(connection.execute(select(func.coalesce(func.sum(quota_used.c.used), 0)).where(where)).scalar_one())


def try_many(address: str, number: int, quota: int, name: str) -> int:
    """How many of so many requests, each in its own transaction, are admitted. Runs in a process of its own."""
    store = Store(address)
    admitted = sum(
        outcomes(store, [Admission("app", f"{name}-{one}", NOON_MS, daily_quota=quota)]) == [""]
        for one in range(number)
    )
    store.close()
    return admitted


def try_same(address: str, number: int) -> int:
    """How many of so many marks, which another process tries too, are admitted."""
    store = Store(address)
    admitted = sum(outcomes(store, [Admission("app", f"mark-{one}", NOON_MS)]) == [""] for one in range(number))
    store.close()
    return admitted


@pytest.mark.parametrize(
    ("sent_ms", "reason"),
    [(NOON_MS - 900_001, "request.stale"), (NOON_MS + 60_001, "request.future"), (0, "request.stale")],
)
def test_a_request_out_of_its_time_is_refused(sent_ms: int, reason: str) -> None:
    assert refused(check_time, sent_ms, NOON_MS, 900, 60) == reason


def test_the_ends_of_the_window_are_inside() -> None:
    for sent_ms in (NOON_MS - 900_000, NOON_MS, NOON_MS + 60_000):
        check_time(sent_ms, NOON_MS, 900, 60)
    assert refused(check_time, NOON_MS + 60_001, NOON_MS, 900, 60) == "request.future"


def test_a_request_is_admitted_once_within_its_window(store: Store) -> None:
    request = Admission("app", "nonce", NOON_MS)
    assert outcomes(store, [request]) == [""]
    assert outcomes(store, [request]) == ["request.replayed"]


def test_a_request_twice_in_one_group_is_admitted_once(store: Store) -> None:
    request = Admission("app", "nonce", NOON_MS)
    assert outcomes(store, [request, request]) == ["", "request.replayed"]


def test_marks_belong_to_their_application(store: Store) -> None:
    assert outcomes(store, [Admission("one", "nonce", NOON_MS), Admission("other", "nonce", NOON_MS)]) == ["", ""]


def test_what_has_no_mark_is_never_replayed(store: Store) -> None:
    assert outcomes(store, [Admission("app", "", NOON_MS)] * 3) == [""] * 3


def test_a_refused_request_raises_and_uses_up_no_quota(store: Store) -> None:
    request = Admission("app", "nonce", NOON_MS, daily_quota=5)
    store.transact(lambda connection: admit(connection, request, TODAY))
    assert refused(store.transact, lambda connection: admit(connection, request, TODAY)) == "request.replayed"
    assert used(store, "app") == 1


def test_a_transaction_undone_takes_mark_and_quota_back(store: Store) -> None:
    request = Admission("app", "nonce", NOON_MS, daily_quota=5)

    def fail(connection: Connection) -> None:
        admit(connection, request, TODAY)
        raise LookupError

    with pytest.raises(LookupError):
        store.transact(fail)
    assert outcomes(store, [request]) == [""]
    assert used(store, "app") == 1


def test_a_quota_counts_by_day_and_application(store: Store) -> None:
    group = [Admission("app", str(number), NOON_MS, daily_quota=2) for number in range(3)]
    assert outcomes(store, group) == ["", "", "request.quota-exceeded"]
    assert outcomes(store, [Admission("app", "later", NOON_MS, daily_quota=2)]) == ["request.quota-exceeded"]
    assert outcomes(store, [Admission("other", "later", NOON_MS, daily_quota=2)]) == [""]
    assert outcomes(store, [Admission("app", "tomorrow", NOON_MS, daily_quota=2)], TOMORROW) == [""]


def test_without_a_limit_requests_are_counted_all_the_same(store: Store) -> None:
    assert outcomes(store, [Admission("app", str(number), NOON_MS) for number in range(4)]) == [""] * 4
    assert used(store, "app") == 4


def test_marks_out_of_the_window_are_forgotten(store: Store) -> None:
    outcomes(store, [Admission("app", "old", NOON_MS - 1), Admission("app", "new", NOON_MS)])
    with store.begin() as connection:
        assert forget(connection, NOON_MS) == 1
    assert outcomes(store, [Admission("app", "new", NOON_MS)]) == ["request.replayed"]
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(requests_seen)).scalar_one() == 1


def test_the_last_of_a_quota_is_taken_once_by_two_processes(store: Store) -> None:
    quota = 60
    started = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=started) as pool:
        tries = [pool.submit(try_many, store.address, 50, quota, name) for name in ("one", "other")]
        admitted = [one.result(timeout=SECONDS) for one in tries]
    assert sum(admitted) == quota
    assert used(store, "app") == quota


def test_a_mark_is_admitted_once_by_two_processes(store: Store) -> None:
    started = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=started) as pool:
        tries = [pool.submit(try_same, store.address, 60) for _ in range(2)]
        admitted = [one.result(timeout=SECONDS) for one in tries]
    assert sum(admitted) == 60


def test_groups_of_several_applications_in_any_order_never_wait_for_each_other_for_ever(store: Store) -> None:
    def group(number: int) -> list[str]:
        apps = ["a", "b", "c"] if number % 2 else ["c", "b", "a"]
        return outcomes(store, [Admission(app, f"{number}", NOON_MS, daily_quota=1000) for app in apps])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(group, range(24), timeout=SECONDS)) == [["", "", ""]] * 24
    assert [used(store, app) for app in "abc"] == [24, 24, 24]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3)), max_size=12),
    st.integers(1, 4),
    st.lists(st.integers(0, 11), max_size=3),
)
def test_a_group_is_judged_as_its_requests_would_be_one_by_one(
    around: Surroundings, requests: list[tuple[str, int]], quota: int, cuts: list[int]
) -> None:
    with around.store.begin() as connection:
        connection.execute(delete(requests_seen))
        connection.execute(delete(quota_used))
    group = [Admission(app, str(mark), NOON_MS, daily_quota=quota) for app, mark in requests]
    bounds = [0, *sorted(cuts), len(group)]
    told = [
        answer for first, last in itertools.pairwise(bounds) for answer in outcomes(around.store, group[first:last])
    ]
    seen: set[tuple[str, int]] = set()
    count: dict[str, int] = {}
    expected = []
    for app, mark in requests:
        if (app, mark) in seen:
            expected.append("request.replayed")
        elif count.get(app, 0) >= quota:
            expected.append("request.quota-exceeded")
        else:
            count[app] = count.get(app, 0) + 1
            expected.append("")
        seen.add((app, mark))
    assert told == expected


@pytest.mark.parametrize("minutes", [0, 1, 15, 30, 59, -1, -59])
def test_a_nonce_counts_with_another_time_of_sending_too(store: Store, minutes: int) -> None:
    first = Admission("app", "nonce", NOON_MS, nonce=True)
    again = Admission("app", "nonce", NOON_MS + minutes * 60_000, nonce=True)
    assert outcomes(store, [first]) == [""]
    assert outcomes(store, [again]) == ["request.replayed"]


def test_a_nonce_counts_once_in_one_group_whatever_the_times(store: Store) -> None:
    group = [Admission("app", "nonce", NOON_MS + later, nonce=True) for later in (0, 1, 60_000)]
    assert outcomes(store, group) == ["", "request.replayed", "request.replayed"]
