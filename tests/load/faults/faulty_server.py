"""The reference server with one fault of construction: ``python -m tests.load.faults.faulty_server VARIATION serve …``.

Each variation is a platform as somebody might well build it, and breaks a promise; the tests must notice.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from healthcard.__main__ import main
from reference.gateway.health import Health
from reference.gateway.supervising import Supervisor
from reference.keys.key_file import demo_keys
from reference.keys.pool import CryptoMachinePool
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.ports import CryptoMachineUnavailable
from reference.qr.group_commit import GroupCommit
from reference.store import database


def answers_before_the_disk() -> None:
    """Answers as if all were well when a transaction could not be written."""
    commit = SQLiteDialect.do_commit

    def forgiving(dialect: SQLiteDialect, driver: Any) -> None:
        try:
            commit(dialect, driver)  # type: ignore[no-untyped-call]
        except sqlite3.Error:
            driver.rollback()

    SQLiteDialect.do_commit = forgiving  # type: ignore[method-assign, assignment]


def gives_up() -> None:
    """Never writes to the database again after a transaction failed once or was long in beginning."""
    commit, begin, failed = SQLiteDialect.do_commit, database._sqlite_begin, threading.Event()

    def unforgiving(dialect: SQLiteDialect, driver: Any) -> None:
        if failed.is_set() and driver.total_changes:
            raise sqlite3.OperationalError("gave up")
        try:
            commit(dialect, driver)  # type: ignore[no-untyped-call]
        except sqlite3.Error:
            failed.set()
            raise

    def impatient(connection: Connection) -> None:
        began = time.monotonic()
        begin(connection)
        if time.monotonic() - began > 1:
            failed.set()

    SQLiteDialect.do_commit = unforgiving  # type: ignore[method-assign, assignment]
    database._sqlite_begin = impatient


def waits_for_ever() -> None:
    """Waits for a group inside the database however long it takes."""
    begin = GroupCommit.__init__

    def patient(group: GroupCommit, *surroundings: Any, **named: Any) -> None:
        begin(group, *surroundings, **named | {"longest": 3600.0})

    GroupCommit.__init__ = patient  # type: ignore[method-assign, assignment]


def checks_by_itself() -> None:
    """Uses keys of its own while the crypto machine is lost."""
    own = SoftwareCryptoMachine(demo_keys())
    for command in ("digest", "encrypt", "decrypt"):
        setattr(CryptoMachinePool, command, _or_by_itself(getattr(CryptoMachinePool, command), getattr(own, command)))


def _or_by_itself(asked: Callable[..., bytes], own: Callable[..., bytes]) -> Callable[..., bytes]:
    def done(pool: CryptoMachinePool, *what: Any, **named: Any) -> bytes:
        try:
            return asked(pool, *what, **named)
        except CryptoMachineUnavailable:
            return own(*what, **named)

    return done


def loses_the_machine_for_ever() -> None:
    """Never asks a crypto machine again that failed once."""
    decrypt, lost = CryptoMachinePool.decrypt, threading.Event()

    def decrypted(pool: CryptoMachinePool, data: bytes, *how: Any, **named: Any) -> bytes:
        if lost.is_set():
            pool.close()
        try:
            return decrypt(pool, data, *how, **named)
        except CryptoMachineUnavailable:
            lost.set()
            raise

    CryptoMachinePool.decrypt = decrypted  # type: ignore[method-assign, assignment]


def says_that_all_is_well() -> None:
    """Has a health page that asks nobody."""

    async def parts(told: Health) -> dict[str, bool]:
        return {"store": True, "crypto-machine": True}

    Health.parts = parts  # type: ignore[method-assign, assignment]


def never_replaces() -> None:
    """Leaves the place of a worker that died empty."""
    Supervisor._note_ended = lambda told: None  # type: ignore[method-assign, assignment]


VARIATIONS = {
    variation.__name__: variation
    for variation in (
        answers_before_the_disk,
        gives_up,
        waits_for_ever,
        checks_by_itself,
        loses_the_machine_for_ever,
        says_that_all_is_well,
        never_replaces,
    )
}

if __name__ == "__main__":
    VARIATIONS[sys.argv.pop(1)]()
    main()
