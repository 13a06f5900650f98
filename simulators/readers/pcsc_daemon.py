"""A private PC/SC service: a `pcscd` of our own with one virtual reader of two slots, beside any that the
system runs.

It gets its socket as systemd would hand it over, so that it needs no rights and no fixed place; PC/SC
programs find it through the environment variable PCSCLITE_CSOCK_NAME. Follows PC/SC part 5; pcsc-lite,
`pcscd(8)`.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import glob
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

from reference.languages import Text, say
from reference.ports import ProductUnreachable

SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"
READER = "Health Card Virtual Reader"
SLOTS = (f"{READER} 00 00", f"{READER} 00 01")
"""The names under which PC/SC shows the two slots."""
DRIVERS = ("/usr/lib/pcsc/drivers/serial/libifdvpcd.so", "/usr/lib*/pcsc/**/libifdvpcd.so*")
STARTING_LIMIT_S = 20.0
STOPPING_LIMIT_S = 5.0
LOG_LINES_SHOWN = 5
FIRST_HANDED_DESCRIPTOR = 3  # SD_LISTEN_FDS_START of sd_listen_fds(3)

_HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


def missing() -> Text | None:
    """The first part of PC/SC that this machine lacks with the next step, or None when virtual readers can
    start.
    """
    if _daemon_program() is None:
        return say("The PC/SC service pcscd is not installed. On Debian: apt install pcscd")
    if _driver() is None:
        return say("The virtual reader's driver vpcd is not installed. On Debian: apt install vsmartcard-vpcd")
    if importlib.util.find_spec("smartcard") is None:
        return say(
            "The Python package pyscard is not installed. "
            "On Debian: apt install gcc libpcsclite-dev, then: pip install 'healthcard[pcsc]'"
        )
    return None


@functools.cache
def socket_of_this_process() -> Path:
    """Where this process's private service listens, one after the other.

    libpcsclite keeps the first name that it meets for the life of a process, so all services that a process
    is to reach itself need the same one.
    """
    folder = tempfile.mkdtemp(prefix="healthcard-pcsc-")
    atexit.register(_forget, folder, os.getpid())
    return Path(folder, "pcscd.comm")


def _forget(folder: str, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


class PcscDaemon:
    """A private `pcscd` whose virtual reader's slots 1 and 2 connect to `port` and `port + 1` on loopback.

    A context manager. Both ports must listen before it starts. Without `socket_path` it serves this process
    (one at a time) and the variable PCSCLITE_CSOCK_NAME is set while it runs; with one it is for other
    processes only.
    """

    def __init__(self, port: int, socket_path: Path | None = None) -> None:
        self.socket_path = socket_path or socket_of_this_process()
        self._for_this_process = socket_path is None
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._variable_before: str | None = None

    def __enter__(self) -> PcscDaemon:
        """Start, and return when both readers are there.

        Raises ProductUnreachable when a part of PC/SC is missing, the daemon ends, or it is not ready in
        time.
        """
        lack = missing()
        if lack is not None:
            raise ProductUnreachable(say("PC/SC"), lack, say("Or use the in-process transport."))
        self._folder = Path(tempfile.mkdtemp(prefix="healthcard-pcscd-"))
        try:
            self._launch()
            self._await_readers()
        except BaseException:
            self.stop()
            raise
        if self._for_this_process:
            self._variable_before = os.environ.get(SOCKET_VARIABLE)
            os.environ[SOCKET_VARIABLE] = str(self.socket_path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._for_this_process:
            if self._variable_before is None:
                os.environ.pop(SOCKET_VARIABLE, None)
            else:
                os.environ[SOCKET_VARIABLE] = self._variable_before
        self.stop()

    @property
    def pid(self) -> int:
        """The daemon's process id."""
        assert self._process is not None
        return self._process.pid

    def log(self) -> str:
        """What the daemon has written so far."""
        if self._folder is None:
            return ""
        return (self._folder / "log").read_text(encoding="utf-8", errors="replace")

    def ended(self, within_s: float = 0.0) -> bool:
        """Whether the daemon is gone, after waiting at most the seconds given."""
        if self._process is None:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(within_s)
        return self._process.returncode is not None

    def check(self) -> None:
        """Raise ProductUnreachable with the last lines of the log when the daemon is gone."""
        if self.ended():
            raise self._failure(say("It ended by itself."))

    def stop(self) -> None:
        """End the daemon, by force when it does not heed the signal, and remove what it left."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            if not self.ended(STOPPING_LIMIT_S):
                self._process.kill()
                self._process.wait()
        self.socket_path.unlink(missing_ok=True)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _launch(self) -> None:
        assert self._folder is not None
        configuration = self._folder / "readers"
        configuration.mkdir()
        (configuration / "virtual").write_text(
            f'FRIENDLYNAME "{READER}"\nDEVICENAME 127.0.0.1:{self._port}\nLIBPATH {_driver()}\nCHANNELID 0\n',
            encoding="ascii",
        )
        program = str(_daemon_program())
        with self._bound_socket() as service, open(self._folder / "log", "wb") as log:
            # A small interpreter between us and pcscd writes its own process id into LISTEN_PID: only the
            # process that becomes pcscd knows it.
            self._process = subprocess.Popen(  # noqa: S603
                [
                    *(sys.executable, "-I", "-S", "-c", _HAND_OVER, str(service.fileno())),
                    *(program, "--foreground", "--config", str(configuration)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[service.fileno()],
                start_new_session=True,
            )

    def _bound_socket(self) -> socket.socket:
        """The listening socket; closed on our side after the hand-over, so that it dies with the daemon."""
        service = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            service.bind(str(self.socket_path))
            service.listen()
        except OSError as taken:
            service.close()
            raise ProductUnreachable(
                say("PC/SC"),
                say("The socket {path} cannot be opened ({reason}).", path=self.socket_path, reason=taken),
                say("A process runs one private daemon at a time; give another one a socket of its own."),
            ) from taken
        return service

    def _await_readers(self) -> None:
        environment = dict(os.environ, **{SOCKET_VARIABLE: str(self.socket_path)})
        waiting = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "simulators.readers.readiness", *SLOTS],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
        )
        try:
            ready = waiting.wait(STARTING_LIMIT_S) == 0
        except subprocess.TimeoutExpired:
            ready = False
        finally:
            waiting.kill()
            waiting.wait()
        if self.ended():
            raise self._failure(say("It ended while it started."))
        if not ready:
            raise self._failure(say("It did not show its readers within {limit:g} s.", limit=STARTING_LIMIT_S))

    def _failure(self, reason: Text) -> ProductUnreachable:
        last_lines = " / ".join(self.log().strip().splitlines()[-LOG_LINES_SHOWN:]) or "-"
        return ProductUnreachable(
            say("Private PC/SC service (pcscd)"),
            reason,
            say("Its last words: {lines}. Start again, or try the in-process transport.", lines=last_lines),
        )


def _daemon_program() -> str | None:
    return shutil.which("pcscd", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


def _driver() -> str | None:
    found = (path for pattern in DRIVERS for path in glob.glob(pattern, recursive=True))
    return next(iter(found), None)
