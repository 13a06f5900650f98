"""A PostgreSQL server for benchmarks: Debian's programs, a fresh cluster with the defaults, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PROGRAMS: Final = Path("/usr/lib/postgresql")
SECONDS: Final = 60
USER: Final = "postgres"


class PostgresMissing(Exception):
    """The server is not installed; the message says how to."""


@contextmanager
def server() -> Iterator[str]:
    """The address of the empty first database of a fresh server, as durable as by default. Raises PostgresMissing."""
    versions = sorted(PROGRAMS.glob("*/bin"))
    if not versions:
        raise PostgresMissing("PostgreSQL is not installed: apt-get install postgresql, or name --database")
    with tempfile.TemporaryDirectory(prefix="healthcard-pg-") as name:
        folder = Path(name)
        # The server refuses to run as root.
        user = USER if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user, user)

        def run(program: str, *arguments: str) -> None:
            subprocess.run(  # noqa: S603 - Debian's program, with arguments of ours
                [str(versions[-1] / program), "-D", str(folder / "data"), *arguments],
                check=True,
                timeout=SECONDS,
                stdout=subprocess.DEVNULL,
                cwd=folder,
                user=user,
                group=user,
                extra_groups=[] if user else None,
            )

        run("initdb", "-A", "trust", "-U", USER, "-E", "UTF8", "--no-locale")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        run("pg_ctl", "-l", str(folder / "log"), "-o", options, "-w", "-s", "start")
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-m", "fast", "-w", "-s", "stop")
