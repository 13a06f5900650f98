"""The short way past ASGI: it answers as the ordinary way does, and gives up what is not plain."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Verify
from reference.gateway.application import Gateway
from reference.gateway.profiles import ALL
from reference.gateway.profiles.sichuan import PATH
from reference.gateway.short_way import LARGEST, ShortWay
from reference.gateway.wire import Sent, WireRefusal
from tests.reference.gateway.asking import Asking, asking_in
from tests.reference.gateway.sichuan_requests import CARD, RIGHT, request
from tests.reference.serving import SECONDS, listening

ORDINARY = "httptools"
VERIFY = "ehc.ehealthcode.verify"


class Counting(Gateway):
    """Counts what took which way."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.short: list[bool] = []
        self.ordinary = 0

    def at_once(self, *arguments: Any) -> bool:
        self.short.append(super().at_once(*arguments))
        return self.short[-1]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.ordinary += scope["type"] == "http"
        await super().__call__(scope, receive, send)


@dataclass
class Answer:
    """An HTTP answer as it stood on the wire; its headers but for the date."""

    status: bytes
    headers: dict[bytes, bytes]
    body: bytes


class Client:
    """A connection whose bytes a test chooses."""

    def __init__(self, address: str) -> None:
        host, _, port = address.removeprefix("http://").partition(":")
        self.socket = socket.create_connection((host, int(port)), SECONDS)
        self._unread = b""

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.socket.sendall(part)

    def answer(self) -> Answer:
        """The next answer."""
        while b"\r\n\r\n" not in self._unread:
            self._more()
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        status, *lines = head.split(b"\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}
        length = int(headers[b"content-length"])
        while len(self._unread) < length:
            self._more()
        body, self._unread = self._unread[:length], self._unread[length:]
        assert headers.pop(b"date")
        return Answer(status, headers, body)

    def ended(self) -> bool:
        """Whether the server closed the connection, with nothing left to read."""
        return not self._unread and self.socket.recv(1) == b""

    def _more(self) -> None:
        part = self.socket.recv(65536)
        assert part, "the connection ended in the midst of an answer"
        self._unread += part


@dataclass
class Open:
    """A gateway on the wire, and its platform in process."""

    address: str
    gateway: Counting
    asking: Asking
    clients: ExitStack

    def client(self) -> Client:
        """A new connection, closed at the end."""
        client = Client(self.address)
        self.clients.callback(client.socket.close)
        return client

    def verification(self) -> bytes:
        """A signed body that is refused for its code alone."""
        return request(self.asking, VERIFY, RIGHT[VERIFY])


@contextmanager
def opened(folder: Path, profile: str = "sichuan", http: Any = ShortWay, **settings: Any) -> Iterator[Open]:
    with asking_in(folder, profile) as asking:
        gateway = Counting(asking.platform, [one for one in ALL if one.id == profile])
        with listening(gateway, http, **settings) as address, ExitStack() as clients:
            yield Open(address, gateway, asking, clients)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Open]:
    with opened(tmp_path) as served:
        yield served


def post(body: bytes, *lines: bytes, path: str = PATH, version: bytes = b"1.1") -> bytes:
    head = [b"POST %b HTTP/%b" % (path.encode(), version), b"Host: here", b"Content-Length: %d" % len(body), *lines]
    return b"\r\n".join([*head, b"", body])


def refusal(served: Open, answer: Answer) -> str:
    """The refusal that an answer is."""
    assert answer.status == b"HTTP/1.1 200 OK"
    with pytest.raises(WireRefusal) as refused:
        served.asking.client.read(Verify(text=f"{CARD}:1::5101A0001", step="010101"), answer.body)
    (id,) = refused.value.ids
    return id


def test_a_verification_takes_the_short_way_and_answers(served: Open) -> None:
    client = served.client()
    client.send(post(served.verification()))
    client.answer()  # nobody was at hand yet: the sender is looked up beside the loop
    for _ in range(3):
        client.send(post(served.verification()))
        assert refusal(served, client.answer()) == "code.foreign"
    assert served.gateway.short == [False, True, True, True]
    assert served.gateway.ordinary == 1


def told_by(folder: Path, http: Any) -> list[Answer]:
    """What a platform answers to a row of requests, right and wrong, over one connection."""
    answers = []
    with opened(folder, http=http) as served:
        client = served.client()
        province = served.asking
        bodies = [
            served.verification(),
            served.verification(),
            request(province, VERIFY, {"ehealth_code": "?", "medstepcode": "010101"}),
            request(province, VERIFY, RIGHT[VERIFY], digest="0" * 64),
            request(province, VERIFY, RIGHT[VERIFY], app_id="nobody"),
            request(province, "ehc.made.up", {}),
            request(province, "ehc.ehealthcode.query", RIGHT["ehc.ehealthcode.query"]),
            b"",
            b"{",
            served.verification() + b" " * LARGEST,
        ]
        replayed = served.verification()
        for body in [*bodies, replayed, replayed]:
            client.send(post(body))
            answers.append(client.answer())
        client.send(b"GET /health HTTP/1.1\r\nHost: here\r\n\r\n")
        assert client.answer().status == b"HTTP/1.1 200 OK"
        client.send(post(b"", path=PATH + "?a=b"))
        answers.append(client.answer())
    return answers


def test_both_ways_answer_alike(tmp_path: Path) -> None:
    (tmp_path / "short").mkdir()
    (tmp_path / "ordinary").mkdir()
    short, ordinary = told_by(tmp_path / "short", ShortWay), told_by(tmp_path / "ordinary", ORDINARY)
    assert short == ordinary
    assert len({answer.body for answer in short}) > 5


