"""The carrier over real sockets: connections kept, closed by the other side, slow, cut short, never there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from reference.front_end.carrier import HttpCarrier, PlatformAway, WrongAddress
from reference.gateway.wire import Request

LIMIT_S = 10
ASK = Request("POST", "/ask", {"x-test": "1"}, b"question")
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\ndate: Thu, 01 Jan 2026 04:00:00 GMT\r\n\r\nanswer"


@contextmanager
def platform(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that hands each connection to ``serve``, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LIMIT_S)

        def live() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(LIMIT_S)
                    serve(connection)

        thread = threading.Thread(target=live, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(LIMIT_S)


def question(connection: socket.socket) -> bytes:
    """One whole request."""
    got = b""
    while not got.endswith(b"question"):
        piece = connection.recv(65536)
        if not piece:
            break
        got += piece
    return got


def away(address: str, seconds: float = 5) -> PlatformAway:
    with pytest.raises(PlatformAway) as caught:
        HttpCarrier(address, seconds).carry(ASK)
    return caught.value


def test_answers_come_over_one_connection_with_the_platforms_date() -> None:
    accepted = []

    def serve(connection: socket.socket) -> None:
        accepted.append(1)
        for _ in range(3):
            assert b"POST /base/ask" in question(connection)
            connection.sendall(OK)

    with platform(serve) as address:
        carrier = HttpCarrier(address + "/base/", 5)
        answers = [carrier.carry(ASK) for _ in range(3)]
        carrier.close()
    assert {(one.status, one.body, one.date_ms) for one in answers} == {(200, b"answer", 1_767_240_000_000)}
    assert len(accepted) == 1


def test_a_connection_that_the_platform_closed_is_not_used_again() -> None:
    closed = threading.Event()

    def serve(connection: socket.socket) -> None:
        question(connection)
        connection.sendall(OK)
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    with platform(serve) as address:
        carrier = HttpCarrier(address, 5)
        for _ in range(3):
            assert carrier.carry(ASK).body == b"answer"
            assert closed.wait(LIMIT_S)
            closed.clear()
        carrier.close()


def test_a_request_to_nobody_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert not away(f"http://127.0.0.1:{port}").sent


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 600\r\n\r\nanswer", b"no http\r\n\r\n", OK[:10]],
    ids=["none", "short", "garbage", "cut"],
)
def test_a_request_without_a_whole_answer_may_have_been_done(answer: bytes) -> None:
    def serve(connection: socket.socket) -> None:
        question(connection)
        connection.sendall(answer)

    with platform(serve) as address:
        assert away(address).sent


def test_a_platform_that_never_answers_is_given_up() -> None:
    done = threading.Event()

    def serve(connection: socket.socket) -> None:
        question(connection)
        done.wait(LIMIT_S)

    with platform(serve) as address:
        assert away(address, 0.1).sent
        done.set()


def test_a_platform_that_drips_its_answer_is_given_up() -> None:
    def serve(connection: socket.socket) -> None:
        question(connection)
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
            while not done.wait(0.02):
                connection.sendall(b".")
        except OSError:
            return

    done = threading.Event()
    with platform(serve) as address:
        assert away(address, 0.2).sent
        done.set()


@pytest.mark.parametrize(
    "address",
    ["", "127.0.0.1:8080", "ftp://host", "http://", "http://host:port", "http://host:99999", "http://u:p@host"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(WrongAddress):
        HttpCarrier(address, 5)
