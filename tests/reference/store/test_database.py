"""Transactions and locks are the same on both databases, and a database that is not there says so."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import Connection, func, insert, select, update

from reference.ports import ProductUnreachable
from reference.store import Store, lock
from reference.store.access_tables import quota_used


def used(connection: Connection) -> int:
    """The count that the tests below add to."""
    return int(connection.execute(select(func.coalesce(func.sum(quota_used.c.used), 0))).scalar_one())


def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    def fail(connection: Connection) -> None:
        connection.execute(insert(quota_used).values(app="a", day="20260101", used=1))
        raise LookupError

    with pytest.raises(LookupError):
        store.transact(fail)
    with store.read() as connection:
        assert used(connection) == 0


def test_writers_that_read_first_take_turns_under_a_lock(store: Store) -> None:
    with store.begin() as connection:
        connection.execute(insert(quota_used).values(app="a", day="20260101", used=0))
    together = Barrier(4)

    def add_one(connection: Connection) -> None:
        lock(connection, "quota", "a")
        connection.execute(update(quota_used).values(used=used(connection) + 1))

    def add_many() -> None:
        together.wait(timeout=30)
        for _ in range(25):
            store.transact(add_one)

    threads = [Thread(target=add_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with store.read() as connection:
        assert used(connection) == 100


def test_a_row_that_another_transaction_inserted_first_is_seen_at_the_next_try(store: Store) -> None:
    tries: list[int] = []

    def first_wins(connection: Connection) -> int:
        tries.append(len(tries))
        if len(tries) == 1:
            # What the other transaction would have done between our look and our insert.
            connection.execute(insert(quota_used).values(app="a", day="20260101", used=5))
        if len(tries) == 1 or used(connection) == 0:
            connection.execute(insert(quota_used).values(app="a", day="20260101", used=1))
        return used(connection)

    assert store.transact(first_wins) == 1
    assert tries == [0, 1]


def test_a_database_that_is_not_there_is_named_with_the_next_step(tmp_path: Path) -> None:
    gone = Store(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    with pytest.raises(ProductUnreachable, match=r"folder\.db.*Check that it runs"), gone.begin():
        pass


def test_the_password_of_a_database_is_not_shown() -> None:
    gone = Store("postgresql://someone:secret-word@127.0.0.1:1/none")
    with pytest.raises(ProductUnreachable) as raised, gone.begin():
        pass
    assert "secret-word" not in str(raised.value)
