"""`simulate card` and `simulate sam`: simulated chips in the hands of other people's PC/SC programs."""

from __future__ import annotations

import contextlib
import os
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
from simulators.readers import pcsc_daemon
from simulators.readers.card_server import LOOPBACK
from simulators.readers.pcsc_daemon import SLOTS, SOCKET_VARIABLE
from simulators.readers.wire import Control, Link
from tests.pcsc import pcsc_program

LIMIT_S = 60
SELECT_MASTER_FILE = "00A40000023F00"


@contextlib.contextmanager
def simulating(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The running command and what it said up to its last line before waiting."""
    command = subprocess.Popen(
        [sys.executable, "-c", "from simulators.cli import app; app()", "simulate", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert command.stdout is not None
        said = []
        for line in command.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        yield command, said
    finally:
        command.terminate()
        try:
            command.communicate(timeout=LIMIT_S)
        finally:
            command.kill()


def opensc_tool(socket_path: Path, *arguments: str) -> str:
    return subprocess.run(
        [pcsc_program("opensc-tool", "opensc"), *arguments],
        env=dict(os.environ, **{SOCKET_VARIABLE: str(socket_path)}),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    ).stdout


@pytest.mark.usefixtures("pcsc")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_simulated_card_is_there_for_other_programs_until_it_is_ended(tmp_path: Path, ending: signal.Signals) -> None:
    path = tmp_path / "service"
    with simulating("card", "--with-sam", "--trace", "--socket", str(path)) as (command, said):
        listed = opensc_tool(path, "-l")
        answered = opensc_tool(path, "-r", "0", "-s", SELECT_MASTER_FILE)
        command.send_signal(ending)
        rest, errors = command.communicate(timeout=LIMIT_S)
    assert f"{SOCKET_VARIABLE}={path} opensc-tool -l" in "".join(said)
    assert all(name in listed for name in SLOTS)
    assert "Received (SW1=0x" in answered
    assert "card > 00 A4 00 00 02 3F 00" in rest
    assert "card < " in rest
    assert (command.returncode, errors) == (0, "")
    assert rest.endswith("Ended.\n")
    assert not path.exists()


@pytest.mark.usefixtures("pcsc")
def test_a_simulated_sam_lies_in_the_second_reader(tmp_path: Path) -> None:
    path = tmp_path / "service"
    with simulating("sam", "--type", "3", "--socket", str(path), "--lang", "zh") as (_, said):
        answered = opensc_tool(path, "-r", "1", "-s", SELECT_MASTER_FILE)
    assert "SAM：" in "".join(said)
    assert "Received (SW1=0x" in answered


def test_a_card_is_plugged_into_the_reader_of_a_running_service() -> None:
    with socket.create_server((LOOPBACK, 0)) as vpcd:
        vpcd.settimeout(LIMIT_S)
        port = str(vpcd.getsockname()[1])
        with simulating("card", "--system-daemon", "--port", port) as (command, _):
            link = Link(vpcd.accept()[0])
            link.send(bytes([Control.GET_ATR]))
            answer_to_reset = link.receive()
            link.hang_up()
            _, errors = command.communicate(timeout=LIMIT_S)
    assert answer_to_reset is not None
    assert answer_to_reset[0] in (0x3B, 0x3F)
    assert command.returncode == Exit.UNREACHABLE
    assert "let go of the card" in errors


@pytest.mark.parametrize(("lang", "says"), [("en", "apt install pcscd"), ("zh", "未安装")])
def test_a_machine_without_pcsc_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, lang: str, says: str) -> None:
    monkeypatch.setattr(pcsc_daemon, "_daemon_program", lambda: None)
    outcome = CliRunner().invoke(app, ["simulate", "sam", "--lang", lang])
    assert outcome.exit_code == Exit.UNREACHABLE
    assert says in outcome.output


def test_help_speaks_both_languages_and_gives_an_example() -> None:
    shown = CliRunner().invoke(app, ["simulate", "card", "--help"], env={"COLUMNS": "200"}).output
    assert "healthcard simulate card --with-sam" in shown
    assert "插入一张" in shown
