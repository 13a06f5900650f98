"""Institutions (接入机构管理, P-ECARD-12): registered, changed, suspended; some sign in with user name and password.

Verbs: Sichuan addorg, updateorg, queryorg. Passwords: Qinghai's envelope carries them in every request.
"""

from __future__ import annotations

import hmac
from typing import Any

from sqlalchemy import Connection, insert, select, update

from reference.access.lives import INSTITUTION, next_state
from reference.access.passwords import SALT_BYTES, fits, password_digest
from reference.access.widths import check_widths
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import AddInstitution, Caller, Institution, QueryInstitution, UpdateInstitution
from reference.serving import Surroundings, serves
from reference.store import audit, lock
from reference.store.access_tables import institutions

COLUMNS = ("code", "name", "kind", "level", "hierarchy", "address", "access_method", "valid_until", "state")
EVENTS = {"suspended": "suspend", "in-service": "resume", "closed": "close"}
"""The event that leads to a wished state."""


@serves(AddInstitution)
def add(surroundings: Surroundings, caller: Caller, verb: AddInstitution) -> Institution:
    """Register an institution. Raises Refusal ``registry.already-registered``."""
    now = surroundings.clock.now_ms()
    wanted = _checked(verb.institution)

    def work(connection: Connection) -> Institution:
        lock(connection, "institution", wanted.code)
        if _row(connection, wanted.code) is not None:
            raise Refusal("registry.already-registered", "code")
        values = {column: getattr(wanted, column) for column in COLUMNS} | {"state": INSTITUTION.first}
        connection.execute(insert(institutions).values(changed_ms=now, **values))
        audit.append(connection, now, caller.name, "institution.add", wanted.code)
        return found(connection, wanted.code)

    return surroundings.store.transact(work)


@serves(UpdateInstitution)
def change(surroundings: Surroundings, caller: Caller, verb: UpdateInstitution) -> Institution:
    """Change what is given, empty fields excepted; a new state must follow from the old one.

    Raises Refusal ``registry.unknown`` and ``registry.wrong-state``.
    """
    now = surroundings.clock.now_ms()
    wanted = _checked(verb.institution, changing=True)

    def work(connection: Connection) -> Institution:
        lock(connection, "institution", wanted.code)
        known = found(connection, wanted.code)
        values = {column: value for column in COLUMNS if (value := getattr(wanted, column))}
        if wanted.state and wanted.state != known.state:
            values["state"] = next_state(INSTITUTION, known.state, EVENTS.get(wanted.state, ""))
        connection.execute(
            update(institutions).where(institutions.c.code == wanted.code).values(values | {"changed_ms": now})
        )
        audit.append(connection, now, caller.name, "institution.change", wanted.code, columns=sorted(values))
        return found(connection, wanted.code)

    return surroundings.store.transact(work)


@serves(QueryInstitution)
def query(surroundings: Surroundings, caller: Caller, verb: QueryInstitution) -> Institution:
    """Look an institution up. Raises Refusal ``registry.unknown``."""
    with surroundings.store.read() as connection:
        return found(connection, verb.code)


def found(connection: Connection, code: str) -> Institution:
    """The institution of this code. Raises Refusal ``registry.unknown``."""
    row = _row(connection, code)
    if row is None:
        raise Refusal("registry.unknown", "code")
    return Institution(**{column: getattr(row, column) for column in COLUMNS})


def every(connection: Connection) -> list[Institution]:
    """All institutions, by code."""
    rows = connection.execute(select(institutions).order_by(institutions.c.code))
    return [Institution(**{column: getattr(row, column) for column in COLUMNS}) for row in rows]


def is_open(institution: Institution, today: str) -> bool:
    """Whether the institution may use the platform on this date (YYYYMMDD)."""
    in_time = not institution.valid_until or today <= institution.valid_until
    return institution.state in INSTITUTION.working and in_time


def set_password(surroundings: Surroundings, code: str, user_name: str, password: str, operator: str) -> None:
    """Give an institution its user name and password.

    Raises Refusal ``registry.unknown``, ``request.empty-field``, ``request.field-too-long``.
    """
    if not (user_name and password):
        raise Refusal("request.empty-field", "password" if user_name else "user_name")
    check_widths(institutions, {"user_name": user_name})
    salt, now = surroundings.randomness.bytes(SALT_BYTES), surroundings.clock.now_ms()
    digest = password_digest(password, salt)

    def work(connection: Connection) -> None:
        found(connection, code)
        connection.execute(
            update(institutions)
            .where(institutions.c.code == code)
            .values(user_name=user_name, password_salt=salt, password_digest=digest, changed_ms=now)
        )
        audit.append(connection, now, operator, "institution.password", code)

    surroundings.store.transact(work)


def knows_password(connection: Connection, code: str, user_name: str, password: str) -> bool:
    """Whether these are the institution's user name and password."""
    row = _row(connection, code)
    # Computed for unknown institutions and users too, so that the time tells nothing.
    right = fits(password, row.password_salt, row.password_digest) if row is not None else fits(password, b"", b"")
    return right and row is not None and hmac.compare_digest(user_name.encode(), row.user_name.encode())


def _checked(institution: Institution, *, changing: bool = False) -> Institution:
    for field in ("code",) if changing else ("code", "name"):
        if not getattr(institution, field):
            raise Refusal("request.empty-field", field)
    if institution.valid_until and not (len(institution.valid_until) == 8 and institution.valid_until.isdigit()):
        raise Refusal("request.field-malformed", "valid_until")
    check_widths(institutions, {column: getattr(institution, column) for column in COLUMNS})
    return institution


def _row(connection: Connection, code: str) -> Any:
    return connection.execute(select(institutions).where(institutions.c.code == code)).one_or_none()
