"""HTTP for what lies on a wire profile's path, without ASGI in between: uvicorn's own protocol with a short way.

A request whose body is small and whole goes straight to `Gateway.at_once`, which queues a verification and says later
what to write: no task, no scope, no messages for each. Whatever that declines goes on as if the short way were not
there, and so does all that is not plain: large bodies, pipelined requests, bodies that trickle in, a client that does
not read, ``Expect``. The answers are the same on both ways. Source: decision (a server that carries a province's load).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from reference.gateway.application import Gateway
from reference.gateway.wire import Sent

LARGEST: Final = 64 * 1024
"""Bytes of a body that takes the short way at most (decision): those of every verification, with room to spare."""
NO_STORE: Final = b"\r\ncache-control: no-store\r\n"
CLOSE: Final = b"connection: close\r\n"


class ShortWay(HttpToolsProtocol):
    """One connection of a client."""

    _gateway: Gateway | None
    _body: bytes | None
    """What is there of a body on the short way."""
    _rests_since: float | None
    """Since when the client may send its next request; None while it does."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        plain = isinstance(self.app, Gateway) and self.limit_concurrency is None and not self.root_path
        self._gateway = self.app if plain else None
        self._body = self._rests_since = None
        self._whole: tuple[_ShortExchange, bytes] | None = None
        """A request that is there and waits to be opened together with others'."""

    def data_received(self, data: bytes) -> None:
        """What came at once. A body that is not whole by then waits on the ordinary way, which bounds the wait."""
        super().data_received(data)
        if self._body is not None:
            self._take_ordinary(self._body)

    def on_message_begin(self) -> None:
        """A request begins; what only the ordinary way needs of it waits until it is taken."""
        if self._whole is not None:
            self._open()  # before this one takes its place
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._body = self._rests_since = None

    def on_headers_complete(self) -> None:
        """Choose the way."""
        if self._gateway is not None and self._gateway.may_be_short(self.url) and self._is_plain():
            self._body = b""
        else:
            self._begin_ordinary()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._body is None:
            super().on_body(body)
            return
        self._body = self._body + body if self._body else body
        if len(self._body) > LARGEST:
            self._take_ordinary(self._body)

    def on_message_complete(self) -> None:
        """The request is there."""
        body = self._body
        if body is None or self._gateway is None:
            super().on_message_complete()
            return
        self._body = None
        keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
        exchange = _ShortExchange(self, keep_alive)
        self._whole = exchange, body
        self.cycle = exchange  # type: ignore[assignment]
        self._gateway.opening.add(self._open)

    def _open(self) -> None:
        """Hand the request to the gateway, or go on with it on the ordinary way."""
        if self._whole is None or self._gateway is None:
            return  # opened before its turn
        (exchange, body), self._whole = self._whole, None
        if exchange.disconnected:
            return
        if not self._gateway.at_once(self.url.decode("ascii"), self.headers, body, exchange.answer):
            exchange.response_complete = True
            self._take_ordinary(body)
            self.cycle.keep_alive = exchange.keep_alive  # the parser has forgotten it
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request that waits, or rest."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._rests_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._close_after(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that rested for too long; one timer serves many requests."""
        self.timeout_keep_alive_task = None
        if self._rests_since is None:
            return  # the answer under way sets the timer again
        left = self._rests_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._close_after(left)
        else:
            super().timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().connection_lost(exc)

    def _close_after(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _unset_keepalive_if_required(self) -> None:
        """Nothing: the timer finds out itself whether the connection rests."""

    def _is_plain(self) -> bool:
        return (
            self.parser.get_method() == b"POST"
            and (self.cycle is None or self.cycle.response_complete)  # else it waits for its turn
            and not self.flow.write_paused
            and not self.expect_100_continue
            and not self.parser.should_upgrade()
        )

    def _take_ordinary(self, body: bytes) -> None:
        """Go on the ordinary way with a request that began on the short one."""
        self._body = None
        self._begin_ordinary()
        if body:
            super().on_body(body)

    def _begin_ordinary(self) -> None:
        url, headers, expect = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expect
        self.headers.extend(headers)
        super().on_headers_complete()


class _Nobody:
    """In place of the event that an ASGI application waits for."""

    def set(self) -> None:
        """Nobody waits."""


class _ShortExchange:
    """A request on the short way, in the place where uvicorn keeps the one that it serves."""

    __slots__ = ("_protocol", "disconnected", "keep_alive", "response_complete")
    message_event = _Nobody()

    def __init__(self, protocol: ShortWay, keep_alive: bool) -> None:
        self._protocol, self.keep_alive = protocol, keep_alive
        self.disconnected = self.response_complete = False

    def answer(self, sent: Sent) -> None:
        """Write the answer, unless the client has gone."""
        protocol = self._protocol
        if self.disconnected or protocol.transport.is_closing():
            return
        protocol.transport.write(
            b"".join(
                (
                    STATUS_LINE[sent.status],
                    _lines_of(protocol.server_state.default_headers),
                    b"content-type: ",
                    sent.content_type,
                    b"\r\ncontent-length: %d" % len(sent.body),
                    NO_STORE,
                    b"\r\n" if self.keep_alive else CLOSE + b"\r\n",
                    sent.body,
                )
            )
        )
        self.response_complete = True
        if not self.keep_alive:
            protocol.transport.close()
        protocol.on_response_complete()


class _Lines:
    """uvicorn's own headers (date) as they are written; it makes a new list of them each second."""

    def __init__(self) -> None:
        self._headers: Sequence[tuple[bytes, bytes]] = ()
        self._lines = b""

    def of(self, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
        """The lines of these headers."""
        if headers is not self._headers:
            self._headers, self._lines = headers, b"".join([b"%b: %b\r\n" % header for header in headers])
        return self._lines


_lines_of = _Lines().of
