"""Both connections of the load tool, the blocking one and Locust's, against a server that says what it is told to."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import gevent
import pytest

from load import connection as connecting
from load.connection import BrokenAnswer, Connection
from load.light_connection import LightConnection
from reference.gateway.wire import Request

TIME_LIMIT = 20.0
END = None
"""In a server's words: the connection is ended."""
REQUEST = Request("POST", "/path", {"content-type": "text/plain"}, b"asked")
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright"
Words = Sequence[bytes | None]


@contextmanager
def server(*words: bytes | None, bodies: int = len(REQUEST.body)) -> Iterator[tuple[str, list[int]]]:
    """Answers one request after the other with the next words; its address, and the connections it took so far."""
    taken: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(TIME_LIMIT)

        def work() -> None:
            left = list(words)
            while left:
                wire, _ = listener.accept()
                taken.append(1)
                with wire:
                    wire.settimeout(TIME_LIMIT)
                    while left and _heard(wire, bodies):
                        said = left.pop(0)
                        if said is END:
                            break
                        wire.sendall(said)
                        if left and left[0] is END:
                            left.pop(0)
                            break

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", taken
        thread.join(TIME_LIMIT)


def _heard(wire: socket.socket, size: int) -> bool:
    heard = b""
    while b"\r\n\r\n" not in heard or len(heard.split(b"\r\n\r\n", 1)[1]) < size:
        part = wire.recv(65536)
        if not part:
            return False
        heard += part
    return True


def exchanged(connection: Connection, request: Request = REQUEST) -> tuple[int, bytes]:
    return connection.exchange(connection.encode(request))


@pytest.mark.parametrize("kind", [Connection, LightConnection])
@pytest.mark.parametrize(
    ("words", "status", "body"),
    [
        (PLAIN, 200, b"right"),
        (b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", 503, b""),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nrig\r\n2;x=y\r\nht\r\n0\r\n\r\n", 200, b"right"),
    ],
)
def test_one_connection_carries_one_request_after_the_other(
    kind: type[Connection], words: bytes, status: int, body: bytes
) -> None:
    with server(words, words) as (url, taken), closing(kind(url, TIME_LIMIT)) as connection:
        assert [exchanged(connection) for _ in range(2)] == [(status, body)] * 2
        assert len(taken) == 1


@pytest.mark.parametrize("kind", [Connection, LightConnection])
def test_an_answer_may_last_to_the_end_of_the_connection(kind: type[Connection]) -> None:
    with (
        server(b"HTTP/1.0 200 OK\r\n\r\nright", END, PLAIN) as (url, taken),
        closing(kind(url, TIME_LIMIT)) as connection,
    ):
        assert [exchanged(connection) for _ in range(2)] == [(200, b"right")] * 2
        assert len(taken) == 2


@pytest.mark.parametrize("kind", [Connection, LightConnection])
@pytest.mark.parametrize("words", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", END])
def test_what_is_no_answer_is_an_error_and_the_next_request_has_a_new_connection(
    kind: type[Connection], words: bytes | None
) -> None:
    with server(words, *(() if words is END else (END,)), PLAIN) as (url, taken):
        with closing(kind(url, TIME_LIMIT)) as connection:
            with pytest.raises(BrokenAnswer):
                exchanged(connection)
            assert exchanged(connection) == (200, b"right")
        assert len(taken) == 2


@pytest.mark.parametrize("kind", [Connection, LightConnection])
def test_an_idle_connection_that_the_server_ended_is_opened_anew(
    kind: type[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "SHORT_IDLE", -1.0)
    monkeypatch.setattr(connecting, "_has_come", lambda waiting: bool(select.select([waiting], [], [], TIME_LIMIT)[0]))
    with server(PLAIN, END, PLAIN) as (url, taken), closing(kind(url, TIME_LIMIT)) as connection:
        assert [exchanged(connection) for _ in range(2)] == [(200, b"right")] * 2
        assert len(taken) == 2


def test_a_request_larger_than_the_buffers_arrives_whole() -> None:
    large = Request("POST", "/path", {}, b"x" * 20_000_000)
    with server(PLAIN, bodies=len(large.body)) as (url, _), closing(LightConnection(url, TIME_LIMIT)) as connection:
        assert exchanged(connection, large) == (200, b"right")


def test_an_answer_that_is_late_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with closing(LightConnection(url, TIME_LIMIT)) as connection:
            waiting = gevent.spawn(exchanged, connection)
            gevent.idle()
            connection.end_when_late()
            gevent.idle()
            assert not waiting.dead
            monkeypatch.setattr(connection, "_timeout", 0.0)
            connection.end_when_late()
            with pytest.raises(TimeoutError):
                waiting.get(timeout=TIME_LIMIT)
