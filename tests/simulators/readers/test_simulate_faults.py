"""`simulate card` with a faulty reader or a memory file: for other people's software, and refused with reasons."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from typer.testing import CliRunner

from reference.command_line import Exit
from reference.standard import load
from reference.terminal.card_session import CardSession
from reference.terminal.sam_session import SamSession
from reference.terminal.terminal import Terminal
from simulators.cards import demo_sam
from simulators.cli import app
from simulators.readers.card_server import LOOPBACK
from simulators.readers.wire import Control, Link

LIMIT_S = 60
GET_CHALLENGE = bytes.fromhex("0084000008")
STANDARD = load()


class Served:
    """The command's card as the driver of a virtual reader meets it: a Chip."""

    def __init__(self, link: Link, process: subprocess.Popen[str]) -> None:
        self.link, self.process = link, process

    def reset(self) -> bytes:
        self.link.send(bytes([Control.POWER_ON]))
        return self._ask(bytes([Control.GET_ATR]))

    def transmit(self, command: bytes) -> bytes:
        return self._ask(command)

    def _ask(self, payload: bytes) -> bytes:
        self.link.send(payload)
        answer = self.link.receive()
        assert answer is not None
        return answer


@contextlib.contextmanager
def simulated(*options: str) -> Iterator[Served]:
    """The running command, its card plugged into a reader of ours."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        listener.settimeout(LIMIT_S)
        port = str(listener.getsockname()[1])
        program = "from simulators.cli import app; app()"
        command = [sys.executable, "-c", program, "simulate", "card", "--system-daemon", "--port", port, *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                link = Link(listener.accept()[0])
                link.limit(LIMIT_S)
                yield Served(link, process)
                link.hang_up()
            finally:
                process.kill()
                process.communicate(timeout=LIMIT_S)


def terminal_with(card: Served) -> Terminal:
    """A started terminal that may change the clinical data."""
    terminal = Terminal(CardSession(card, STANDARD), SamSession(demo_sam(5, STANDARD), STANDARD))
    terminal.start()
    terminal.select("DDF1/DF02/EF05")
    terminal.authenticate("UK1DF02")
    return terminal


def test_a_card_keeps_its_memory_when_its_process_is_killed(tmp_path: Path) -> None:
    options = ("--memory", str(tmp_path / "card.memory"))
    with simulated(*options) as card:
        assert terminal_with(card).update_record("DDF1/DF02", 1, bytes.fromhex("290104")).sw == 0x9000
        os.kill(card.process.pid, signal.SIGKILL)
    with simulated(*options) as card:
        terminal = terminal_with(card)
        terminal.authenticate("RK1DF02")
        assert terminal.card.read_record(1).data == bytes.fromhex("290104")


def test_faults_meet_other_software_as_lost_or_spoiled_answers() -> None:
    with simulated("--fault", "truncate:2", "--fault", "gone:3", "--fault", "slow:1") as card:
        assert card.reset()[0] == 0x3B
        answers = [card.transmit(GET_CHALLENGE) for _ in range(4)]
        assert [len(answer) for answer in answers] == [10, 9, 10, 1]
        assert len(card.reset()) > 33, "longer than any answer to reset: the driver reports an unresponsive card"


def refusal(*options: str, lang: str = "en") -> str:
    """What the command says when it refuses a call."""
    called = CliRunner().invoke(app, ["simulate", "card", *options, "--lang", lang])
    assert called.exit_code == Exit.USAGE
    assert called.exception is None or isinstance(called.exception, SystemExit)
    return " ".join(called.output.split())


def test_a_fault_of_no_known_name_is_answered_with_the_names() -> None:
    assert "mute, truncate, stub, gone, away, garbage" in refusal("--fault", "loud:3")
    assert "故障" in refusal("--fault", "mute:x", lang="zh")


def test_a_file_that_is_no_memory_is_named(tmp_path: Path) -> None:
    file = tmp_path / "card.memory"
    file.write_text("{", encoding="utf-8")
    assert "is no card memory" in refusal("--memory", str(file))
    file.write_text('{"files": {}}', encoding="utf-8")
    assert "another card" in refusal("--memory", str(file))
    assert "另一张卡" in refusal("--memory", str(file), lang="zh")


def test_a_place_where_no_memory_can_be_kept_is_named(tmp_path: Path) -> None:
    said = refusal("--memory", str(tmp_path / "no-such-folder" / "card.memory"))
    assert "cannot be kept there" in said
    assert "No such file" in said
