"""The lives of accounts and codes: the ways that are allowed, and no others."""

from __future__ import annotations

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.ecard.states import (
    MACHINES,
    AccountEvent,
    AccountState,
    CodeEvent,
    DynamicCodeState,
    StaticCodeState,
    TransitionRefused,
    UnknownStateNumber,
    allowed_events,
    guard_of,
    next_state,
    state_number,
    state_of_number,
)
from reference.standard.ecard import load_ecard
from reference.standard.errors import StandardError

TABLES = load_ecard()


@pytest.mark.parametrize("kind", MACHINES)
def test_the_states_of_the_code_are_those_of_the_table(kind: type[StrEnum]) -> None:
    assert [state.value for state in kind] == [id for machine, id in TABLES.states if machine == MACHINES[kind]]


def test_the_events_of_the_code_are_those_of_the_table() -> None:
    def events(*machines: str) -> set[str]:
        return {row.event for row in TABLES.transitions if row.machine in machines}

    assert events("account") == set(AccountEvent)
    assert events("static-code", "dynamic-code") == set(CodeEvent)


@pytest.mark.parametrize(
    "life",
    [
        "unregistered register certified apply-code normal suspend suspended resume normal cancel cancelled",
        "unregistered request awaiting-audit refuse audit-failed request awaiting-audit approve certified",
        "unregistered premake premade claim normal bind-bank-card normal unbind-bank-card normal apply-code normal",
        "cancelled restore certified update certified merge alias undo-merge suspended cancel cancelled",
    ],
)
def test_an_account_lives_as_the_documents_say(life: str) -> None:
    state, *steps = life.split()
    for event, after in zip(steps[::2], steps[1::2], strict=True):
        assert next_state(AccountState(state), AccountEvent(event)) == after
        state = after


@pytest.mark.parametrize(
    ("state", "event", "id"),
    [
        ("unregistered", "apply-code", "account.unregistered"),
        ("awaiting-audit", "apply-code", "account.unaudited"),
        ("audit-failed", "apply-code", "account.audit-failed"),
        ("premade", "apply-code", "account.not-claimed"),
        ("suspended", "apply-code", "account.suspended"),
        ("cancelled", "apply-code", "account.cancelled"),
        ("cancelled", "resume", "account.cancelled"),
        ("cancelled", "cancel", "account.cancelled"),
        ("awaiting-audit", "cancel", "account.unaudited"),
        ("normal", "register", "account.wrong-state"),
        ("alias", "update", "account.wrong-state"),
    ],
)
def test_an_account_refuses_by_its_state(state: str, event: str, id: str) -> None:
    with pytest.raises(TransitionRefused) as caught:
        next_state(AccountState(state), AccountEvent(event))
    assert caught.value.id == id


def test_a_refusal_says_what_the_state_allows() -> None:
    with pytest.raises(TransitionRefused) as caught:
        next_state(AccountState.CANCELLED, AccountEvent.CANCEL)
    assert "it allows: restore, merge." in caught.value.explained().en
    assert "已注销" in caught.value.explained().zh


@pytest.mark.parametrize(
    ("state", "id"),
    [
        (DynamicCodeState.CONSUMED, "code.consumed"),
        (DynamicCodeState.EXPIRED, "code.expired"),
        (DynamicCodeState.REPLACED, "code.superseded"),
        (DynamicCodeState.DEAD, "code.revoked"),
    ],
)
@pytest.mark.parametrize("event", CodeEvent)
def test_a_dynamic_code_is_never_revived(state: DynamicCodeState, event: CodeEvent, id: str) -> None:
    with pytest.raises(TransitionRefused) as caught:
        next_state(state, event)
    assert caught.value.id == id


def test_a_second_code_is_refused_while_the_first_holds() -> None:
    with pytest.raises(TransitionRefused) as static:
        next_state(StaticCodeState.PRINTED, CodeEvent.ISSUE)
    with pytest.raises(TransitionRefused) as dynamic:
        next_state(DynamicCodeState.ISSUED, CodeEvent.ISSUE)
    assert (static.value.id, dynamic.value.id) == ("code.static-exists", "code.dynamic-still-valid")


@given(st.lists(st.sampled_from(CodeEvent), max_size=12))
def test_a_killed_static_code_works_only_after_a_new_issue(events: list[CodeEvent]) -> None:
    state = StaticCodeState.DEAD
    for event in events:
        if event in allowed_events(state):
            state = next_state(state, event)
        if CodeEvent.ISSUE not in events:
            assert state is StaticCodeState.DEAD


@given(st.lists(st.sampled_from(AccountEvent), max_size=30))
def test_whatever_happens_the_account_is_in_a_state_that_the_table_has(events: list[AccountEvent]) -> None:
    state = AccountState.UNREGISTERED
    for event in events:
        before = state
        try:
            state = next_state(state, event)
        except TransitionRefused:
            assert event not in allowed_events(before)
        else:
            assert event in allowed_events(before)
    assert ("account", state.value) in TABLES.states


def test_a_guard_says_what_must_hold_before() -> None:
    guard = guard_of(AccountState.SUSPENDED, AccountEvent.RESUME)
    assert guard is not None
    assert guard.en == "the real-name check passed"
    assert guard_of(AccountState.NORMAL, AccountEvent.UPDATE) is None
    with pytest.raises(TransitionRefused):
        guard_of(AccountState.NORMAL, AccountEvent.RESUME)


@pytest.mark.parametrize(
    ("number", "state"),
    list(enumerate(["cancelled", "normal", "awaiting-audit", "audit-failed", "certified", "unregistered"])),
)
def test_qinghai_numbers_its_states(number: int, state: str) -> None:
    assert state_number("qinghai", AccountState(state)) == str(number)
    assert state_of_number("qinghai", str(number)) == state


@pytest.mark.parametrize("state", AccountState)
def test_qinghai_can_tell_every_state(state: AccountState) -> None:
    assert state_number("qinghai", state) in "012345"


def test_lost_and_frozen_are_both_suspended() -> None:
    assert state_of_number("healthpay", "4") is state_of_number("healthpay", "5") is AccountState.SUSPENDED
    assert state_number("healthpay", AccountState.SUSPENDED) == "5"


def test_an_unknown_number_is_refused() -> None:
    with pytest.raises(UnknownStateNumber) as caught:
        state_of_number("qinghai", "6")
    assert "0, 1, 2, 3, 4, 5" in caught.value.explained().en
    with pytest.raises(StandardError, match="there is no row shenzhen awaiting-audit"):
        state_number("shenzhen", AccountState.AWAITING_AUDIT)
