"""What every request is held against once its sender is known: time, replay, scope and quota.

Window: 15 minutes (Foshan), decision elsewhere. Replay: the nonce, or where a profile has none the digest, of one
application is admitted once within the window (decisions, platform), whatever became of it: who tries again signs
again, with a new time. Verifications note mark and quota in the transaction of their group, all else beforehand.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec
from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import ClauseElement

from reference.crypto import engine
from reference.ecard.moments import HOUR
from reference.ecard.refusals import Refusal
from reference.standard.ecard import load_ecard
from reference.store.access_tables import quota_used, requests_seen
from reference.store.compiled import Blocks, Compiled, numbered

MARK_DIGITS: Final = 32
Key: TypeAlias = tuple[int, str, str]
"""A row of `requests_seen`."""
_sm3 = engine().sm3


class _Shown(msgspec.Struct, frozen=True, gc=False):
    app: str
    mark: str
    sent_ms: int


class Admission(_Shown, frozen=True, kw_only=True, gc=False):
    """What is left to hold against the database: which app, its mark of this request, when it was sent (as signed).

    ``mark`` is the nonce or the digest, empty where nothing can be replayed; ``nonce`` says that it does not cover the
    time of sending, so that it counts with any other time too. A quota of 0 is without limit.
    """

    # By name alone: a quota in the place of a time once went unnoticed.
    daily_quota: int = 0
    nonce: bool = False

    def keys(self) -> tuple[Key, ...]:
        """The rows of `requests_seen` that this request takes; it is new when all of them are free.

        A nonce takes its hour and the next, so that two requests with the same nonce meet in one of them when less
        than an hour lies between their times.
        """
        if not self.mark:
            return ()
        mark = _sm3(self.mark.encode()).hex()[:MARK_DIGITS]
        if not self.nonce:
            return ((self.sent_ms, self.app, mark),)
        hour = self.sent_ms // HOUR * HOUR
        return ((hour, self.app, mark), (hour + HOUR, self.app, mark))


def check_time(sent_ms: int, now_ms: int, window_seconds: int, skew_seconds: int) -> None:
    """Raise Refusal ``request.stale`` or ``request.future`` unless the request was sent lately."""
    if sent_ms < now_ms - window_seconds * 1000:
        raise Refusal("request.stale", "timestamp")
    if sent_ms > now_ms + skew_seconds * 1000:
        raise Refusal("request.future", "timestamp")


def check_window(sent_ms: int, now_ms: int) -> None:
    """`check_time` with the window of limits.toml, the same in every profile."""
    check_time(sent_ms, now_ms, *_window())


@functools.cache
def _window() -> tuple[int, int]:
    tables = load_ecard()
    return tables.limit("timestamp-window-seconds"), tables.limit("clock-skew-seconds")


def admit_many(connection: Connection, admissions: Sequence[Admission], today: str) -> list[Refusal | None]:
    """Note a group of requests, and say of each whether it is refused: ``request.replayed``, ``quota-exceeded``.

    ``today`` is the date (YYYYMMDD) that quotas are counted by. A request refused here uses up no quota.
    """
    answers: list[Refusal | None] = [
        None if fresh else Refusal("request.replayed") for fresh in _noted(connection, admissions)
    ]
    counts: dict[str, int] = {}
    used = _used_today(connection, admissions, today)
    for number, admission in enumerate(admissions):
        if answers[number] is not None:
            continue
        count = counts.get(admission.app, 0)
        if admission.daily_quota and used[admission.app] + count >= admission.daily_quota:
            answers[number] = Refusal("request.quota-exceeded")
        else:
            counts[admission.app] = count + 1
    _count(connection, counts, today)
    return answers


def admit(connection: Connection, admission: Admission, today: str) -> None:
    """As `admit_many` for one request; raises the refusal."""
    refusal = admit_many(connection, [admission], today)[0]
    if refusal is not None:
        raise refusal


def forget(connection: Connection, before_ms: int) -> int:
    """Take out the marks that fell out of the window; how many there were."""
    return connection.execute(delete(requests_seen).where(requests_seen.c.sent_ms < before_ms)).rowcount


def _noted(connection: Connection, admissions: Sequence[Admission]) -> list[bool]:
    """Whether each mark was new. Requests without a mark always are."""
    taken = [admission.keys() for admission in admissions]
    # In one order everywhere, so that two processes wait for each other instead of deadlocking.
    noted = sorted(itertools.chain.from_iterable(taken))
    free = {(sent_ms, app, mark) for sent_ms, app, mark in _NOTE.returned(connection, noted)}
    fresh = []
    for keys in taken:
        # Of several requests of one group with the same mark the first is new.
        fresh.append(free.issuperset(keys))
        free.difference_update(keys)
    return fresh


def _used_today(connection: Connection, admissions: Sequence[Admission], today: str) -> dict[str, int]:
    limited = sorted({admission.app for admission in admissions if admission.daily_quota})
    if not limited:
        return {}
    # Held until the transaction ends, in one order everywhere, so that two processes cannot both take the last one.
    _COUNT.each(connection, [(app, today, 0) for app in limited])
    where = (quota_used.c.day == today) & quota_used.c.app.in_(limited)
    query = select(quota_used.c.app, quota_used.c.used).where(where).order_by(quota_used.c.app).with_for_update()
    return {row.app: row.used for row in connection.execute(query)}


def _count(connection: Connection, counts: dict[str, int], today: str) -> None:
    if counts:
        _COUNT.each(connection, [(app, today, count) for app, count in sorted(counts.items())])


def _note(dialect: str, rows: int) -> ClauseElement:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    names = requests_seen.columns.keys()
    write = insert(requests_seen).values([numbered(names, row) for row in range(rows)])
    return write.on_conflict_do_nothing().returning(*requests_seen.columns)


def _add(insert: type[postgresql.Insert] | type[sqlite.Insert]) -> postgresql.Insert | sqlite.Insert:
    write = insert(quota_used).values({column.name: bindparam(column.name) for column in quota_used.columns})
    total = quota_used.c.used + write.excluded.used
    return write.on_conflict_do_update(index_elements=["app", "day"], set_={"used": total})


_NOTE = Blocks(_note)
_COUNT = Compiled(sqlite=_add(sqlite.Insert), postgresql=_add(postgresql.Insert))
