"""Virtual PC/SC readers end to end: our private pcscd, seen by other people's programs."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from reference.languages import Text
from reference.ports import ProductUnreachable
from simulators.readers import pcsc_daemon
from simulators.readers.card_server import LOOPBACK, CardServer
from simulators.readers.in_process import InProcessReader
from simulators.readers.pcsc_daemon import SLOTS, SOCKET_VARIABLE, PcscDaemon, missing
from simulators.readers.virtual import VirtualReaders
from tests.chips import OK, T0_ANSWER, CountingChip, FixedChip
from tests.pcsc import pcsc_program

LIMIT_S = 30


def opensc_tool(socket_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [pcsc_program("opensc-tool", "opensc"), *arguments],
        env=dict(os.environ, **{SOCKET_VARIABLE: str(socket_path)}),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.usefixtures("pcsc")
def test_a_foreign_program_lists_both_readers_and_exchanges_commands() -> None:
    card = FixedChip(bytes.fromhex("6F00") + OK, T0_ANSWER)
    with VirtualReaders(card, CountingChip()) as readers:
        listed = opensc_tool(readers.socket_path, "-l").stdout
        answered = opensc_tool(readers.socket_path, "-r", "0", "-s", "00A4000002DF01").stdout
        shown = opensc_tool(readers.socket_path, "-r", "0", "-a").stdout
    assert all(name in listed for name in SLOTS)
    assert "SW1=0x90, SW2=0x00" in answered
    assert shown.strip().replace(":", "").upper() == T0_ANSWER.hex().upper()


@pytest.mark.usefixtures("pcsc")
def test_pcsc_scan_lists_the_readers() -> None:
    with VirtualReaders(CountingChip(), CountingChip()) as readers:
        listed = subprocess.run(
            [pcsc_program("pcsc_scan", "pcsc-tools"), "-r"],
            env=dict(os.environ, **{SOCKET_VARIABLE: str(readers.socket_path)}),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=True,
        ).stdout
    assert all(name in listed for name in SLOTS)


@pytest.mark.usefixtures("pcsc")
def test_two_private_services_stand_side_by_side(tmp_path: Path) -> None:
    first = FixedChip(b"\x01" + OK, T0_ANSWER)
    second = FixedChip(b"\x02" + OK, T0_ANSWER)
    with (
        VirtualReaders(first, socket_path=tmp_path / "first") as one,
        VirtualReaders(second, socket_path=tmp_path / "second") as other,
    ):
        answers = [
            opensc_tool(readers.socket_path, "-r", "0", "-s", "80CA000000").stdout.splitlines()[2:]
            for readers in (one, other)
        ]
        assert one.daemon.pid != other.daemon.pid
    assert [answer[0][:2] for answer in answers] == ["01", "02"]


@pytest.mark.usefixtures("pcsc")
def test_nothing_is_left_behind() -> None:
    with VirtualReaders(CountingChip()) as readers:
        pid, path, port = readers.daemon.pid, readers.socket_path, readers.server.port
        folder = readers.daemon._folder
        assert folder is not None
        assert is_running(pid)
    assert not is_running(pid)
    assert not path.exists()
    assert not folder.exists()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("slot ")]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, port), LIMIT_S)


@pytest.mark.usefixtures("pcsc")
def test_a_second_service_for_the_same_process_is_refused_with_the_next_step() -> None:
    with (
        VirtualReaders(CountingChip()) as running,
        pytest.raises(ProductUnreachable, match="a socket of its own"),
        VirtualReaders(CountingChip()),
    ):
        pass
    assert running.daemon.ended()


@pytest.mark.usefixtures("pcsc")
def test_the_death_of_the_service_is_told_with_its_last_words() -> None:
    with VirtualReaders() as readers:
        readers.daemon.check()
        os.kill(readers.daemon.pid, signal.SIGKILL)
        assert readers.daemon.ended(LIMIT_S)
        with pytest.raises(ProductUnreachable, match=r"ended by itself.*Its last words: \d+"):
            readers.daemon.check()


@pytest.mark.usefixtures("pcsc")
def test_a_service_that_cannot_reach_the_card_is_reported_not_waited_for() -> None:
    with socket.create_server((LOOPBACK, 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(ProductUnreachable, match="ended while it started"), PcscDaemon(port):
        pass


@pytest.mark.usefixtures("pcsc")
def test_a_service_started_again_finds_the_card_in_the_same_server(tmp_path: Path) -> None:
    answers = []
    with CardServer([InProcessReader(CountingChip(T0_ANSWER)), InProcessReader()]) as server:
        for _ in range(2):
            with PcscDaemon(server.port, tmp_path / "socket") as daemon:
                answers.append(opensc_tool(daemon.socket_path, "-r", "0", "-a").stdout.strip())
    assert answers == [T0_ANSWER.hex(":").lower()] * 2


@pytest.mark.usefixtures("pcsc")
def test_a_service_is_started_anew_after_it_died(tmp_path: Path) -> None:
    with contextlib.ExitStack() as first, VirtualReaders(socket_path=tmp_path / "socket") as readers:
        os.kill(readers.daemon.pid, signal.SIGKILL)
        assert readers.daemon.ended(LIMIT_S)
        first.close()
    with VirtualReaders(CountingChip(T0_ANSWER), socket_path=tmp_path / "socket") as again:
        assert SLOTS[0] in opensc_tool(again.socket_path, "-l").stdout


@pytest.mark.parametrize(
    ("part", "package"),
    [("_daemon_program", "apt install pcscd"), ("_driver", "apt install vsmartcard-vpcd")],
)
def test_a_missing_part_is_named_with_the_package_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, part: str, package: str
) -> None:
    monkeypatch.setattr(pcsc_daemon, "_daemon_program", lambda: "/usr/sbin/pcscd")
    monkeypatch.setattr(pcsc_daemon, part, lambda: None)
    lack = missing()
    assert isinstance(lack, Text)
    assert package in lack.en
    assert package in lack.zh
    with pytest.raises(ProductUnreachable, match=package), PcscDaemon(1):
        pass


def test_missing_pyscard_is_named_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc_daemon, "_daemon_program", lambda: "/usr/sbin/pcscd")
    monkeypatch.setattr(pcsc_daemon, "_driver", lambda: "/usr/lib/libifdvpcd.so")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    lack = missing()
    assert lack is not None
    assert "healthcard[pcsc]" in lack.en
