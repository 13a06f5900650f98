"""The card's side of a virtual reader: carries what `vpcd` sends to the chips in in-process readers.

In reverse mode `vpcd` connects to us: slot n to port + n, all of which must listen before `pcscd` starts.
To a `vpcd` that listens itself, as in the usual configuration of Debian, a card is plugged in by
connecting.

Traps of vpcd 3.3 in reverse mode, each seen to end `pcscd` by abort: closing a connection, and an answer of
no bytes. So an empty slot, a mute chip and a broken one are shown inside the protocol: an answer to reset
longer than ISO/IEC 7816-3 allows makes the resource manager report an unresponsive card, and an answer of
one byte, which cannot hold a status word, tells the command's sender that it was lost.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Sequence
from types import TracebackType

from reference.languages import say
from reference.ports import ProductUnreachable
from simulators.readers.in_process import InProcessReader
from simulators.readers.wire import LONGEST_PAYLOAD, Control, Link

LOOPBACK = "127.0.0.1"
LONGEST_ATR = 33  # ISO/IEC 7816-3, 8.2.1: TS and at most 32 more
UNRESPONSIVE = bytes(LONGEST_ATR + 1)
LOST = b"\x00"
ATTEMPTS_AT_PORTS = 50
STOPPING_LIMIT_S = 5.0

_log = logging.getLogger(__name__)


class Slot:
    """One slot as `vpcd` sees it: turns payloads into resets and commands, and faults into lost answers."""

    def __init__(self, reader: InProcessReader) -> None:
        self.reader = reader
        self.faults: list[Exception] = []
        """What chips raised beside ProductUnreachable, oldest first: faults of a simulator, not of a
        product.
        """

    def attend(self, link: Link) -> None:
        """Answer the payloads of one connection until it ends."""
        while (payload := link.receive()) is not None:
            answer = self.answer(payload)
            if answer is not None:
                try:
                    link.send(answer)
                except OSError:
                    return

    def answer(self, payload: bytes) -> bytes | None:
        """What goes back for one payload; None where nothing does."""
        if len(payload) != 1:
            return self._exchange(payload)
        match payload[0]:
            case Control.POWER_OFF:
                self.reader.power_off()
            case Control.POWER_ON | Control.RESET:
                self._guarded(self.reader.reset, UNRESPONSIVE)
            case Control.GET_ATR:
                # asked several times a second while a card lies idle: must not disturb it
                answer = self._guarded(self.reader.answer_to_reset, UNRESPONSIVE)
                return answer if 0 < len(answer) <= LONGEST_ATR else UNRESPONSIVE
        return None

    def _exchange(self, command: bytes) -> bytes:
        answer = self._guarded(lambda: self.reader.transmit(command), LOST)
        return answer if 0 < len(answer) <= LONGEST_PAYLOAD else LOST

    def _guarded(self, act: Callable[[], bytes], otherwise: bytes) -> bytes:
        """What the chip answers, or the given stand-in when it is out, mute or broken."""
        try:
            return act()
        except ProductUnreachable:
            return otherwise
        except Exception as fault:
            self.faults.append(fault)
            _log.error("the chip in a virtual reader broke", exc_info=fault)
            return otherwise


class CardServer:
    """Serves in-process readers on consecutive loopback ports for `vpcd` in reverse mode.

    A context manager. End `pcscd` before it: `vpcd` does not survive the end of a connection.
    """

    def __init__(self, readers: Sequence[InProcessReader], port: int = 0) -> None:
        """`port` is that of the first slot, 0 for free ones. Raises ProductUnreachable when none is free."""
        self.slots = tuple(Slot(reader) for reader in readers)
        self._listeners = _listen(port, len(self.slots))
        self.port: int = self._listeners[0].getsockname()[1]
        self._links: dict[int, Link] = {}
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, args=(number,), name=f"slot {number}", daemon=True)
            for number in range(len(self.slots))
        ]

    def __enter__(self) -> CardServer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def faults(self) -> tuple[Exception, ...]:
        """What the chips of all slots raised beside ProductUnreachable."""
        return tuple(fault for slot in self.slots for fault in slot.faults)

    def stop(self) -> None:
        """End all connections and threads; a chip that never returns keeps its thread until the process
        ends.
        """
        self._stopping.set()
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for link in list(self._links.values()):
            link.hang_up()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(STOPPING_LIMIT_S)
                if thread.is_alive():
                    _log.error("the chip in %s does not return", thread.name)

    def _keep(self, number: int) -> None:
        """Serve one connection after the other: `pcscd` may be started again."""
        while not self._stopping.is_set():
            try:
                connection, _ = self._listeners[number].accept()
            except OSError:
                return
            self._links[number] = link = Link(connection)
            self.slots[number].attend(link)
            link.hang_up()


class PluggedCard:
    """A card plugged into a `vpcd` that listens, as that of a system-wide `pcscd` does. A context manager.

    Leaving it takes the card out of the reader.
    """

    def __init__(self, reader: InProcessReader, port: int) -> None:
        self.slot = Slot(reader)
        self._port = port
        self._link: Link | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> PluggedCard:
        """Raises ProductUnreachable when no `vpcd` listens at the port."""
        try:
            connection = socket.create_connection((LOOPBACK, self._port), STOPPING_LIMIT_S)
        except OSError as refusal:
            raise ProductUnreachable(
                say("Virtual reader at port {port}", port=self._port),
                say("No vpcd driver listens there ({refusal}).", refusal=refusal),
                say("Start pcscd with the vpcd driver, or use a daemon of your own."),
            ) from refusal
        connection.settimeout(None)
        self._link = Link(connection)
        self._thread = threading.Thread(target=self.slot.attend, args=(self._link,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._link is not None and self._thread is not None:
            self._link.hang_up()
            self._thread.join(STOPPING_LIMIT_S)

    def ended(self, within_s: float) -> bool:
        """Whether the reader let go of the card within the time given, in seconds."""
        assert self._thread is not None
        self._thread.join(within_s)
        return not self._thread.is_alive()


def _listen(port: int, count: int) -> list[socket.socket]:
    """Listening sockets on `count` consecutive loopback ports."""
    reason: OSError | None = None
    for _ in range(1 if port else ATTEMPTS_AT_PORTS):
        listeners: list[socket.socket] = []
        try:
            for number in range(count):
                first = listeners[0].getsockname()[1] if listeners else port
                listeners.append(_bound(first + number if first else 0))
        except (OSError, OverflowError) as taken:
            for listener in listeners:
                listener.close()
            reason = taken if isinstance(taken, OSError) else OSError(str(taken))
        else:
            return listeners
    raise ProductUnreachable(
        say("Card server"),
        say("No {count} consecutive ports are free ({reason}).", count=count, reason=reason),
        say("Give another port with --port."),
    )


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen()
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener
