"""The way to a platform: HTTP requests over connections that are kept open, with a time limit for each answer.

What matters to who asks is whether a request that failed may have arrived: only one that certainly did not may be sent
again without a thought. Standard library alone; one carrier may be used from several threads.
"""

from __future__ import annotations

import http.client
import queue
import select
import socket
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

from reference.gateway.wire import Request
from reference.languages import say
from reference.ports import ProductUnreachable

LARGEST_ANSWER: Final = 8 * 1024 * 1024
"""Bytes of an answer at most. Source: decision, twice the largest request of the gateway."""
KEPT_OPEN: Final = 16
"""Idle connections at most. Source: decision."""
PIECE: Final = 65_536


class PlatformAway(ProductUnreachable):
    """The platform did not answer. ``sent``: whether the request may have reached it all the same."""

    def __init__(self, address: str, reason: str, *, sent: bool) -> None:
        super().__init__(
            say("The platform {address}", address=address),
            say("does not answer: {reason}.", reason=reason),
            say("Check that it runs and that the address is right."),
        )
        self.address, self.why, self.sent = address, reason, sent


class WrongAddress(ValueError):
    """An address that is no http:// or https:// address of a host."""


@dataclass(frozen=True, slots=True)
class Carried:
    """An HTTP answer. ``date_ms``: the platform's time as its ``Date`` header tells, to the second, where it does."""

    status: int
    body: bytes
    date_ms: int | None


class Carrier(Protocol):
    """Brings requests to a platform."""

    @property
    def address(self) -> str:
        """Where to."""
        ...

    def carry(self, request: Request) -> Carried:
        """The answer. Raises PlatformAway."""
        ...


class HttpCarrier:
    """Carries to one address, ``http://host:port`` or ``https://…``, with a path before the profile's own if given.

    ``seconds`` is the limit for connecting and, anew, for the whole answer; ``keep`` whether connections stay open for
    the next request, until `close`. Raises WrongAddress.
    """

    def __init__(self, address: str, seconds: float, *, keep: bool = True) -> None:
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            raise WrongAddress(address) from None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
            raise WrongAddress(address)
        self.address, self._seconds, self._port, self._keep = address, seconds, port, keep
        self._host, self._prefix = parts.hostname, parts.path.rstrip("/")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: queue.LifoQueue[http.client.HTTPConnection] = queue.LifoQueue(KEPT_OPEN)

    def carry(self, request: Request) -> Carried:
        """The answer; the connection is kept for the next. Raises PlatformAway."""
        connection = self._connection()
        kept = False
        sent = False
        try:
            if connection.sock is None:
                connection.connect()
            sent = True
            headers = {**request.headers, "content-length": str(len(request.body))}
            connection.request(request.method, self._prefix + request.path, body=request.body, headers=headers)
            carried, kept = self._answer(connection)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise PlatformAway(self.address, reason, sent=sent) from error
        finally:
            self._give_back(connection, kept)
        return carried

    def close(self) -> None:
        """Close the idle connections."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    def _answer(self, connection: http.client.HTTPConnection) -> tuple[Carried, bool]:
        ends = time.monotonic() + self._seconds
        answer = connection.getresponse()
        body = bytearray()
        while piece := answer.read1(PIECE):
            body += piece
            if len(body) > LARGEST_ANSWER:
                raise http.client.HTTPException("the answer is too long")
            if time.monotonic() > ends:
                raise TimeoutError("timed out")
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)
        answer.close()  # without it the connection takes its answer for unread, and carries nothing more
        return Carried(answer.status, bytes(body), _moment(answer.getheader("date"))), not answer.will_close

    def _connection(self) -> http.client.HTTPConnection:
        """An idle connection that the platform has not closed, or a new one, not yet connected."""
        while True:
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                break
            # Readable while nothing was asked: the other side has closed it. A request would be lost, perhaps done.
            if connection.sock is not None and not _readable(connection.sock):
                return connection
            connection.close()
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._seconds, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._seconds)

    def _give_back(self, connection: http.client.HTTPConnection, kept: bool) -> None:
        if kept and self._keep:
            try:
                self._idle.put_nowait(connection)
                return
            except queue.Full:
                pass
        connection.close()


def _readable(sock: socket.socket) -> bool:
    look = select.poll()
    look.register(sock, select.POLLIN)
    return bool(look.poll(0))


def _moment(header: str | None) -> int | None:
    if not header:
        return None
    try:
        return int(parsedate_to_datetime(header).timestamp()) * 1000
    except (ValueError, OverflowError):
        return None
