"""Databases for tests: SQLite in a file, and a PostgreSQL server that the tests start and stop by themselves.

The server runs from Debian's package on loopback and a free port, as user postgres where the tests run as root. Where
it is not installed its tests are skipped, with that reason; under CI (CI=true) they fail.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
SECONDS = 60
USER = "postgres"


class PostgresMissing(Exception):
    """No PostgreSQL server is installed here."""


@contextmanager
def postgres_server(durable: bool = True) -> Iterator[str]:
    """A fresh server; the address of its empty first database. ``durable=False`` leaves out fsync, for speed.

    Raises PostgresMissing where no server is installed.
    """
    if not PROGRAMS:
        raise PostgresMissing("no PostgreSQL server is installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="healthcard-pg-"))
    data = folder / "data"
    as_root = os.geteuid() == 0
    if as_root:
        shutil.chown(folder, USER, USER)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(PROGRAMS[-1] / program), *arguments],
            check=True,
            timeout=SECONDS,
            capture_output=True,
            cwd=folder,
            user=USER if as_root else None,
            group=USER if as_root else None,
            extra_groups=[] if as_root else None,
        )

    try:
        run("initdb", "-D", str(data), "-A", "trust", "-U", USER, "-E", "UTF8", "--no-locale")
        port = _free_port()
        fast = "" if durable else " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}{fast}"
        # pg_ctl's server keeps the pipes of a captured call open for ever: its output goes to the log.
        run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "-s", "start")
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "-s", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_server_or_skip(durable: bool = True) -> Iterator[str]:
    """As `postgres_server`; skips the test where no server is installed, but fails it under CI."""
    if not PROGRAMS and os.environ.get("CI") != "true":
        pytest.skip("no PostgreSQL server is installed: apt-get install postgresql")
    with postgres_server(durable) as address:
        yield address


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
