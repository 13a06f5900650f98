"""Databases for tests: SQLite in a file, and a PostgreSQL server that the tests start and stop by themselves.

The server runs from Debian's package on loopback and a free port, as user postgres where the tests run as root. Where
it is not installed its tests are skipped, with that reason; under CI (CI=true) they fail.

A test's empty database, with all tables, is made once and copied (SQLite), or made once and emptied: forty tables take
longer than a test.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from reference.store import Store, metadata

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
SECONDS = 60
LOOK_EVERY = 0.05
USER = "postgres"
EMPTY = ";".join(
    [
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),
        "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences",
    ]
)
"""Forty times faster than to make the tables anew."""
SCHEMA = " UNION ALL ".join(
    f"SELECT '{catalogue}', {id}, xmin::text FROM {catalogue} WHERE {of} >= 16384"
    for catalogue, id, of in (
        ("pg_class", "oid", "oid"),
        ("pg_attribute", "attrelid", "attrelid"),
        ("pg_constraint", "oid", "oid"),
        ("pg_trigger", "oid", "oid"),
        ("pg_proc", "oid", "oid"),
    )
)
"""Everything that was made in a database, with the transaction that made or changed it last."""
KEEPER = """
exec 3<&0
"$@" </dev/null >>log 2>&1 &
server=$!
{ read -r _; kill -CONT $server; kill -QUIT $server; } <&3 2>&- &
wait $server
touch ended
wait
cd / && rm -rf "$OLDPWD"
"""
"""Runs a server until nobody holds the other end of its input, however that came about, and takes its folder away.

A server that stands still (SIGSTOP) goes on first: it would not hear that it shall end.
"""


class PostgresMissing(Exception):
    """No PostgreSQL server is installed here."""


# --- SQLite -----------------------------------------------------------------------------------------------------------


def empty_sqlite(path: Path) -> str:
    """Write a database with all tables and no rows; its address."""
    path.write_bytes(_empty_sqlite())
    return f"sqlite:///{path}"


@functools.cache
def _empty_sqlite() -> bytes:
    with tempfile.TemporaryDirectory(prefix="healthcard-sqlite-") as folder:
        path = Path(folder) / "empty.db"
        _make_tables(f"sqlite:///{path}")
        return path.read_bytes()


def _make_tables(address: str) -> None:
    store = Store(address)
    with store.begin() as connection:
        metadata.create_all(connection)
    store.close()


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@contextmanager
def postgres_server(durable: bool = True) -> Iterator[str]:
    """A fresh server; the address of its empty first database. ``durable=False`` leaves out fsync, for speed.

    It ends with the block, and with this process, whatever signal ends that. Raises PostgresMissing where no server is
    installed.
    """
    if not PROGRAMS:
        raise PostgresMissing("no PostgreSQL server is installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="healthcard-pg-"))
    port = _free_port()
    settings = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": str(folder)}
    if not durable:
        settings |= dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "off")
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)
    _initialise(folder)
    command = [str(PROGRAMS[-1] / "postgres"), "-D", "data"]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    address = f"postgresql://{USER}@127.0.0.1:{port}/postgres"
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "keeper", *command],
        stdin=subprocess.PIPE,
        cwd=folder,
        start_new_session=True,
        **_as_user(),
    )
    try:
        _await(address, folder)
        yield address
    finally:
        assert keeper.stdin is not None
        keeper.stdin.close()
        keeper.wait(SECONDS)


@contextmanager
def postgres_server_or_skip(durable: bool = True) -> Iterator[str]:
    """As `postgres_server`; skips the test where no server is installed, but fails it under CI."""
    if not PROGRAMS and os.environ.get("CI") != "true":
        pytest.skip("no PostgreSQL server is installed: apt-get install postgresql")
    with postgres_server(durable) as address:
        yield address


class PostgresDatabase:
    """A database of a server, for one test after the other."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection = psycopg.connect(address, autocommit=True)
        self._of_empty: list[Any] = []

    def empty(self) -> str:
        """All tables and no rows, whatever the last test left; the address."""
        with self._connection.transaction():
            if self._of_empty and self._schema() == self._of_empty:
                self._run(EMPTY)
                return self._address
            self._run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        _make_tables(self._address)
        self._of_empty = self._schema()
        return self._address

    def close(self) -> None:
        self._connection.close()

    def _schema(self) -> list[Any]:
        return self._connection.execute(SCHEMA.encode()).fetchall()

    def _run(self, statements: str) -> None:
        self._connection.execute(statements.encode())


def _initialise(folder: Path) -> None:
    subprocess.run(
        [
            *(str(PROGRAMS[-1] / "initdb"), "--pgdata", "data", "--auth", "trust", "--username", USER),
            *("--encoding", "UTF8", "--no-locale", "--no-sync"),
        ],
        check=True,
        timeout=SECONDS,
        capture_output=True,
        cwd=folder,
        **_as_user(),
    )


def _as_user() -> dict[str, Any]:
    """The server refuses to run as root."""
    return {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}


def _await(address: str, folder: Path) -> None:
    last = time.monotonic() + SECONDS
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(address, connect_timeout=SECONDS).close()
            return
        if (folder / "ended").exists() or time.monotonic() > last:
            raise AssertionError(f"PostgreSQL did not start: {(folder / 'log').read_text()}")
        time.sleep(LOOK_EVERY)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
