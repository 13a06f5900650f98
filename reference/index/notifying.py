"""Subscriptions and notifications (订阅与通知): who is told of which changes, numbered, until he says he has them.

Each subscriber has numbers of his own without gaps, given in the order in which changes are committed: the row of the
subscription is held until the end of the transaction. What is not acknowledged is given again (at least once).
Source: P-EMPI-06; functions named in electronic-card facts, chapter 5; numbering by decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, exists, insert, or_, select, update

from reference.index import persons
from reference.index.acts import Act
from reference.index.errors import SubscriptionRefused
from reference.languages import say
from reference.store.index_tables import index_notifications, index_references, index_subscriptions


class Kind(StrEnum):
    """What happened to a person."""

    REGISTERED = "registered"
    LINKED = "linked"
    UPDATED = "updated"
    RENAMED = "renamed"
    MERGED = "merged"
    UNMERGED = "unmerged"


class Notification(msgspec.Struct, frozen=True):
    """One change: its number for this subscriber, the id concerned, and the other id of a renaming or a merge."""

    sequence: int
    kind: Kind
    index_id: str
    other_id: str
    at_ms: int


_SUBSCRIBED = select(index_subscriptions.c.subscription_id).where(index_subscriptions.c.ended_ms.is_(None)).limit(1)
"""Whether anybody is told of changes at all."""


def subscribe(
    connection: Connection, act: Act, *, domain: str = "", kinds: Iterable[Kind] = tuple(Kind), name: str = ""
) -> str:
    """Tell the operator of changes from now on: of all persons, or of those whom the domain knows.

    Returns the id of the subscription: ``name`` where one is given, which must be free, else a new one.
    """
    subscription_id = name or act.new_id()
    connection.execute(
        insert(index_subscriptions).values(
            subscription_id=subscription_id,
            subscriber=act.operator,
            domain=domain,
            kinds=" ".join(kinds),
            last_sequence=0,
            acknowledged=0,
            subscribed_ms=act.now_ms,
        )
    )
    return subscription_id


def is_subscribed(connection: Connection, subscription_id: str) -> bool:
    """Whether there is such a subscription that has not ended."""
    ended = select(index_subscriptions.c.ended_ms).where(index_subscriptions.c.subscription_id == subscription_id)
    row = connection.execute(ended).one_or_none()
    return row is not None and row.ended_ms is None


def unsubscribe(connection: Connection, act: Act, subscription_id: str) -> None:
    """End a subscription; what was not acknowledged can still be fetched. Raises SubscriptionRefused."""
    _subscription(connection, subscription_id)
    connection.execute(
        update(index_subscriptions)
        .where(index_subscriptions.c.subscription_id == subscription_id)
        .values(ended_ms=act.now_ms)
    )


def notify(connection: Connection, act: Act, kind: Kind, index_id: str, other_id: str = "") -> None:
    """Write a change into the outbox of everybody who subscribed to it."""
    if connection.execute(_SUBSCRIBED).first() is None:
        return
    ids = [id for either in (index_id, other_id) if either for id in persons.all_ids(connection, either)]
    known = exists().where(
        index_references.c.domain == index_subscriptions.c.domain, index_references.c.index_id.in_(ids)
    )
    subscriptions = connection.execute(
        select(index_subscriptions)
        .where(index_subscriptions.c.ended_ms.is_(None), or_(index_subscriptions.c.domain == "", known))
        .order_by(index_subscriptions.c.subscription_id)
        .with_for_update(of=index_subscriptions)
    ).all()
    for row in subscriptions:
        if kind not in row.kinds.split():
            continue
        connection.execute(
            update(index_subscriptions)
            .where(index_subscriptions.c.subscription_id == row.subscription_id)
            .values(last_sequence=row.last_sequence + 1)
        )
        connection.execute(
            insert(index_notifications).values(
                subscription_id=row.subscription_id,
                sequence=row.last_sequence + 1,
                kind=kind,
                index_id=index_id,
                other_id=other_id,
                at_ms=act.now_ms,
            )
        )


def pending(connection: Connection, subscription_id: str, limit: int = 100) -> tuple[Notification, ...]:
    """The next notifications that were not acknowledged, in their order. Raises SubscriptionRefused."""
    return since(connection, subscription_id, acknowledged(connection, subscription_id), limit)


def acknowledged(connection: Connection, subscription_id: str) -> int:
    """The last number that the subscriber has. Raises SubscriptionRefused."""
    return int(_subscription(connection, subscription_id).acknowledged)


def since(connection: Connection, subscription_id: str, sequence: int, limit: int = 100) -> tuple[Notification, ...]:
    """The notifications after a sequence number, acknowledged or not, in their order."""
    rows = connection.execute(
        select(index_notifications)
        .where(index_notifications.c.subscription_id == subscription_id, index_notifications.c.sequence > sequence)
        .order_by(index_notifications.c.sequence)
        .limit(limit)
    )
    return tuple(Notification(row.sequence, Kind(row.kind), row.index_id, row.other_id, row.at_ms) for row in rows)


def acknowledge(connection: Connection, subscription_id: str, sequence: int) -> None:
    """Everything up to this number has arrived; an older number changes nothing. Raises SubscriptionRefused."""
    row = _subscription(connection, subscription_id)
    if sequence > row.last_sequence:
        raise SubscriptionRefused(
            say(
                "Number {sequence} was never sent: the last one is {last}. Acknowledge what has arrived.",
                sequence=sequence,
                last=row.last_sequence,
            )
        )
    connection.execute(
        update(index_subscriptions)
        .where(index_subscriptions.c.subscription_id == subscription_id, index_subscriptions.c.acknowledged < sequence)
        .values(acknowledged=sequence)
    )


def _subscription(connection: Connection, subscription_id: str) -> Row[Any]:
    row = connection.execute(
        select(index_subscriptions).where(index_subscriptions.c.subscription_id == subscription_id)
    ).one_or_none()
    if row is None:
        raise SubscriptionRefused(
            say("The subscription {subscription_id} is unknown. Subscribe first.", subscription_id=subscription_id)
        )
    return row
