"""Registration and update of residents (居民信息注册与更新): the service that every domain submits to.

Registration returns the index id and the grade: exact (type, number and name are known), probable (somebody may be
the same person: candidates with reasons wait in the queue) or new. A probable match is never merged alone: the new
person gets his own id until somebody decides. Source: P-EMPI-02, P-EMPI-05, P-ECARD-02.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, insert

from reference.index import cross_references, persons, reviews
from reference.index.acts import Act
from reference.index.errors import LocalIdTaken, MergeRefused
from reference.index.identity import Identity, canonical
from reference.index.matching import candidates
from reference.index.notifying import Kind, notify
from reference.index.reviews import Candidate
from reference.index.scoring import Grade, score
from reference.index.tables import Weights, weights
from reference.languages import say
from reference.store import audit
from reference.store.index_tables import index_registrations


class Linked(msgspec.Struct, frozen=True):
    """The answer to a registration: the valid index id, the grade, and who may be the same person."""

    index_id: str
    grade: Grade
    candidates: tuple[Candidate, ...]


class Updated(msgspec.Struct, frozen=True):
    """The answer to an update: the index id now and before, and the review if the identity belongs to another."""

    index_id: str
    previous: str
    review_id: str | None = None


def register(
    connection: Connection, act: Act, identity: Identity, domain: str, local_id: str, table: Weights | None = None
) -> Linked:
    """Register an identity under a domain's own number. The same submission again gives the same person again.

    ``table`` are other weights than the shipped ones. Raises IdentityRefused; LocalIdTaken when the domain's number
    stands for somebody else.
    """
    own = canonical(identity)
    cross_references.hold(connection, domain, local_id)
    persons.hold(connection, own.index_id)
    linked_to = cross_references.target(connection, domain, local_id)
    is_known = persons.row_of(connection, own.index_id) is not None
    valid = persons.current(connection, own.index_id) if is_known else own.index_id
    if linked_to not in (None, valid):
        raise LocalIdTaken(
            say(
                "The number {local_id} of the domain {domain} stands for somebody else. Correct a name or number by an "
                "update; give another person another number.",
                local_id=local_id,
                domain=domain,
            )
        )
    if not is_known:
        persons.add(connection, act, own, act.now_ms)
        _ask_about(connection, act, own, table or weights())
    waiting = reviews.candidates(connection, valid)
    grade = Grade.EXACT if is_known else Grade.PROBABLE if waiting else Grade.NEW
    if linked_to is None:
        cross_references.link(connection, act, domain, local_id, own.index_id)
        _count(connection, act, domain, grade, valid)
        notify(connection, act, Kind.LINKED if is_known else Kind.REGISTERED, valid)
        audit.append(connection, act.now_ms, act.operator, "index-register", valid, domain=domain, grade=grade)
    return Linked(valid, grade, waiting)


def update(
    connection: Connection, act: Act, index_id: str, identity: Identity, table: Weights | None = None
) -> Updated:
    """Replace what is known of a person. Another name or number gives another index id; the old one stays an alias.

    An identity that another person holds changes nothing: the pair goes into the queue. Raises IdentityRefused;
    UnknownPerson; MergeRefused when the identity is that of a person merged into this one.
    """
    own = canonical(identity)
    persons.hold_successors(connection)
    persons.hold(connection, own.index_id)
    before = persons.current(connection, index_id)
    held = persons.row_of(connection, own.index_id)
    if held is not None and own.index_id != before:
        holder = persons.current(connection, own.index_id)
        if holder != before:
            return Updated(before, before, _ask_whether_one(connection, act, before, holder, table or weights()))
        _refuse_identity_of_merged(held.state, own.index_id)
    if held is None:
        persons.add(connection, act, own, act.now_ms)
    else:
        persons.replace(connection, act, own)
    if own.index_id != before:
        persons.succeed(connection, before, persons.RENAMED, own.index_id)
    if held is None:
        _ask_about(connection, act, own, table or weights())
    kind = Kind.UPDATED if own.index_id == before else Kind.RENAMED
    notify(connection, act, kind, own.index_id, "" if own.index_id == before else before)
    audit.append(connection, act.now_ms, act.operator, f"index-{kind}", own.index_id, previous=before)
    return Updated(own.index_id, before)


def _ask_about(connection: Connection, act: Act, own: Identity, table: Weights) -> None:
    """Put a new identity into the queue beside everybody who may be the same person."""
    for other, found in candidates(connection, own, table).items():
        if other != own.index_id:
            reviews.submit(connection, act, reviews.Kind.PROBABLE, own.index_id, other, found)


def _ask_whether_one(connection: Connection, act: Act, index_id: str, holder: str, table: Weights) -> str | None:
    one, other = (persons.person(connection, id).identity for id in (index_id, holder))
    return reviews.submit(connection, act, reviews.Kind.IDENTITY_TAKEN, index_id, holder, score(one, other, table))


def _refuse_identity_of_merged(state: str, index_id: str) -> None:
    if state == persons.MERGED:
        raise MergeRefused(
            say(
                "The identity {index_id} was merged into this person. Undo the merge, then merge the other way round.",
                index_id=index_id,
            )
        )


def _count(connection: Connection, act: Act, domain: str, grade: Grade, index_id: str) -> None:
    connection.execute(
        insert(index_registrations).values(domain=domain, grade=grade, day=act.day, index_id=index_id, at_ms=act.now_ms)
    )
