"""The databases of the tests themselves: nothing is left of a server whose process was killed, nor of a last test."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from reference.store import Store, audit
from tests.databases import PROGRAMS, PostgresDatabase
from tests.pcsc import give_up
from tests.project.tree import ROOT

SECONDS = 60
STARTING = """
import sys
from tests.databases import postgres_server
with postgres_server(durable=False) as address:
    print(address, flush=True)
    sys.stdin.read()
"""


def test_a_server_and_its_folder_go_with_the_process_that_started_it() -> None:
    if not PROGRAMS:
        give_up("no PostgreSQL server is installed: apt-get install postgresql")
    with subprocess.Popen(
        [sys.executable, "-c", STARTING],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with psycopg.connect(address) as connection:
            (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        assert Path(data).is_dir()
        process.kill()
        # The server's keeper holds the other end as well: this ends once it is gone.
        process.communicate(timeout=SECONDS)
    assert process.returncode == -signal.SIGKILL
    assert not Path(data).parent.exists()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(address)


def test_a_database_is_empty_again_whatever_a_test_did_to_it(postgres: PostgresDatabase) -> None:
    store = Store(postgres.empty())
    with store.begin() as connection:
        audit.append(connection, 1000, "app", "register", "card-1", channel="01")
    assert lines_in(store) == 1
    postgres.empty()
    assert lines_in(store) == 0
    for change in ("DROP TABLE audit_head", "ALTER TABLE audit_lines ADD COLUMN more int", "CREATE TABLE more (x int)"):
        with store.begin() as connection:
            connection.execute(text(change))
        postgres.empty()
        with store.begin() as connection:
            assert connection.scalar(text("SELECT count(*) FROM audit_head")) == 0
            assert connection.scalar(text("SELECT to_regclass('more')")) is None
            assert connection.scalar(text("SELECT count(*) FROM pg_attribute WHERE attname = 'more'")) == 0
    store.close()


def lines_in(store: Store) -> int:
    with store.read() as connection:
        return audit.check(connection)
