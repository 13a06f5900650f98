"""The audit log is a chain: a line that was changed, taken out, swapped or added is found."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, select, update

from reference.store import BrokenChain, Store, audit
from reference.store.audit import audit_head, audit_lines


def fill(store: Store, lines: int = 5) -> None:
    """A log of a few lines, some in one transaction."""
    with store.begin() as connection:
        for number in range(lines - 1):
            audit.append(connection, 1000 + number, "app", "register", f"card-{number}", channel="01")
    with store.begin() as connection:
        audit.append(connection, 2000, "app", "cancel", "card-0", reason="death")


def test_a_log_that_was_left_alone_holds(store: Store) -> None:
    fill(store)
    with store.read() as connection:
        assert audit.check(connection) == 5


def test_an_empty_log_holds(store: Store) -> None:
    with store.read() as connection:
        assert audit.check(connection) == 0


@pytest.mark.parametrize("column", ["at_ms", "actor", "action", "subject", "details", "previous", "digest"])
def test_a_changed_value_is_found_at_its_line(store: Store, column: str) -> None:
    fill(store)
    with store.begin() as connection:
        connection.execute(update(audit_lines).where(audit_lines.c.number == 3).values({column: 9}))
    with store.read() as connection, pytest.raises(BrokenChain) as raised:
        audit.check(connection)
    assert raised.value.number == 3


@pytest.mark.parametrize(("number", "found"), [(1, 1), (3, 3), (5, 5)])
def test_a_line_taken_out_is_found(store: Store, number: int, found: int) -> None:
    fill(store)
    with store.begin() as connection:
        connection.execute(delete(audit_lines).where(audit_lines.c.number == number))
    with store.read() as connection, pytest.raises(BrokenChain) as raised:
        audit.check(connection)
    assert raised.value.number == found


def test_a_line_added_past_the_head_is_found(store: Store) -> None:
    fill(store)
    with store.begin() as connection:
        last = connection.execute(select(audit_lines).where(audit_lines.c.number == 5)).mappings().one()
        connection.execute(insert(audit_lines).values({**last, "number": 6, "previous": last["digest"]}))
    with store.read() as connection, pytest.raises(BrokenChain):
        audit.check(connection)


def test_a_log_emptied_with_its_head_left_is_found(store: Store) -> None:
    fill(store)
    with store.begin() as connection:
        connection.execute(delete(audit_lines))
    with store.read() as connection, pytest.raises(BrokenChain):
        audit.check(connection)
    with store.begin() as connection:
        connection.execute(delete(audit_head))
    with store.read() as connection:
        assert audit.check(connection) == 0, (
            "a log without lines and head is a new one: keep the head's digest elsewhere"
        )
