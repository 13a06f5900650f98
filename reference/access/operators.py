"""Operators (操作员): the people who sign in at the console, with a password and rights of their own.

Every change and every sign-in of a known operator is a line of the audit log. After `MOST_FAILURES` wrong passwords
the account is locked for a while; a locked, suspended or unknown operator is told the same as one with a wrong
password, so that nobody learns who there is. Source: P-CITY-09 (login, roles), P-RHM-06; lock and costs: decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, RowMapping, insert, select, update

from reference.access import sealing
from reference.access.lives import OPERATOR, next_state
from reference.access.passwords import SALT_BYTES, SLOW, fits, password_digest
from reference.access.widths import check_widths
from reference.ecard.broken_rules import BrokenRule
from reference.ecard.refusals import Refusal
from reference.languages import say
from reference.serving import Surroundings
from reference.store import audit, lock
from reference.store.operator_tables import operators, platform_secrets

MOST_FAILURES: Final = 5
"""Wrong passwords one after another before the lock. Source: decision."""
LOCK_MS: Final = 15 * 60_000
"""How long the lock holds. Source: decision."""
SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 128
LONGEST_NAME: Final = 32
Values = Callable[[RowMapping], Mapping[str, object]]
"""The columns to write, made of the row as it stands."""


class UnfitEntry(BrokenRule):
    """A user name or password of the wrong form."""


@dataclass(frozen=True)
class Operator:
    """An operator. ``scopes`` are names of verbs, ``*`` for all; ``epoch`` is that of the sessions that hold."""

    user_name: str
    name: str
    state: str
    scopes: frozenset[str]
    epoch: int


def add(
    surroundings: Surroundings, user_name: str, name: str, password: str, scopes: Iterable[str], operator: str
) -> None:
    """Make an operator. Raises Refusal ``registry.already-registered``, ``request.field-malformed``."""
    _check_user_name(user_name)
    _check_password(password)
    check_widths(operators, {"name": name})
    salt, now = surroundings.randomness.bytes(SALT_BYTES), surroundings.clock.now_ms()
    digest = password_digest(password, salt, SLOW)

    def work(connection: Connection) -> None:
        lock(connection, "operator", user_name)
        if _row(connection, user_name) is not None:
            raise Refusal("registry.already-registered", "user_name")
        connection.execute(
            insert(operators).values(
                user_name=user_name,
                name=name or user_name,
                state=OPERATOR.first,
                scopes=" ".join(sorted(scopes)),
                password_salt=salt,
                password_digest=digest,
                epoch=0,
                failures=0,
                locked_until_ms=0,
                changed_ms=now,
            )
        )
        audit.append(connection, now, operator, "operator.add", user_name)

    surroundings.store.transact(work)


def set_password(surroundings: Surroundings, user_name: str, password: str, operator: str) -> None:
    """Give an operator a new password; ends his sessions and his lock.

    Raises Refusal ``registry.unknown``, ``request.field-malformed``.
    """
    _check_password(password)
    salt = surroundings.randomness.bytes(SALT_BYTES)
    digest = password_digest(password, salt, SLOW)
    _change(
        surroundings,
        user_name,
        operator,
        "password",
        lambda row: {
            "password_salt": salt,
            "password_digest": digest,
            "failures": 0,
            "locked_until_ms": 0,
            "epoch": row["epoch"] + 1,
        },
    )


def change(surroundings: Surroundings, user_name: str, event: str, operator: str) -> None:
    """``suspend``, ``resume`` or ``close`` an operator; ends his sessions.

    Raises Refusal ``registry.unknown`` and ``registry.wrong-state``.
    """
    _change(
        surroundings,
        user_name,
        operator,
        event,
        lambda row: {"state": next_state(OPERATOR, row["state"], event), "epoch": row["epoch"] + 1},
    )


def sign_in(surroundings: Surroundings, user_name: str, password: str) -> Operator:
    """The operator, when the password is his and he may work. Raises Refusal ``request.wrong-password``."""
    known = None
    if _is_user_name(user_name):
        with surroundings.store.read() as connection:
            known = _row(connection, user_name)
    # Computed for unknown operators too, so that the time tells nothing.
    salt, digest = (known["password_salt"], known["password_digest"]) if known is not None else (b"", b"")
    right = fits(password, salt, digest, SLOW)
    if known is None:
        raise Refusal("request.wrong-password", "password")
    admitted = surroundings.store.transact(lambda connection: _counted(connection, surroundings, known, right))
    if admitted is None:
        raise Refusal("request.wrong-password", "password")
    return admitted


def sign_out(surroundings: Surroundings, user_name: str) -> None:
    """End all sessions of an operator. Raises Refusal ``registry.unknown``."""
    _change(surroundings, user_name, user_name, "sign-out", lambda row: {"epoch": row["epoch"] + 1})


def find(connection: Connection, user_name: str) -> Operator | None:
    """The operator of this user name."""
    row = _row(connection, user_name)
    return None if row is None else _operator(row)


def every(connection: Connection) -> list[Operator]:
    """All operators, by user name."""
    rows = connection.execute(select(operators).order_by(operators.c.user_name)).mappings()
    return [_operator(row) for row in rows]


def shared_secret(surroundings: Surroundings, name: str) -> bytes:
    """A secret of 16 bytes that all workers share, drawn when it is first asked for and kept sealed."""

    def work(connection: Connection) -> bytes:
        lock(connection, "platform-secret", name)
        where = platform_secrets.c.name == name
        kept = connection.execute(select(platform_secrets.c.sealed).where(where)).scalar_one_or_none()
        if kept is None:
            connection.execute(insert(platform_secrets).values(name=name, sealed=fresh))
        return bytes(kept or fresh)

    purpose = f"platform secret {name}"
    fresh = sealing.seal(surroundings, purpose, surroundings.randomness.bytes(sealing.SECRET_BYTES))
    return sealing.opened(surroundings, purpose, surroundings.store.transact(work))


def _counted(connection: Connection, surroundings: Surroundings, seen: RowMapping, right: bool) -> Operator | None:
    """The operator after a try; None where he is not let in. The row is read anew: others try at the same time."""
    user_name, now = seen["user_name"], surroundings.clock.now_ms()
    lock(connection, "operator", user_name)
    row = _row(connection, user_name)
    if row is None or row["password_digest"] != seen["password_digest"] or now < row["locked_until_ms"]:
        return None
    if row["state"] not in OPERATOR.working:
        return None
    if right:
        _write(connection, user_name, failures=0, locked_until_ms=0)
        audit.append(connection, now, user_name, "operator.sign-in", user_name)
        return _operator(row)
    failures = row["failures"] + 1
    if failures < MOST_FAILURES:
        _write(connection, user_name, failures=failures)
        audit.append(connection, now, user_name, "operator.wrong-password", user_name, failures=failures)
    else:
        _write(connection, user_name, failures=0, locked_until_ms=now + LOCK_MS)
        audit.append(connection, now, user_name, "operator.locked", user_name, failures=failures)
    return None


def _change(surroundings: Surroundings, user_name: str, operator: str, action: str, values: Values) -> None:
    now = surroundings.clock.now_ms()

    def work(connection: Connection) -> None:
        lock(connection, "operator", user_name)
        row = _row(connection, user_name)
        if row is None:
            raise Refusal("registry.unknown", "user_name")
        _write(connection, user_name, changed_ms=now, **values(row))
        audit.append(connection, now, operator, f"operator.{action}", user_name)

    surroundings.store.transact(work)


def _write(connection: Connection, user_name: str, **values: object) -> None:
    connection.execute(update(operators).where(operators.c.user_name == user_name).values(**values))


def _row(connection: Connection, user_name: str) -> RowMapping | None:
    query = select(operators).where(operators.c.user_name == user_name)
    return connection.execute(query).mappings().one_or_none()


def _operator(row: RowMapping) -> Operator:
    return Operator(row["user_name"], row["name"], row["state"], frozenset(row["scopes"].split()), row["epoch"])


def _check_user_name(user_name: str) -> None:
    if not _is_user_name(user_name):
        raise UnfitEntry(
            say("A user name has at most {most} letters, digits, dots and hyphens.", most=LONGEST_NAME), "user_name"
        )


def _is_user_name(text: str) -> bool:
    plain = text.replace("-", "").replace(".", "")
    return plain.isascii() and plain.isalnum() and len(text) <= LONGEST_NAME


def _check_password(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise UnfitEntry(
            say("A password has {least} to {most} characters.", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD),
            "password",
        )
