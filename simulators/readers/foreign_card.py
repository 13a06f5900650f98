"""A card of somebody else's making, reached as `vpcd` reaches one: the reader's side of the wire, on
loopback.

Meant for `vicc` of the virtualsmartcard project (Debian: vsmartcard-vpicc), a generic ISO/IEC 7816-4 card
that knows nothing of health cards. It is a `Chip` like any other, so that it can also be put into virtual
PC/SC readers.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from reference.languages import Text, say
from reference.ports import ProductUnreachable
from simulators.readers.card_server import LOOPBACK
from simulators.readers.wire import Control, Link

STARTING_LIMIT_S = 20.0
LOOK_AT_PROCESS_EVERY_S = 0.2
ANSWER_LIMIT_S = 10.0
STOPPING_LIMIT_S = 5.0


PROGRAM = Path("/usr/bin/vicc")
LIBRARY = Path("/usr/lib/python3/site-packages/virtualsmartcard")
"""Where Debian's python3-virtualsmartcard lies: not on its own interpreter's path."""

_LAUNCH = """
import runpy, sys
import Cryptodome
sys.modules["Crypto"] = Cryptodome
sys.path.insert(0, sys.argv[1])
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def vicc(port: int) -> list[str]:
    """The command line by which `vicc` connects its generic card to a port. Raises ProductUnreachable
    without it.

    Debian's package does not start by itself: it lies off Python's path and asks for `Crypto`, which Debian
    does not have. It runs under our interpreter, with `Cryptodome` (installed with gmssl) under that name.
    """
    if not (PROGRAM.exists() and LIBRARY.exists()):
        raise _unreachable(say("The program is not installed."), say("On Debian: apt install vsmartcard-vpicc"))
    options = ["--type", "iso7816", "--hostname", LOOPBACK, "--port", str(port)]
    return [sys.executable, "-c", _LAUNCH, str(LIBRARY), str(PROGRAM), *options]


class ForeignCard:
    """A card in a process of its own that connects to us, as long as the `with` lasts; a `Chip`."""

    def __init__(self, *, limit_s: float = ANSWER_LIMIT_S) -> None:
        """`limit_s` is how long an answer may take, in seconds."""
        self._limit_s = limit_s
        self._link: Link | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._was_connected = False

    def __enter__(self) -> ForeignCard:
        """Start `vicc`; return when it has connected. Raises ProductUnreachable when it does not in time."""
        with socket.create_server((LOOPBACK, 0)) as listener:
            self.start(listener, vicc(listener.getsockname()[1]))
        return self

    def start(self, listener: socket.socket, command: Sequence[str]) -> None:
        """Start a card's program and take its connection. Raises ProductUnreachable."""
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        listener.settimeout(LOOK_AT_PROCESS_EVERY_S)
        for _ in range(int(STARTING_LIMIT_S / LOOK_AT_PROCESS_EVERY_S)):
            with contextlib.suppress(TimeoutError):
                self._link = Link(listener.accept()[0])
                self._link.limit(self._limit_s)
                self._was_connected = True
                return
            if self._process.poll() is not None:
                break
        self.stop()
        raise _unreachable(say("It did not connect within {limit:g} s, or ended before.", limit=STARTING_LIMIT_S))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the connection and the card's process."""
        if self._link is not None:
            self._link.hang_up()
            self._link = None
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOPPING_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def reset(self) -> bytes:
        """Power the card up afresh; its answer to reset. A card that has ended is started again, as if put in anew."""
        try:
            return self._power_cycle()
        except ProductUnreachable:
            if not self._was_connected:
                raise
            self.stop()
            self.__enter__()
            return self._power_cycle()

    def _power_cycle(self) -> bytes:
        self._send(bytes([Control.POWER_OFF]))
        self._send(bytes([Control.POWER_ON]))
        return self._ask(bytes([Control.GET_ATR]))

    def transmit(self, command: bytes) -> bytes:
        """One command APDU; data and status bytes back."""
        return self._ask(command)

    def _ask(self, payload: bytes) -> bytes:
        link = self._send(payload)
        try:
            answer = link.receive()
        except TimeoutError:
            answer = None
        if answer is None:
            raise _unreachable(say("It ended, or gave no answer within {limit:g} s.", limit=self._limit_s))
        return answer

    def _send(self, payload: bytes) -> Link:
        if self._link is None:
            raise _unreachable(say("It is not connected."))
        try:
            self._link.send(payload)
        except OSError as broken:
            raise _unreachable(say("The connection broke ({reason}).", reason=broken)) from broken
        return self._link


def _unreachable(reason: Text, next_step: Text | None = None) -> ProductUnreachable:
    return ProductUnreachable(say("Foreign card (vicc)"), reason, next_step or say("Start it again."))
