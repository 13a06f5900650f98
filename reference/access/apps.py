"""Applications (APP接入管理, P-ECARD-11): apply, test with a sandbox key, approve, suspend, revoke, expire.

Apps, official accounts, mini-programs and institutions' own systems are all applications to the platform. The secret
that signs their requests is made here, shown once, and kept enciphered by the crypto machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from reference.access import sealing
from reference.access.lives import APP, next_state
from reference.access.sealing import SECRET_BYTES
from reference.access.widths import check_widths
from reference.ecard.refusals import Refusal
from reference.serving import Surroundings
from reference.store import audit, lock
from reference.store.access_tables import apps

NAMES = ("app_id", "name", "owner", "profile", "institution", "record_number")


@dataclass(frozen=True)
class AppOrder:
    """What an application asks for. ``scopes`` are names of verbs; a quota of 0 is without limit."""

    app_id: str
    name: str
    profile: str
    owner: str = ""
    institution: str = ""
    record_number: str = ""
    scopes: frozenset[str] = frozenset()
    daily_quota: int = 0
    valid_until_ms: int | None = None


@dataclass(frozen=True)
class App:
    """An application as the platform knows it; its secret is opened by `secret_of` alone."""

    app_id: str
    name: str
    profile: str
    institution: str
    state: str
    scopes: frozenset[str]
    daily_quota: int
    valid_from_ms: int
    valid_until_ms: int | None
    sealed_secret: bytes


def apply(surroundings: Surroundings, order: AppOrder, operator: str, secret: bytes = b"") -> str:
    """Register an application and return its secret (32 hexadecimal digits), which is never shown again.

    It may test at once and works for real when approved. ``secret`` (16 bytes) is given for demonstrations alone; it
    is drawn where empty. Raises Refusal ``registry.already-registered``,
    ``request.empty-field``, ``request.field-too-long``, ``request.forbidden-character``.
    """
    named = {field: getattr(order, field) for field in NAMES}
    check_widths(apps, named)
    if not order.app_id:
        raise Refusal("request.empty-field", "app_id")
    secret = secret or surroundings.randomness.bytes(SECRET_BYTES)
    sealed = seal(surroundings, order.app_id, secret)
    now = surroundings.clock.now_ms()

    def work(connection: Connection) -> None:
        lock(connection, "app", order.app_id)
        if connection.execute(select(apps.c.app_id).where(apps.c.app_id == order.app_id)).first():
            raise Refusal("registry.already-registered", "app_id")
        connection.execute(
            insert(apps).values(
                **named,
                state=APP.first,
                sealed_secret=sealed,
                scopes=_written(order.scopes),
                daily_quota=order.daily_quota,
                valid_from_ms=now,
                valid_until_ms=order.valid_until_ms,
                changed_ms=now,
            )
        )
        audit.append(connection, now, operator, "app.apply", order.app_id, profile=order.profile)

    surroundings.store.transact(work)
    return secret.hex()


def change(surroundings: Surroundings, app_id: str, event: str, operator: str) -> str:
    """The new state after ``event``: ``test``, ``approve``, ``suspend``, ``resume`` or ``revoke``.

    Raises Refusal ``registry.unknown`` and ``registry.wrong-state``.
    """
    now = surroundings.clock.now_ms()

    def work(connection: Connection) -> str:
        lock(connection, "app", app_id)
        state = next_state(APP, _state(connection, app_id), event)
        connection.execute(update(apps).where(apps.c.app_id == app_id).values(state=state, changed_ms=now))
        audit.append(connection, now, operator, f"app.{event}", app_id)
        return state

    return surroundings.store.transact(work)


def renew(surroundings: Surroundings, app_id: str, operator: str) -> str:
    """A new secret in the place of the old one, which fails from now on. Raises Refusal ``registry.unknown``."""
    secret = surroundings.randomness.bytes(SECRET_BYTES)
    sealed = seal(surroundings, app_id, secret)
    now = surroundings.clock.now_ms()

    def work(connection: Connection) -> None:
        lock(connection, "app", app_id)
        _state(connection, app_id)
        connection.execute(update(apps).where(apps.c.app_id == app_id).values(sealed_secret=sealed, changed_ms=now))
        audit.append(connection, now, operator, "app.renew", app_id)

    surroundings.store.transact(work)
    return secret.hex()


def grant(
    surroundings: Surroundings,
    app_id: str,
    operator: str,
    *,
    scopes: Iterable[str],
    daily_quota: int,
    valid_until_ms: int | None,
) -> None:
    """Set what an application may do, how often a day, and until when. Raises Refusal ``registry.unknown``."""
    now = surroundings.clock.now_ms()
    granted = {"scopes": _written(scopes), "daily_quota": daily_quota, "valid_until_ms": valid_until_ms}

    def work(connection: Connection) -> None:
        lock(connection, "app", app_id)
        _state(connection, app_id)
        connection.execute(update(apps).where(apps.c.app_id == app_id).values(changed_ms=now, **granted))
        audit.append(connection, now, operator, "app.grant", app_id, **granted)

    surroundings.store.transact(work)


def find(connection: Connection, app_id: str) -> App | None:
    """The application of this id."""
    row = connection.execute(select(apps).where(apps.c.app_id == app_id)).one_or_none()
    return (
        None
        if row is None
        else App(
            app_id=row.app_id,
            name=row.name,
            profile=row.profile,
            institution=row.institution,
            state=row.state,
            scopes=frozenset(row.scopes.split()),
            daily_quota=row.daily_quota,
            valid_from_ms=row.valid_from_ms,
            valid_until_ms=row.valid_until_ms,
            sealed_secret=row.sealed_secret,
        )
    )


def every(connection: Connection) -> list[str]:
    """The ids of all applications, sorted."""
    return list(connection.execute(select(apps.c.app_id).order_by(apps.c.app_id)).scalars())


def secret_of(surroundings: Surroundings, app: App) -> bytes:
    """The application's secret, opened by the crypto machine."""
    return sealing.opened(surroundings, _purpose(app.app_id), app.sealed_secret)


def seal(surroundings: Surroundings, app_id: str, secret: bytes) -> bytes:
    """What is kept of an application's secret."""
    return sealing.seal(surroundings, _purpose(app_id), secret)


def _purpose(app_id: str) -> str:
    return f"application secret {app_id}"


def _state(connection: Connection, app_id: str) -> str:
    state = connection.execute(select(apps.c.state).where(apps.c.app_id == app_id)).scalar_one_or_none()
    if state is None:
        raise Refusal("registry.unknown", "app_id")
    return str(state)


def _written(scopes: Iterable[str]) -> str:
    return " ".join(sorted(scopes))
