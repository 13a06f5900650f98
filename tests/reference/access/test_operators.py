"""Operators sign in with a password, are locked after wrong ones, and all workers share one sealed secret."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from reference.access import operators, passwords
from reference.access.operators import LOCK_MS, MOST_FAILURES
from reference.ecard.refusals import Refusal
from reference.serving import Surroundings
from reference.store import Store
from tests.platform import SettableClock, surroundings
from tests.reference.access.refusing import actions, refused

PASSWORD = "a password of the tests"
QUICK = 2


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of the digest is not what these tests are about."""
    monkeypatch.setattr(operators, "SLOW", QUICK)


def added(around: Surroundings) -> None:
    operators.add(around, "li.ming", "李明", PASSWORD, {"Cancel", "Audit"}, "clerk")


def test_an_operator_signs_in_with_his_password_alone(around: Surroundings) -> None:
    added(around)
    operator = operators.sign_in(around, "li.ming", PASSWORD)
    assert (operator.name, operator.scopes) == ("李明", frozenset({"Cancel", "Audit"}))
    assert refused(operators.sign_in, around, "li.ming", PASSWORD + " ") == "request.wrong-password"
    assert refused(operators.sign_in, around, "li.hua", PASSWORD) == "request.wrong-password"
    assert actions(around) == ["operator.add", "operator.sign-in", "operator.wrong-password"]


@pytest.mark.parametrize("name", ["", "\0", "a" * 33, "李明", "' OR '1'='1", "<script>"])
def test_a_name_that_nobody_can_have_is_told_the_same(around: Surroundings, name: str) -> None:
    added(around)
    assert refused(operators.sign_in, around, name, PASSWORD) == "request.wrong-password"
    assert refused(operators.add, around, name, "", PASSWORD, (), "clerk") == "request.field-malformed"


def test_wrong_passwords_lock_for_a_while_even_for_the_right_one(around: Surroundings, clock: SettableClock) -> None:
    added(around)
    for _ in range(MOST_FAILURES):
        refused(operators.sign_in, around, "li.ming", "wrong")
    assert refused(operators.sign_in, around, "li.ming", PASSWORD) == "request.wrong-password"
    assert actions(around)[-1] == "operator.locked"
    clock.at_ms += LOCK_MS - 1
    assert refused(operators.sign_in, around, "li.ming", PASSWORD) == "request.wrong-password"
    clock.at_ms += 1
    assert operators.sign_in(around, "li.ming", PASSWORD).user_name == "li.ming"


def test_a_success_begins_the_count_anew(around: Surroundings) -> None:
    added(around)
    for _ in range(3):
        for _ in range(MOST_FAILURES - 1):
            refused(operators.sign_in, around, "li.ming", "wrong")
        assert operators.sign_in(around, "li.ming", PASSWORD).user_name == "li.ming"
    assert "operator.locked" not in actions(around)


def test_tries_at_one_time_are_all_counted(around: Surroundings) -> None:
    added(around)

    def wrong(_: int) -> str:
        try:
            operators.sign_in(around, "li.ming", "wrong")
        except Refusal as refusal:
            return refusal.id
        return "let in"

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(wrong, range(MOST_FAILURES))) == {"request.wrong-password"}
    assert refused(operators.sign_in, around, "li.ming", PASSWORD) == "request.wrong-password"
    assert actions(around).count("operator.locked") == 1


def test_a_suspended_operator_does_not_sign_in_until_resumed(around: Surroundings) -> None:
    added(around)
    epoch = operators.sign_in(around, "li.ming", PASSWORD).epoch
    operators.change(around, "li.ming", "suspend", "clerk")
    assert refused(operators.sign_in, around, "li.ming", PASSWORD) == "request.wrong-password"
    operators.change(around, "li.ming", "resume", "clerk")
    assert operators.sign_in(around, "li.ming", PASSWORD).epoch > epoch
    operators.change(around, "li.ming", "close", "clerk")
    assert refused(operators.change, around, "li.ming", "resume", "clerk") == "registry.wrong-state"


def test_a_new_password_ends_the_lock_and_the_sessions(around: Surroundings) -> None:
    added(around)
    epoch = operators.sign_in(around, "li.ming", PASSWORD).epoch
    for _ in range(MOST_FAILURES):
        refused(operators.sign_in, around, "li.ming", "wrong")
    operators.set_password(around, "li.ming", "another of the tests", "clerk")
    assert operators.sign_in(around, "li.ming", "another of the tests").epoch > epoch
    assert refused(operators.sign_in, around, "li.ming", PASSWORD) == "request.wrong-password"


def test_passwords_have_a_length(around: Surroundings) -> None:
    for wrong in ("short", "x" * 129):
        assert refused(operators.add, around, "li.hua", "", wrong, (), "clerk") == "request.field-malformed"
    assert refused(operators.set_password, around, "nobody", PASSWORD, "clerk") == "registry.unknown"
    assert actions(around) == []


def test_an_operator_is_made_once(around: Surroundings) -> None:
    added(around)
    assert refused(added, around) == "registry.already-registered"
    with around.store.read() as connection:
        assert [one.user_name for one in operators.every(connection)] == ["li.ming"]


def test_unknown_operators_cost_as_much_as_known_ones(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    added(around)
    computed = []
    slow = passwords.password_digest

    def counting(password: str, salt: bytes, cost: int = passwords.FAST) -> bytes:
        computed.append(cost)
        return slow(password, salt, cost)

    monkeypatch.setattr(passwords, "password_digest", counting)
    for name in ("li.ming", "nobody", "' OR '1'='1"):
        refused(operators.sign_in, around, name, "wrong")
    assert computed == [QUICK] * 3


def test_all_workers_share_one_secret_that_is_kept_sealed(around: Surroundings, store: Store) -> None:
    secret = operators.shared_secret(around, "session")
    other_worker = surroundings(store, seed=2)
    assert operators.shared_secret(other_worker, "session") == secret
    assert operators.shared_secret(other_worker, "something else") != secret
    with store.read() as connection:
        kept = connection.exec_driver_sql("SELECT sealed FROM platform_secrets").scalars().all()
    assert all(secret not in bytes(sealed) for sealed in kept)
