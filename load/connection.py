"""One kept-alive HTTP/1.1 connection, as lean as a generator of thousands of requests a second needs it.

Knows what platforms send: bodies with a length, in chunks, or up to the end of the connection. Inside Locust its
sockets are gevent's. It never sends a request twice: a verification uses up a code. Follows RFC 9112.
"""

from __future__ import annotations

import socket
import ssl
import time
from urllib.parse import urlsplit

from reference.gateway.wire import Request

LONGEST_IDLE = 10.0
"""Seconds after which an unused connection is opened anew, before a server closes it under a request (decision)."""
LONGEST_ANSWER = 16 * 1024 * 1024
RECEIVE = 65536


class BrokenAnswer(OSError):
    """The answer is no HTTP answer, or was cut short."""


class Connection:
    """A connection to the host of ``url``, opened when it is needed. Not for two threads at once."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._secure else 80)
        self._prefix = parts.path.rstrip("/")
        self._head = f"\r\nhost: {parts.netloc.rpartition('@')[2]}\r\n"
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._used = 0.0

    def encode(self, request: Request) -> bytes:
        """The request as it goes over the wire."""
        headers = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        head = f"{request.method} {self._prefix}{request.path} HTTP/1.1{self._head}{headers}"
        return f"{head}content-length: {len(request.body)}\r\n\r\n".encode() + request.body

    def exchange(self, encoded: bytes) -> tuple[int, bytes]:
        """Send a request; status and body of the answer.

        Raises OSError (TimeoutError, ConnectionError, BrokenAnswer); the connection is then opened anew next time.
        """
        try:
            wire = self._opened()
            wire.sendall(encoded)
            status, body, stays = _read(wire)
        except BaseException:
            self.close()
            raise
        if stays:
            self._used = time.monotonic()
        else:
            self.close()
        return status, body

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _opened(self) -> socket.socket:
        if self._socket is not None and time.monotonic() - self._used > LONGEST_IDLE:
            self.close()
        if self._socket is None:
            plain = socket.create_connection((self._host, self._port), self._timeout)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = self._shaken(plain) if self._secure else plain
        return self._socket

    def _shaken(self, plain: socket.socket) -> socket.socket:
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=self._host)
        except BaseException:
            plain.close()
            raise


def _read(wire: socket.socket) -> tuple[int, bytes, bool]:
    """Status, body, and whether the connection stays open."""
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _more(wire, len(received))
    head = received[:end].lower()
    rest = received[end + 4 :]
    if not head.startswith(b"http/1."):
        raise BrokenAnswer("no HTTP answer")
    status = int(head[9:12])
    stays = b"\r\nconnection: close" not in head and head[7:8] == b"1"
    length = _length(head)
    if length is not None:
        while len(rest) < length:
            rest += _more(wire, len(rest))
        return status, rest[:length], stays
    if b"\r\ntransfer-encoding: chunked" in head:
        return status, _chunks(wire, rest), stays
    return status, _to_the_end(wire, rest), False


def _length(head: bytes) -> int | None:
    start = head.find(b"\r\ncontent-length:")
    if start < 0:
        return None
    digits = head[start + 17 :].split(b"\r\n", 1)[0].strip()
    if not digits.isdigit() or int(digits) > LONGEST_ANSWER:
        raise BrokenAnswer("impossible content-length")
    return int(digits)


def _chunks(wire: socket.socket, received: bytes) -> bytes:
    parts: list[bytes] = []
    while True:
        while (end := received.find(b"\r\n")) < 0:
            received += _more(wire, len(received))
        try:
            size = int(received[:end].split(b";", 1)[0], 16)
        except ValueError:
            raise BrokenAnswer("impossible chunk") from None
        while len(received) < end + 4 + size:
            received += _more(wire, len(received))
        if size == 0:
            return b"".join(parts)
        parts.append(received[end + 2 : end + 2 + size])
        received = received[end + 4 + size :]


def _to_the_end(wire: socket.socket, received: bytes) -> bytes:
    while part := wire.recv(RECEIVE):
        received += part
        if len(received) > LONGEST_ANSWER:
            raise BrokenAnswer("endless answer")
    return received


def _more(wire: socket.socket, so_far: int) -> bytes:
    part = wire.recv(RECEIVE)
    if not part:
        raise BrokenAnswer("the connection ended inside an answer" if so_far else "the connection ended")
    if so_far > LONGEST_ANSWER:
        raise BrokenAnswer("endless answer")
    return part
