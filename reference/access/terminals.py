"""Reader terminals (识读终端管理, P-ECARD-13): registered, assigned, heard of, blocked, retired.

A retired identifier is never used again (P-LIFE-03). Identifiers: organisation and department (Qinghai, Sichuan).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from reference.access.lives import TERMINAL, next_state
from reference.access.widths import check_widths
from reference.ecard.refusals import Refusal
from reference.serving import Surroundings
from reference.store import audit, lock
from reference.store.access_tables import terminals


@dataclass(frozen=True)
class Terminal:
    """A reader terminal. ``test_certificate`` is the number under which its product passed the test (Opinion 34)."""

    terminal_id: str
    institution: str
    department: str = ""
    kind: str = ""
    software: str = ""
    test_certificate: str = ""
    place: str = ""
    state: str = TERMINAL.first
    heard_ms: int | None = None


COLUMNS = ("terminal_id", "institution", "department", "kind", "software", "test_certificate", "place", "state")


def register(surroundings: Surroundings, terminal: Terminal, operator: str) -> None:
    """Register a terminal. Raises Refusal ``registry.already-registered``, also for one that was retired.

    Raises Refusal ``request.empty-field``, ``request.field-too-long``, ``request.forbidden-character``.
    """
    _checked(terminal_id=terminal.terminal_id, institution=terminal.institution)
    values = {column: getattr(terminal, column) for column in COLUMNS} | {"state": TERMINAL.first}
    check_widths(terminals, values)
    now = surroundings.clock.now_ms()

    def work(connection: Connection) -> None:
        lock(connection, "terminal", terminal.terminal_id)
        if find(connection, terminal.terminal_id) is not None:
            raise Refusal("registry.already-registered", "terminal_id")
        connection.execute(insert(terminals).values(changed_ms=now, **values))
        audit.append(connection, now, operator, "terminal.register", terminal.terminal_id)

    surroundings.store.transact(work)


def assign(surroundings: Surroundings, terminal_id: str, institution: str, department: str, operator: str) -> None:
    """Move a terminal to another institution or department. Raises Refusal ``registry.unknown``, as `register`."""
    _checked(institution=institution)
    check_widths(terminals, {"institution": institution, "department": department})
    _set(surroundings, terminal_id, operator, "assign", institution=institution, department=department)


def change(surroundings: Surroundings, terminal_id: str, event: str, operator: str) -> str:
    """The new state after ``repair``, ``return``, ``block``, ``unblock`` or ``retire``.

    Raises Refusal ``registry.unknown`` and ``registry.wrong-state``.
    """
    now = surroundings.clock.now_ms()

    def work(connection: Connection) -> str:
        lock(connection, "terminal", terminal_id)
        state = next_state(TERMINAL, known(connection, terminal_id).state, event)
        where = terminals.c.terminal_id == terminal_id
        connection.execute(update(terminals).where(where).values(state=state, changed_ms=now))
        audit.append(connection, now, operator, f"terminal.{event}", terminal_id)
        return state

    return surroundings.store.transact(work)


def heartbeat(surroundings: Surroundings, terminal_id: str, software: str) -> None:
    """Note that a terminal is alive and which software it runs. Raises Refusal ``registry.unknown``, as `register`."""
    check_widths(terminals, {"software": software})
    now = surroundings.clock.now_ms()

    def work(connection: Connection) -> None:
        known(connection, terminal_id)
        where = terminals.c.terminal_id == terminal_id
        connection.execute(update(terminals).where(where).values(heard_ms=now, software=software))

    surroundings.store.transact(work)


def find(connection: Connection, terminal_id: str) -> Terminal | None:
    """The terminal of this identifier."""
    row = connection.execute(select(terminals).where(terminals.c.terminal_id == terminal_id)).one_or_none()
    if row is None:
        return None
    return Terminal(**{column: getattr(row, column) for column in COLUMNS}, heard_ms=row.heard_ms)


def known(connection: Connection, terminal_id: str) -> Terminal:
    """As `find`; raises Refusal ``registry.unknown``."""
    terminal = find(connection, terminal_id)
    if terminal is None:
        raise Refusal("registry.unknown", "terminal_id")
    return terminal


def of_institution(connection: Connection, institution: str) -> list[Terminal]:
    """The terminals of an institution, by identifier."""
    where = terminals.c.institution == institution
    rows = connection.execute(select(terminals).where(where).order_by(terminals.c.terminal_id))
    return [Terminal(**{column: getattr(row, column) for column in COLUMNS}, heard_ms=row.heard_ms) for row in rows]


def _checked(**needed: str) -> None:
    for field, value in needed.items():
        if not value:
            raise Refusal("request.empty-field", field)


def _set(surroundings: Surroundings, terminal_id: str, operator: str, action: str, **values: str) -> None:
    now = surroundings.clock.now_ms()

    def work(connection: Connection) -> None:
        lock(connection, "terminal", terminal_id)
        known(connection, terminal_id)
        where = terminals.c.terminal_id == terminal_id
        connection.execute(update(terminals).where(where).values(changed_ms=now, **values))
        audit.append(connection, now, operator, f"terminal.{action}", terminal_id, **values)

    surroundings.store.transact(work)
