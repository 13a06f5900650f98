"""Merges and their undoing: everything leads to the survivor, and an undoing gives back exactly what was."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import Connection, select

from reference.index import cross_references, persons
from reference.index.errors import MergeRefused
from reference.index.merging import merge, merges, undo
from reference.index.registering import register, update
from reference.store import Store, audit
from reference.store.index_tables import index_persons, index_references
from tests.reference.index.people import NOON, act, number, resident


def two(connection: Connection) -> tuple[str, str]:
    """Two persons who turn out to be one."""
    one = register(connection, act(), resident("王小明"), "hospital-a", "1").index_id
    other = register(connection, act(), resident("王晓明"), "clinic", "2").index_id
    return one, other


def everything(connection: Connection, *index_ids: str) -> tuple[object, ...]:
    """All references and rows of persons, and these persons as they are told."""
    references = connection.execute(select(index_references).order_by(index_references.c.local_id)).all()
    rows = connection.execute(select(index_persons).order_by(index_persons.c.index_id)).all()
    return references, rows, [persons.person(connection, index_id) for index_id in index_ids]


def test_every_id_and_number_of_the_merged_leads_to_the_survivor(store: Store) -> None:
    with store.begin() as connection:
        one, other = two(connection)
        merge(connection, act(), merged=other, survivor=one, reason="same fingerprints")
        assert persons.current(connection, other) == one
        assert cross_references.look_up(connection, "clinic", "2").index_id == one
        person = persons.person(connection, one)
    assert person.aliases == (other,)
    assert len(person.references) == 2


def test_an_undone_merge_gives_back_every_row(store: Store) -> None:
    with store.begin() as connection:
        one, other = two(connection)
        before = (
            [connection.execute(select(table).order_by(*table.primary_key)).all() for table in (index_references,)],
            [persons.person(connection, index_id) for index_id in (one, other)],
        )
        merge_id = merge(connection, act(now_ms=NOON + 1), merged=other, survivor=one, reason="same person")
        assert undo(connection, act("officer", NOON + 2), merge_id, "two persons after all") == other
        after = (
            [connection.execute(select(table).order_by(*table.primary_key)).all() for table in (index_references,)],
            [persons.person(connection, index_id) for index_id in (one, other)],
        )
        history = merges(connection, one)
        assert audit.check(connection) == 4
    assert after == before
    assert [(found.merge_id, found.operator, found.undone_by) for found in history] == [(merge_id, "clerk", "officer")]


def test_what_came_after_the_merge_stays_with_the_survivor(store: Store) -> None:
    with store.begin() as connection:
        one, other = two(connection)
        merge_id = merge(connection, act(), merged=other, survivor=one, reason="same person")
        renamed = update(connection, act(), one, resident("王小茗")).index_id
        assert persons.current(connection, other) == renamed
        undo(connection, act(), merge_id, "two persons after all")
        assert persons.current(connection, other) == other
        assert persons.person(connection, renamed).aliases == (one,)


def test_merges_follow_one_another_and_can_be_undone_in_any_order(store: Store) -> None:
    with store.begin() as connection:
        one, other = two(connection)
        third = register(connection, act(), resident("李红", id_number=number(sequence="202")), "clinic", "3").index_id
        first = merge(connection, act(), merged=other, survivor=one, reason="a")
        second = merge(connection, act(), merged=other, survivor=third, reason="b")
        assert {persons.current(connection, index_id) for index_id in (one, other, third)} == {third}
        undo(connection, act(), first, "a")
        assert persons.current(connection, other) == other
        assert persons.current(connection, one) == third
        undo(connection, act(), second, "b")
        states = connection.scalars(select(index_persons.c.state)).all()
    assert states == ["active"] * 3


def test_a_merge_of_one_person_with_himself_is_refused(store: Store) -> None:
    with store.begin() as connection:
        one, other = two(connection)
        merge(connection, act(), merged=other, survivor=one, reason="same person")
        with pytest.raises(MergeRefused, match="nothing to merge"):
            merge(connection, act(), merged=one, survivor=other, reason="again")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_a_merge_needs_a_reason(store: Store, reason: str) -> None:
    with store.begin() as connection:
        one, other = two(connection)
        with pytest.raises(MergeRefused, match="reason of 1 to 200"):
            merge(connection, act(), merged=other, survivor=one, reason=reason)


def test_a_merge_is_undone_once(store: Store) -> None:
    with store.begin() as connection:
        one, other = two(connection)
        merge_id = merge(connection, act(), merged=other, survivor=one, reason="same person")
        undo(connection, act(), merge_id, "no")
        with pytest.raises(MergeRefused, match="undone already"):
            undo(connection, act(), merge_id, "no")


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_merges_and_undoings_ends_where_a_plain_model_says(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    with store.begin() as connection:
        people = [
            register(
                connection,
                act(),
                resident(f"{surname}大勇", id_number=number(sequence=f"{at}11")),
                "hospital-a",
                surname,
            ).index_id
            for at, surname in enumerate("赵钱孙李周")
        ]
        successor: dict[str, str] = {}
        done: list[tuple[str, str]] = []

        def survivor_of(index_id: str) -> str:
            while index_id in successor:
                index_id = successor[index_id]
            return index_id

        for _ in range(15):
            if done and chance.random() < 0.4:
                merge_id, merged = done.pop(chance.randrange(len(done)))
                undo(connection, act(), merge_id, "undone")
                del successor[merged]
            else:
                one, other = (survivor_of(index_id) for index_id in chance.sample(people, 2))
                if one != other:
                    done.append((merge(connection, act(), merged=one, survivor=other, reason="merged"), one))
                    successor[one] = other
            assert [persons.current(connection, index_id) for index_id in people] == list(map(survivor_of, people))
        for merge_id, _ in done:
            undo(connection, act(), merge_id, "undone")
        assert [persons.current(connection, index_id) for index_id in people] == people
        assert all(not persons.person(connection, index_id).aliases for index_id in people)
