"""The manual queue (人工复核队列): pairs of persons that the machine may not merge alone, and their decision.

Whoever submitted a pair does not decide it. A pair is asked once; approving merges, refusing keeps the two apart.
Source: P-EMPI-05 (never merges a probable match alone), P-EMPI-04 (conflict: manual queue); four eyes by decision.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update

from reference.index import persons
from reference.index.acts import Act
from reference.index.errors import DecisionRefused
from reference.index.merging import merge, was_undone
from reference.index.scoring import Reason, Score
from reference.languages import say
from reference.store import audit
from reference.store.database import lock
from reference.store.index_tables import index_reviews

OPEN, APPROVED, REFUSED = "open", "approved", "refused"
LONGEST_NOTE = 200


class Kind(StrEnum):
    """Why a pair is in the queue."""

    PROBABLE = "probable"
    IDENTITY_TAKEN = "identity-taken"
    NATIONAL = "national"
    LINKAGE = "linkage"


class Candidate(msgspec.Struct, frozen=True):
    """A person who may be the same one, how probable that is, why, and the review that decides it."""

    index_id: str
    probability: float
    bits: float
    reasons: tuple[Reason, ...]
    review_id: str


class Review(msgspec.Struct, frozen=True):
    """A pair in the queue: the newer person, and the candidate who would survive."""

    review_id: str
    kind: Kind
    index_id: str
    candidate: Candidate
    submitter: str
    submitted_ms: int


def submit(
    connection: Connection, act: Act, kind: Kind, newer: str, older: str, found: Score, *, again: bool = False
) -> str | None:
    """Put a pair into the queue and return the review's id; None when the pair was asked before, either way round.

    ``again`` opens a review that was decided: another index came to another judgement.
    """
    asked = connection.scalar(select(index_reviews.c.review_id).where(pair(newer, older)))
    values = {"kind": kind, "state": OPEN, "submitter": act.operator, "submitted_ms": act.now_ms}
    if asked is None:
        review_id = act.new_id()
        connection.execute(
            insert(index_reviews).values(
                review_id=review_id,
                left_id=newer,
                right_id=older,
                probability=found.probability,
                bits=found.bits,
                reasons=msgspec.json.encode(found.reasons).decode(),
                **values,
            )
        )
        return review_id
    if again:
        connection.execute(update(index_reviews).where(index_reviews.c.review_id == asked).values(**values))
        return str(asked)
    return None


def are_judged_two(connection: Connection, one: str, other: str) -> bool:
    """Whether somebody judged these two to be different: refused the pair, or undid their merge."""
    state = connection.scalar(select(index_reviews.c.state).where(pair(one, other)))
    return state == REFUSED or was_undone(connection, one, other)


def queue(connection: Connection, limit: int = 100) -> tuple[Review, ...]:
    """The open reviews, the most probable first."""
    rows = connection.execute(
        select(index_reviews)
        .where(index_reviews.c.state == OPEN)
        .order_by(index_reviews.c.probability.desc(), index_reviews.c.submitted_ms, index_reviews.c.review_id)
        .limit(limit)
    )
    return tuple(
        Review(row.review_id, Kind(row.kind), row.left_id, _candidate(row), row.submitter, row.submitted_ms)
        for row in rows
    )


def candidates(connection: Connection, index_id: str) -> tuple[Candidate, ...]:
    """Who may be the same person as this one and is not decided yet, the most probable first."""
    rows = connection.execute(
        select(index_reviews)
        .where(index_reviews.c.state == OPEN, index_reviews.c.left_id == index_id)
        .order_by(index_reviews.c.probability.desc(), index_reviews.c.right_id)
    )
    return tuple(_candidate(row) for row in rows)


def decide(connection: Connection, act: Act, review_id: str, *, same: bool, note: str) -> str | None:
    """Decide a pair: the same person (merge into the older one; returns the merge's id) or two persons (None).

    Raises DecisionRefused: unknown or decided already, decided by the submitter, or without a note.
    """
    lock(connection, "index-review", review_id)
    row = connection.execute(select(index_reviews).where(index_reviews.c.review_id == review_id)).one_or_none()
    if row is None or row.state != OPEN:
        raise DecisionRefused(
            say("The review {review_id} is unknown or decided already. Look at the queue again.", review_id=review_id)
        )
    if row.submitter == act.operator:
        raise DecisionRefused(
            say(
                "{operator} submitted the review {review_id} and may not decide it. Let somebody else decide.",
                operator=act.operator,
                review_id=review_id,
            )
        )
    if not note.strip() or len(note) > LONGEST_NOTE:
        raise DecisionRefused(
            say("A decision needs a note of 1 to {longest} characters. Write why.", longest=LONGEST_NOTE)
        )
    connection.execute(
        update(index_reviews)
        .where(index_reviews.c.review_id == review_id)
        .values(state=APPROVED if same else REFUSED, decider=act.operator, decided_ms=act.now_ms, note=note)
    )
    newer, older = (persons.current(connection, id) for id in (row.left_id, row.right_id))
    if same and newer != older:
        return merge(connection, act, merged=newer, survivor=older, reason=note)
    audit.append(connection, act.now_ms, act.operator, "index-review", row.left_id, review=review_id, same=same)
    return None


def pair(one: str, other: str) -> ColumnElement[bool]:
    """The condition that a review is about these two, either way round."""
    left, right = index_reviews.c.left_id, index_reviews.c.right_id
    return or_(and_(left == one, right == other), and_(left == other, right == one))


def _candidate(row: Row[Any]) -> Candidate:
    reasons = msgspec.json.decode(row.reasons, type=tuple[Reason, ...])
    return Candidate(row.right_id, row.probability, row.bits, reasons, row.review_id)
