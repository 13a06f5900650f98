"""`simulate crypto-machine`: a machine for other programs, until it is ended."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reference.command_line import Exit
from simulators.cli import app
from tests.reference.keys.facts import ENCRYPT, ENCRYPTED

LIMIT_S = 60


@contextlib.contextmanager
def simulating(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    """The running command, what it said up to its last line before waiting, and its port."""
    command = subprocess.Popen(
        [sys.executable, "-c", "from simulators.cli import app; app()", "simulate", "crypto-machine", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert command.stdout is not None
        said = ""
        for line in command.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        port = re.search(r"127\.0\.0\.1:(\d+)", said)
        assert port is not None, said
        yield command, said, int(port[1])
    finally:
        command.terminate()
        try:
            command.communicate(timeout=LIMIT_S)
        finally:
            command.kill()


def answer(port: int) -> bytes:
    """What comes back for the literal request, up to a whole answer."""
    with socket.create_connection(("127.0.0.1", port), LIMIT_S) as connection:
        connection.sendall(ENCRYPT)
        return connection.recv(len(ENCRYPTED), socket.MSG_WAITALL)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_simulated_machine_answers_until_it_is_ended(ending: signal.Signals) -> None:
    with simulating("--port", "0") as (command, said, port):
        assert answer(port) == ENCRYPTED
        command.send_signal(ending)
        rest, errors = command.communicate(timeout=LIMIT_S)
    assert "demo keys" in said
    assert (command.returncode, errors, rest) == (0, "", "Ended.\n")


def test_a_faulty_machine_is_called_for_by_name_and_speaks_chinese() -> None:
    with simulating("--port", "0", "--fault", "half-answer", "--lang", "zh") as (_, said, port):
        assert answer(port) == ENCRYPTED[:21]
    assert "演示密钥" in said


def test_own_keys_are_not_called_demo_keys(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(f'[[key]]\nversion = 1\nstate = "active"\nsecurity = "{"A1" * 16}"\nprotection = "{"B2" * 16}"\n')
    file.chmod(0o600)
    with simulating("--port", "0", "--keys", str(file)) as (_, said, _port):
        assert "Check value: " in said
    assert "demo" not in said


def test_a_key_file_that_is_not_there_is_a_usage_error() -> None:
    result = CliRunner().invoke(app, ["simulate", "crypto-machine", "--keys", "missing.toml"])
    assert result.exit_code == Exit.USAGE
    assert "missing.toml: it cannot be read" in result.stderr


def test_a_port_in_use_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(app, ["simulate", "crypto-machine", "--port", port])
    assert result.exit_code == Exit.UNREACHABLE
    assert "Give another port with --port." in result.stderr


def test_an_unknown_fault_is_answered_with_those_there_are() -> None:
    result = CliRunner().invoke(app, ["simulate", "crypto-machine", "--fault", "sulking"])
    assert result.exit_code != 0
    assert "half-answer" in result.stderr
