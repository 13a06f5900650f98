"""A connection inside Locust, without what gevent's sockets add to each call.

Those make a timer and look in vain with every call, which is most of what a small exchange costs. Here one watcher
lives as long as its socket, and whoever holds the connections ends those that wait too long (`end_when_late`). TLS goes
over gevent's own sockets. Source: decision (generator speed).
"""

from __future__ import annotations

import socket
import time
from typing import Any

from gevent import get_hub
from gevent.monkey import get_original

from load.connection import RECEIVE, Connection

READ, WRITE = 1, 2
"""What libev watches a socket for."""
_PlainSocket = get_original("socket", "socket")


class LightConnection(Connection):
    """See the module; for one greenlet."""

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__(url, timeout)
        self._hub: Any = get_hub()
        self._readable: Any = None
        self._waiting_since = 0.0

    def end_when_late(self) -> None:
        """Raise TimeoutError in the greenlet that waits here for an answer, if it has waited for too long."""
        if self._waiting_since and time.monotonic() - self._waiting_since > self._timeout:
            self._hub.cancel_wait(self._readable, TimeoutError("timed out"))

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        # Trap: a watcher of a closed socket watches whatever socket gets its number next.
        if self._readable is not None:
            self._readable.close()
            self._readable = None
        super().close()

    def _opened(self) -> socket.socket:
        opened = super()._opened()
        if self._secure:
            return opened
        plain: socket.socket = _PlainSocket(fileno=opened.detach())
        plain.setblocking(False)
        self._readable = self._hub.loop.io(plain.fileno(), READ)
        return plain

    def _send(self, encoded: bytes) -> None:
        if self._secure:
            super()._send(encoded)
            return
        assert self._socket is not None, "exchange opens it"
        sent = self._socket.send(encoded)
        while sent < len(encoded):
            self._wait_writable()
            sent += self._socket.send(encoded[sent:])

    def _receive(self) -> bytes:
        if self._secure:
            return super()._receive()
        assert self._socket is not None, "exchange opens it"
        self._waiting_since = time.monotonic()
        try:
            self._hub.wait(self._readable)
        finally:
            self._waiting_since = 0.0
        return self._socket.recv(RECEIVE)

    def _wait_writable(self) -> None:
        assert self._socket is not None, "exchange opens it"
        writable = self._hub.loop.io(self._socket.fileno(), WRITE)
        try:
            self._hub.wait(writable)
        finally:
            writable.close()
