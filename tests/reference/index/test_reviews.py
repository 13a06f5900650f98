"""The manual queue: a pair is asked once, decided by somebody else than who submitted it, and merged only then."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from reference.index import counting, persons, reviews
from reference.index.errors import DecisionRefused
from reference.index.merging import merge, undo
from reference.index.registering import register
from reference.store import Store
from tests.reference.index.people import act, resident


def waiting(connection: Connection) -> tuple[str, str, str]:
    """A review that the operator ``clinic`` submitted: its id, the newer and the older person."""
    older = register(connection, act("hospital-a"), resident("王小明"), "hospital-a", "1").index_id
    linked = register(connection, act("clinic"), resident("王晓明"), "clinic", "2")
    return linked.candidates[0].review_id, linked.index_id, older


def test_an_approved_pair_is_merged_into_the_older_person(store: Store) -> None:
    with store.begin() as connection:
        review_id, newer, older = waiting(connection)
        merge_id = reviews.decide(connection, act("officer"), review_id, same=True, note="compared the documents")
        assert merge_id is not None
        assert persons.current(connection, newer) == older
        assert reviews.queue(connection) == ()


def test_a_refused_pair_stays_two_and_is_not_asked_again(store: Store) -> None:
    with store.begin() as connection:
        review_id, newer, older = waiting(connection)
        assert reviews.decide(connection, act("officer"), review_id, same=False, note="twins") is None
        assert (persons.current(connection, newer), persons.current(connection, older)) == (newer, older)
        again = register(connection, act("clinic"), resident("王晓明"), "clinic", "2")
        totals = counting.totals(connection)
    assert again.candidates == ()
    assert (totals.reviews_open, totals.reviews_refused) == (0, 1)


def test_who_submitted_a_pair_does_not_decide_it(store: Store) -> None:
    with store.begin() as connection:
        review_id, newer, _ = waiting(connection)
        with pytest.raises(DecisionRefused, match="clinic submitted"):
            reviews.decide(connection, act("clinic"), review_id, same=True, note="mine")
        assert persons.current(connection, newer) == newer
        assert len(reviews.queue(connection)) == 1


def test_a_pair_is_decided_once(store: Store) -> None:
    with store.begin() as connection:
        review_id, _, _ = waiting(connection)
        reviews.decide(connection, act("officer"), review_id, same=False, note="twins")
        for unknown in (review_id, "nowhere"):
            with pytest.raises(DecisionRefused, match="decided already"):
                reviews.decide(connection, act("other"), unknown, same=True, note="no")


@pytest.mark.parametrize("note", ["", " ", "x" * 201])
def test_a_decision_says_why(store: Store, note: str) -> None:
    with store.begin() as connection:
        review_id, _, _ = waiting(connection)
        with pytest.raises(DecisionRefused, match="note of 1 to 200"):
            reviews.decide(connection, act("officer"), review_id, same=True, note=note)


def test_a_pair_that_was_merged_meanwhile_is_closed_without_a_second_merge(store: Store) -> None:
    with store.begin() as connection:
        review_id, newer, older = waiting(connection)
        merge(connection, act("officer"), merged=newer, survivor=older, reason="at the desk")
        assert reviews.decide(connection, act("officer"), review_id, same=True, note="yes") is None
        assert reviews.queue(connection) == ()


def test_an_undone_approval_leaves_the_pair_decided_as_two(store: Store) -> None:
    with store.begin() as connection:
        review_id, newer, older = waiting(connection)
        merge_id = reviews.decide(connection, act("officer"), review_id, same=True, note="yes")
        assert merge_id is not None
        undo(connection, act("other"), merge_id, "wrong documents")
        assert persons.current(connection, newer) == newer
        assert reviews.are_judged_two(connection, newer, older)
