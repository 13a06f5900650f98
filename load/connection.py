"""One kept-alive HTTP/1.1 connection, as lean as a generator of thousands of requests a second needs it.

Knows what platforms send: bodies with a length, in chunks, or up to the end of the connection. Inside Locust it waits
in gevent's way (`light_connection`). It never sends a request twice: a verification uses up a code. Follows RFC 9112.
"""

from __future__ import annotations

import functools
import select
import socket
import ssl
import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from reference.gateway.wire import Request

LONGEST_IDLE = 10.0
"""Seconds after which an unused connection is opened anew, before a server closes it under a request (decision)."""
SHORT_IDLE = 1.0
"""Seconds of idleness after which it is looked at whether the server has ended the connection (decision)."""
LONGEST_ANSWER = 16 * 1024 * 1024
RECEIVE = 65536
HEADS_KEPT = 256


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
            self._open()
            self._send(encoded)
            status, body, stays = read_answer(self._receive)
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

    def _open(self) -> None:
        if self._socket is not None:
            idle = time.monotonic() - self._used
            if idle > LONGEST_IDLE or (idle > SHORT_IDLE and _has_come(self._socket)):
                self.close()
        if self._socket is None:
            self._socket = self._opened()

    def _opened(self) -> socket.socket:
        """A socket to the target, past the handshake where there is one."""
        plain = socket.create_connection((self._host, self._port), self._timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._shaken(plain) if self._secure else plain

    def _shaken(self, plain: socket.socket) -> socket.socket:
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=self._host)
        except BaseException:
            plain.close()
            raise

    def _send(self, encoded: bytes) -> None:
        assert self._socket is not None, "exchange opens it"
        self._socket.sendall(encoded)

    def _receive(self) -> bytes:
        """What has come in, waited for; nothing where the other side has ended the connection."""
        assert self._socket is not None, "exchange opens it"
        return self._socket.recv(RECEIVE)


Receive = Callable[[], bytes]


def _has_come(waiting: socket.socket) -> bool:
    """Whether an idle connection has something to say, which can only be its end."""
    readable, _, _ = select.select([waiting], [], [], 0)
    return bool(readable)


class Head(NamedTuple):
    """What the head of an answer says: ``length`` is that of the body where it is told."""

    status: int
    length: int | None
    chunked: bool
    stays: bool


def read_answer(receive: Receive) -> tuple[int, bytes, bool]:
    """Status, body, and whether the connection stays open. Raises BrokenAnswer, and what ``receive`` raises."""
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _more(receive, len(received))
    head = _head(received[:end])
    rest = received[end + 4 :]
    if head.length is not None:
        while len(rest) < head.length:
            rest += _more(receive, len(rest))
        return head.status, rest[: head.length], head.stays
    if head.chunked:
        return head.status, _chunks(receive, rest), head.stays
    return head.status, _to_the_end(receive, rest), False


@functools.lru_cache(HEADS_KEPT)
def _head(told: bytes) -> Head:
    """A server's heads differ by date and length alone: most were read before. Raises BrokenAnswer."""
    head = told.lower()
    if not head.startswith(b"http/1.") or not head[9:12].isdigit():
        raise BrokenAnswer("no HTTP answer")
    return Head(
        status=int(head[9:12]),
        length=_length(head),
        chunked=b"\r\ntransfer-encoding: chunked" in head,
        stays=b"\r\nconnection: close" not in head and head[7:8] == b"1",
    )


def _length(head: bytes) -> int | None:
    start = head.find(b"\r\ncontent-length:")
    if start < 0:
        return None
    digits = head[start + 17 :].split(b"\r\n", 1)[0].strip()
    if not digits.isdigit() or int(digits) > LONGEST_ANSWER:
        raise BrokenAnswer("impossible content-length")
    return int(digits)


def _chunks(receive: Receive, received: bytes) -> bytes:
    parts: list[bytes] = []
    while True:
        while (end := received.find(b"\r\n")) < 0:
            received += _more(receive, len(received))
        try:
            size = int(received[:end].split(b";", 1)[0], 16)
        except ValueError:
            raise BrokenAnswer("impossible chunk") from None
        while len(received) < end + 4 + size:
            received += _more(receive, len(received))
        if size == 0:
            return b"".join(parts)
        parts.append(received[end + 2 : end + 2 + size])
        received = received[end + 4 + size :]


def _to_the_end(receive: Receive, received: bytes) -> bytes:
    while part := receive():
        received += part
        if len(received) > LONGEST_ANSWER:
            raise BrokenAnswer("endless answer")
    return received


def _more(receive: Receive, so_far: int) -> bytes:
    part = receive()
    if not part:
        raise BrokenAnswer("the connection ended inside an answer" if so_far else "the connection ended")
    if so_far > LONGEST_ANSWER:
        raise BrokenAnswer("endless answer")
    return part