def outcomes_of(folder: Path, profile: str, http: Any) -> tuple[list[frozenset[str]], Counting]:
    """What a code of another platform meets, three times over one connection."""
    verb, outcomes = Verify(text=f"{CARD}:1", step="010101"), []
    with opened(folder, profile, http) as served:
        client = served.client()
        for _ in range(3):
            asked = served.asking.write(verb)
            lines = [f"{name}: {value}".encode() for name, value in asked.headers.items()]
            client.send(post(asked.body, *lines, path=asked.path))
            with pytest.raises(WireRefusal) as refused:
                served.asking.client.read(verb, client.answer().body)
            outcomes.append(refused.value.ids)
        return outcomes, served.gateway


@pytest.mark.parametrize("profile", [one.id for one in ALL])
def test_each_profile_answers_alike_on_both_ways(tmp_path: Path, profile: str) -> None:
    (tmp_path / "short").mkdir()
    (tmp_path / "ordinary").mkdir()
    outcomes, gateway = outcomes_of(tmp_path / "short", profile, ShortWay)
    assert (outcomes, gateway.short[-1:]) == (outcomes_of(tmp_path / "ordinary", profile, ORDINARY)[0], [True])


def test_requests_sent_at_once_are_answered_in_their_order(served: Open) -> None:
    client = served.client()
    client.send(post(served.verification()))
    client.answer()
    bodies = [request(served.asking, "ehc.made.up", {}), served.verification(), b"{", served.verification()]
    client.send(b"".join(map(post, bodies)))
    outcomes = [refusal(served, client.answer()) for _ in bodies]
    assert outcomes == ["request.unknown-verb", "code.foreign", "request.malformed", "code.foreign"]


def test_a_request_behind_one_under_way_waits_for_its_turn(served: Open) -> None:
    client = served.client()
    client.send(post(served.verification()))
    client.answer()
    client.send(post(served.verification()) + b"GET /health HTTP/1.1\r\nHost: here\r\n\r\n" + post(b"{"))
    assert refusal(served, client.answer()) == "code.foreign"
    assert client.answer().headers[b"content-type"] == b"application/json"
    assert refusal(served, client.answer()) == "request.malformed"


def test_a_body_in_parts_is_taken_on_the_ordinary_way(served: Open) -> None:
    client, whole = served.client(), post(served.verification())
    client.send(whole)
    client.answer()
    before = served.gateway.ordinary
    whole = post(served.verification())
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.send(whole[:-10])
    client.send(b"")
    wait_for(lambda: served.gateway.ordinary > before)
    client.send(whole[-10:])
    assert refusal(served, client.answer()) == "code.foreign"


def wait_for(condition: Any) -> None:
    """Until the server, a thread beside, got that far."""

    async def look() -> None:
        async with asyncio.timeout(SECONDS):
            while not condition():
                await asyncio.sleep(0.001)

    asyncio.run(look())


def test_a_body_in_chunks_is_read(served: Open) -> None:
    client, body = served.client(), served.verification()
    chunks = b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (100, body[:100], len(body) - 100, body[100:])
    client.send(b"POST %b HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n" % PATH.encode() + chunks)
    assert refusal(served, client.answer()) == "code.foreign"


def test_who_expects_to_be_asked_for_the_body_is_asked(served: Open) -> None:
    client, body = served.client(), served.verification()
    head, _, _ = post(body, b"Expect: 100-continue").partition(b"\r\n\r\n")
    client.send(head + b"\r\n\r\n")
    assert client.socket.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(body)
    assert refusal(served, client.answer()) == "code.foreign"


@pytest.mark.parametrize(
    ("lines", "version"), [([b"Connection: close"], b"1.1"), ([], b"1.0")], ids=["asked for", "HTTP/1.0"]
)
def test_a_connection_that_is_to_end_ends_after_its_answer(served: Open, lines: list[bytes], version: bytes) -> None:
    first = served.client()
    first.send(post(served.verification()))
    first.answer()
    client = served.client()
    client.send(post(served.verification(), *lines, version=version))
    answer = client.answer()
    assert refusal(served, answer) == "code.foreign"
    assert answer.headers[b"connection"] == b"close"
    assert client.ended()
    assert served.gateway.short == [False, True]


def test_a_client_that_goes_away_before_its_answer_harms_nobody(served: Open) -> None:
    staying = served.client()
    staying.send(post(served.verification()))
    staying.answer()
    for _ in range(20):
        going = served.client()
        going.send(post(served.verification()))
        going.socket.close()
    staying.send(post(served.verification()))
    assert refusal(served, staying.answer()) == "code.foreign"


def test_what_is_no_http_is_refused(served: Open) -> None:
    client = served.client()
    client.send(b"\x16\x03\x01 not HTTP\r\n\r\n")
    assert client.socket.recv(65536).startswith(b"HTTP/1.1 400 ")
    assert client.ended()


def test_a_connection_that_rests_is_closed(tmp_path: Path) -> None:
    with opened(tmp_path, timeout_keep_alive=1) as served:
        client = served.client()
        client.send(post(served.verification()))
        client.answer()
        assert client.ended()


def test_an_answer_that_fails_is_the_profiles_own_failure(served: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    client = served.client()
    client.send(post(served.verification()))
    client.answer()
    exchange = type(served.asking.profile.begin(None, None))  # type: ignore[arg-type]
    refuse = exchange.refuse

    def broken(self: Any, refused: Refusal) -> Sent:
        if refused.id == "code.foreign":
            raise RuntimeError("a defect")
        sent: Sent = refuse(self, refused)
        return sent

    monkeypatch.setattr(exchange, "refuse", broken)
    client.send(post(served.verification()))
    assert refusal(served, client.answer()) == "system.failure"
