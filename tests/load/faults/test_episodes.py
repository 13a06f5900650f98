"""Crypto machine lost, database standing still, disk full: what the platform promises holds on real processes.

The same episode on a variation of the platform that somebody might well build must break the promise it is about.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import text

from load.faults.serving import Serving, children
from reference.store import Store
from tests.databases import postgres_server_or_skip
from tests.load.faults.stage import Machine, disk_full, staged, stopped, write_lock_held

STORE, MACHINE = "store", "crypto-machine"


def sqlite(folder: Path) -> str:
    return f"sqlite:///{folder}/platform.db"


@pytest.mark.parametrize(
    ("built", "broken"),
    [
        ("", set()),
        ("checks_by_itself", {"fault.crypto-machine.nothing-unchecked"}),
        ("loses_the_machine_for_ever", {"fault.crypto-machine.recovery"}),
    ],
)
def test_nothing_is_accepted_while_the_crypto_machine_is_lost(tmp_path: Path, built: str, broken: set[str]) -> None:
    with Machine() as machine:
        episode = staged(
            sqlite(tmp_path),
            tmp_path,
            "crypto-machine",
            MACHINE,
            machine.lost,
            "--crypto-machine",
            machine.address,
            built=built,
        )
    assert broken <= episode.broken(), episode
    assert broken or not episode.broken(), episode


@pytest.mark.parametrize(
    ("built", "broken"),
    [("", set()), ("gives_up", {"fault.database.recovery"}), ("says_that_all_is_well", {"fault.every.true-health"})],
)
def test_a_database_that_another_holds_costs_no_use(tmp_path: Path, built: str, broken: set[str]) -> None:
    episode = staged(sqlite(tmp_path), tmp_path, "database", STORE, write_lock_held, built=built)
    assert broken <= episode.broken(), episode
    assert broken or not episode.broken(), episode


def test_a_server_of_databases_that_stands_still_costs_no_use(tmp_path: Path) -> None:
    with postgres_server_or_skip() as address:
        episode = staged(address, tmp_path, "database", STORE, still)
    assert episode.broken() == set(), episode


@pytest.mark.parametrize(
    ("built", "broken"),
    [
        ("", set()),
        ("answers_before_the_disk", {"fault.every.no-lost-use", "fault.disk-full.no-acceptance"}),
        ("gives_up", {"fault.disk-full.recovery"}),
    ],
)
def test_nobody_is_accepted_whose_use_the_disk_does_not_take(tmp_path: Path, built: str, broken: set[str]) -> None:
    episode = staged(sqlite(tmp_path), tmp_path, "disk-full", STORE, disk_full, built=built)
    assert broken <= episode.broken(), episode
    assert broken or not episode.broken(), episode


def still(served: Serving, store: Store) -> AbstractContextManager[None]:
    """All processes of the store's PostgreSQL server stand still."""
    with store.read() as connection:
        told = connection.execute(text("SELECT pg_read_file('postmaster.pid')")).scalar_one()
    first = int(told.split()[0])
    return stopped(lambda: [first, *children(first)])
