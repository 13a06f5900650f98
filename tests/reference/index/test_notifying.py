"""Subscribers are told of every change that concerns them, in order, until they say that they have it."""

from __future__ import annotations

import pytest

from reference.index.errors import SubscriptionRefused
from reference.index.merging import merge, undo
from reference.index.notifying import Kind, acknowledge, pending, subscribe, unsubscribe
from reference.index.registering import register, update
from reference.store import Store
from tests.reference.index.people import act, number, resident


def test_changes_come_numbered_in_their_order_until_acknowledged(store: Store) -> None:
    with store.begin() as connection:
        listener = subscribe(connection, act("listener"))
        one = register(connection, act(), resident("王小明"), "hospital-a", "1").index_id
        other = register(connection, act(), resident("王晓明"), "clinic", "2").index_id
        register(connection, act(), resident("王晓明"), "school", "3")
        update(connection, act(), one, resident("王小明", phone="13800138000"))
        new = update(connection, act(), one, resident("王小茗")).index_id
        merge_id = merge(connection, act(), merged=other, survivor=new, reason="same person")
        undo(connection, act(), merge_id, "no")
        told = pending(connection, listener)
        assert pending(connection, listener) == told
        acknowledge(connection, listener, 3)
        acknowledge(connection, listener, 2)
        rest = pending(connection, listener)
    assert [(found.sequence, found.kind) for found in told] == list(
        enumerate(
            [Kind.REGISTERED, Kind.REGISTERED, Kind.LINKED, Kind.UPDATED, Kind.RENAMED, Kind.MERGED, Kind.UNMERGED], 1
        )
    )
    assert (told[4].index_id, told[4].other_id) == (new, one)
    assert (told[5].index_id, told[5].other_id) == (other, new)
    assert rest == told[3:]


def test_a_domain_is_told_of_its_own_persons_alone(store: Store) -> None:
    with store.begin() as connection:
        listener = subscribe(connection, act("clinic"), domain="clinic")
        one = register(connection, act(), resident("王小明"), "hospital-a", "1").index_id
        assert pending(connection, listener) == ()
        register(connection, act(), resident("王小明"), "clinic", "2")
        update(connection, act(), one, resident("王晓明"))
        told = pending(connection, listener)
    assert [found.kind for found in told] == [Kind.LINKED, Kind.RENAMED]


def test_both_sides_of_a_merge_are_told(store: Store) -> None:
    with store.begin() as connection:
        one = register(connection, act(), resident("王小明"), "hospital-a", "1").index_id
        other = register(connection, act(), resident("李红", id_number=number(sequence="202")), "clinic", "2").index_id
        listeners = [subscribe(connection, act(), domain=domain) for domain in ("hospital-a", "clinic", "school")]
        merge(connection, act(), merged=other, survivor=one, reason="same person")
        told = [[found.kind for found in pending(connection, listener)] for listener in listeners]
    assert told == [[Kind.MERGED], [Kind.MERGED], []]


def test_only_the_kinds_that_were_asked_for_are_told(store: Store) -> None:
    with store.begin() as connection:
        listener = subscribe(connection, act(), kinds=(Kind.MERGED,))
        register(connection, act(), resident(), "hospital-a", "1")
        assert pending(connection, listener) == ()


def test_an_ended_subscription_hears_nothing_more(store: Store) -> None:
    with store.begin() as connection:
        listener = subscribe(connection, act())
        register(connection, act(), resident(), "hospital-a", "1")
        unsubscribe(connection, act(), listener)
        register(connection, act(), resident(), "clinic", "2")
        assert [found.kind for found in pending(connection, listener)] == [Kind.REGISTERED]


def test_what_was_never_sent_cannot_be_acknowledged(store: Store) -> None:
    with store.begin() as connection:
        listener = subscribe(connection, act())
        with pytest.raises(SubscriptionRefused, match="Number 1 was never sent"):
            acknowledge(connection, listener, 1)
        with pytest.raises(SubscriptionRefused, match="Subscribe first"):
            pending(connection, "nobody")
