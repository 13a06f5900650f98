"""Access tokens: one an application, two hours, a new one voids the old; the database keeps digests alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from reference.access import tokens
from reference.access.desk import KEPT_MS
from reference.ecard.refusals import Refusal
from reference.serving import Surroundings
from tests.platform import SettableClock
from tests.reference.access.refusing import refused


def holder(around: Surroundings, token: str) -> str:
    """Whose token it is now."""
    return tokens.Tokens().app_of(around, token, around.clock.now_ms())


def test_a_token_leads_to_its_application_for_two_hours(around: Surroundings, clock: SettableClock) -> None:
    token, seconds = tokens.issue(around, "app")
    assert seconds == 7200
    clock.advance(seconds=seconds)
    clock.at_ms -= 1
    assert holder(around, token) == "app"
    clock.at_ms += 1
    assert refused(holder, around, token) == "request.token-invalid"


def test_a_new_token_voids_the_old_one_of_the_same_application(around: Surroundings) -> None:
    old, other = tokens.issue(around, "app")[0], tokens.issue(around, "other")[0]
    new = tokens.issue(around, "app")[0]
    assert refused(holder, around, old) == "request.token-invalid"
    assert (holder(around, new), holder(around, other)) == ("app", "other")


def test_nobody_holds_a_token_that_was_not_issued(around: Surroundings) -> None:
    for token in ("", "0" * 32, "'; DROP TABLE access_tokens; --"):
        assert refused(holder, around, token) == "request.token-invalid"


def test_the_database_does_not_hold_the_token(around: Surroundings) -> None:
    token, _ = tokens.issue(around, "app")
    with around.store.read() as connection:
        assert token not in str(connection.exec_driver_sql("SELECT * FROM access_tokens").all())
    assert len(token) == 32


def test_of_tokens_issued_at_once_the_last_one_alone_holds(around: Surroundings) -> None:
    with ThreadPoolExecutor(4) as pool:
        issued = [token for token, _ in pool.map(lambda _: tokens.issue(around, "app"), range(8))]

    def holds(token: str) -> bool:
        try:
            return holder(around, token) == "app"
        except Refusal:
            return False

    assert sum(map(holds, issued)) == 1


def test_a_worker_asks_the_database_once_a_second_and_never_trusts_longer(
    around: Surroundings, clock: SettableClock
) -> None:
    worker = tokens.Tokens()
    old = tokens.issue(around, "app")[0]
    assert worker.app_of(around, old, clock.now_ms()) == "app"
    new = tokens.issue(around, "app")[0]
    clock.at_ms += KEPT_MS - 1
    assert worker.app_of(around, old, clock.now_ms()) == "app"
    clock.at_ms += 1
    assert refused(worker.app_of, around, old, clock.now_ms()) == "request.token-invalid"
    assert worker.app_of(around, new, clock.now_ms()) == "app"


def test_where_a_new_token_was_issued_the_old_one_ends_at_once(around: Surroundings, clock: SettableClock) -> None:
    worker = tokens.Tokens()
    old = tokens.issue(around, "app")[0]
    assert worker.app_of(around, old, clock.now_ms()) == "app"
    tokens.issue(around, "app")
    worker.forget("app")
    assert refused(worker.app_of, around, old, clock.now_ms()) == "request.token-invalid"


def test_a_token_that_is_trusted_ends_with_its_time(around: Surroundings, clock: SettableClock) -> None:
    worker = tokens.Tokens()
    token, seconds = tokens.issue(around, "app")
    clock.at_ms += seconds * 1000 - 1
    assert worker.app_of(around, token, clock.now_ms()) == "app"
    clock.at_ms += 1
    assert refused(worker.app_of, around, token, clock.now_ms()) == "request.token-invalid"
