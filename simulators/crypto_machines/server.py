"""The TCP server in front of a simulated crypto machine: one thread a connection, any number of requests on each.

Trap: a length out of bounds leaves nobody knowing where the next message begins: the server hangs up without answer.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

from reference.keys.fields import MalformedMessage
from reference.keys.messages import announced
from reference.keys.tables import protocol
from reference.languages import say
from reference.ports import ProductUnreachable
from simulators.crypto_machines.machine import SimulatedMachine

LOOPBACK = "127.0.0.1"
WAITING_CONNECTIONS = 64
MOST_CONNECTIONS = 256
PATIENCE_S = 10.0
"""How long the next bytes of a message that has begun may take to arrive."""
ENDING_S = 1.0
"""How long `close` waits for a thread that is busy with an answer."""


class CryptoMachineServer:
    """A listening machine, from construction to `close`; ``address`` is where it listens."""

    def __init__(
        self,
        machine: SimulatedMachine,
        host: str = LOOPBACK,
        port: int = 0,
        *,
        patience_s: float = PATIENCE_S,
        most: int = MOST_CONNECTIONS,
    ) -> None:
        """Port 0 takes any free one; ``most`` connections are served at once, further ones are hung up on.

        Raises ProductUnreachable when the address cannot be listened at.
        """
        self._machine, self._patience_s, self._most = machine, patience_s, most
        try:
            self._listening = socket.create_server((host, port), backlog=WAITING_CONNECTIONS)
        except OSError as failure:
            raise ProductUnreachable(
                say("Simulated crypto machine"),
                say("{host}:{port} cannot be listened at ({fault}).", host=host, port=port, fault=failure.strerror),
                say("Give another port with --port."),
            ) from failure
        self.address: tuple[str, int] = self._listening.getsockname()[:2]
        self._lock = threading.Lock()
        self._served: dict[socket.socket, threading.Thread] = {}
        self._closed = False
        self._accepting = threading.Thread(target=self._accept, name="crypto machine", daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Stop listening, hang up on everybody and wait for the threads."""
        with self._lock:
            self._closed = True
            served = dict(self._served)
        _hang_up(self._listening)
        self._accepting.join()
        for connection, thread in served.items():
            _hang_up(connection)
            thread.join(ENDING_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                if self._closed or len(self._served) >= self._most:
                    _hang_up(connection)
                    continue
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._served[connection] = thread
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (body := self._message(connection)) is not None:
                reply = self._machine.reply(body)
                connection.sendall(reply.message)
                if reply.hang_up:
                    return
        except (OSError, MalformedMessage):
            return  # the caller is gone, too slow, or out of step
        finally:
            with self._lock:
                self._served.pop(connection, None)
            _hang_up(connection)

    def _message(self, connection: socket.socket) -> bytes | None:
        """The next body, or None when the caller has ended. Raises OSError and MalformedMessage."""
        connection.settimeout(None)
        first = connection.recv(1)
        if not first:
            return None
        connection.settimeout(self._patience_s)
        head = first + _take(connection, protocol().frame.length_bytes - 1)
        return _take(connection, announced(head))


def _take(connection: socket.socket, count: int) -> bytes:
    taken = bytearray()
    while len(taken) < count:
        fresh = connection.recv(count - len(taken))
        if not fresh:
            raise ConnectionResetError("the caller ended in the middle of a message")
        taken += fresh
    return bytes(taken)


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
