"""What every request is held against once its sender is known: time, replay, scope and quota.

Window: 15 minutes (Foshan), decision elsewhere. Replay: the nonce, or where a profile has none the digest, of one
application is admitted once within the window (decisions, platform), whatever became of it: who tries again signs
again, with a new time. Verifications note mark and quota in the transaction of their group, all else beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from reference.ecard.refusals import Refusal
from reference.store.access_tables import quota_used, requests_seen


@dataclass(frozen=True, slots=True)
class Admission:
    """What is left to hold against the database: which app, its mark of this request, its quota (0: no limit)."""

    app: str
    mark: str
    daily_quota: int = 0


def check_time(sent_ms: int, now_ms: int, window_seconds: int, skew_seconds: int) -> None:
    """Raise Refusal ``request.stale`` or ``request.future`` unless the request was sent lately."""
    if sent_ms < now_ms - window_seconds * 1000:
        raise Refusal("request.stale", "timestamp")
    if sent_ms > now_ms + skew_seconds * 1000:
        raise Refusal("request.future", "timestamp")


def admit_many(
    connection: Connection, admissions: Sequence[Admission], now_ms: int, today: str
) -> list[Refusal | None]:
    """Note a group of requests, and say of each whether it is refused: ``request.replayed``, ``quota-exceeded``.

    ``today`` is the date (YYYYMMDD) that quotas are counted by. A request refused here uses up no quota.
    """
    fresh = _unseen(connection, admissions, now_ms)
    counts: dict[str, int] = {}
    answers: list[Refusal | None] = []
    used = _used_today(connection, admissions, today)
    for number, admission in enumerate(admissions):
        if number not in fresh:
            answers.append(Refusal("request.replayed"))
            continue
        count = counts.get(admission.app, 0)
        if admission.daily_quota and used.get(admission.app, 0) + count >= admission.daily_quota:
            answers.append(Refusal("request.quota-exceeded"))
            continue
        counts[admission.app] = count + 1
        answers.append(None)
    _count(connection, counts, today)
    return answers


def admit(connection: Connection, admission: Admission, now_ms: int, today: str) -> None:
    """As `admit_many` for one request; raises the refusal."""
    refusal = admit_many(connection, [admission], now_ms, today)[0]
    if refusal is not None:
        raise refusal


def forget(connection: Connection, before_ms: int) -> int:
    """Take out the marks that fell out of the window; how many there were."""
    return connection.execute(delete(requests_seen).where(requests_seen.c.seen_ms < before_ms)).rowcount


def _unseen(connection: Connection, admissions: Sequence[Admission], now_ms: int) -> set[int]:
    """The places in the group whose marks are new; those without mark always are."""
    new: set[int] = set()
    write = _insert(connection)(requests_seen).on_conflict_do_nothing()
    for number, admission in enumerate(admissions):
        row = {"app": admission.app, "mark": admission.mark, "seen_ms": now_ms}
        if not admission.mark or connection.execute(write, row).rowcount == 1:
            new.add(number)
    return new


def _used_today(connection: Connection, admissions: Sequence[Admission], today: str) -> dict[str, int]:
    limited = sorted({admission.app for admission in admissions if admission.daily_quota})
    if not limited:
        return {}
    # Held until the transaction ends, in one order everywhere, so that two processes cannot both take the last one.
    write = _insert(connection)(quota_used).values([{"app": app, "day": today, "used": 0} for app in limited])
    connection.execute(write.on_conflict_do_nothing())
    where = (quota_used.c.day == today) & quota_used.c.app.in_(limited)
    query = select(quota_used.c.app, quota_used.c.used).where(where).order_by(quota_used.c.app).with_for_update()
    return {row.app: row.used for row in connection.execute(query)}


def _count(connection: Connection, counts: dict[str, int], today: str) -> None:
    if not counts:
        return
    rows = [{"app": app, "day": today, "used": count} for app, count in sorted(counts.items())]
    write = _insert(connection)(quota_used).values(rows)
    total = quota_used.c.used + write.excluded.used
    connection.execute(write.on_conflict_do_update(index_elements=["app", "day"], set_={"used": total}))


def _insert(connection: Connection) -> type[postgresql.Insert] | type[sqlite.Insert]:
    return postgresql.Insert if connection.dialect.name == "postgresql" else sqlite.Insert
