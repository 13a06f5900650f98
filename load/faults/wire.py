"""One kept-alive HTTP/1.1 connection of an event loop: one request at a time.

Leaner than a client library, which a test of millions needs; answers without a length are read as `load.connection`
does. It never sends a request twice, and tells one that was never sent from one whose answer was lost: only the second
may have used up a code. Follows RFC 9112.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Final, cast

from load.connection import BrokenAnswer, read_answer

LENGTH: Final = b"\r\ncontent-length:"


class NotSent(ConnectionError):
    """The server took no connection: the request was not sent."""


class AnswerLost(ConnectionError):
    """The request was sent and no answer came: what became of it, nobody knows."""


class Wire(asyncio.Protocol):
    """A connection; see `connected`. Lost ones stay lost."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self.exchanged = 0
        self.broken_off = False
        """Whether the other side ended it without having said so in an answer."""

    @property
    def open(self) -> bool:
        """Whether another request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, encoded: bytes, seconds: float) -> tuple[int, bytes]:
        """Send a request; status and body of its answer. Raises AnswerLost, also when it takes too long."""
        if self._transport is None:
            raise AnswerLost("the connection ended before")
        self._answer = asyncio.get_running_loop().create_future()
        self.exchanged += 1
        self._transport.write(encoded)
        try:
            async with asyncio.timeout(seconds):
                return await self._answer
        except TimeoutError:
            raise AnswerLost("no answer in time") from None
        finally:
            if not self._answer.done() or self._answer.cancelled() or self._answer.exception():
                self.close()

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of `asyncio.Protocol`."""
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Of `asyncio.Protocol`: give the answer out once it is whole."""
        received = self._received = self._received + data
        end = received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = received[:end].lower()
        start = head.find(LENGTH)
        if start < 0 or not head.startswith(b"http/1.1 "):
            self._read_otherwise(ended=False)
            return
        length = int(head[start + len(LENGTH) :].split(b"\r\n", 1)[0])
        if len(received) < end + 4 + length:
            return
        self._received = received[end + 4 + length :]
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((int(head[9:12]), received[end + 4 : end + 4 + length]))
        if b"\r\nconnection: close" in head:
            self.close()

    def connection_lost(self, reason: Exception | None) -> None:
        """Of `asyncio.Protocol`."""
        self.broken_off = self._transport is not None
        self._transport = None
        self._read_otherwise(ended=True)

    def _read_otherwise(self, *, ended: bool) -> None:
        """Give out an answer in chunks, or one that goes to the end of the connection, once it is whole."""
        parts = iter([self._received])

        def receive() -> bytes:
            part = next(parts, b"")
            if part or ended:
                return part
            raise BlockingIOError

        try:
            status, body, stays = read_answer(receive)
        except BlockingIOError:
            return
        except BrokenAnswer:
            self._fail("the connection ended" if ended else "no answer that can be read")
            return
        self._received = b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((status, body))
        if not stays:
            self.close()

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(AnswerLost(reason))


async def connected(host: str, port: int, seconds: float, secure: ssl.SSLContext | None = None) -> Wire:
    """A connection to a server, past the handshake where there is one. Raises NotSent."""
    try:
        async with asyncio.timeout(seconds):
            _, wire = await asyncio.get_running_loop().create_connection(Wire, host, port, ssl=secure)
    except (OSError, TimeoutError) as error:
        raise NotSent(str(error)) from None
    return wire
