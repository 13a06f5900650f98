"""The gateway's application: bodies too large, cut short or too slow, terminals, failures, a worker's life."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from reference.access import terminals
from reference.access.terminals import Terminal
from reference.ecard.verbs import Query, Verb, Verify, Who
from reference.gateway import application
from reference.gateway.application import LARGEST_BODY, Gateway
from reference.gateway.profiles.sichuan import PATH
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import WireRefusal
from tests.platform import citizen_number
from tests.reference.gateway.asking import Asking, asking_in
from tests.reference.gateway.sichuan_requests import CARD, RIGHT, request

Message = dict[str, Any]
VERIFY = "ehc.ehealthcode.verify"


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Asking]:
    with asking_in(tmp_path, "sichuan") as asking:
        yield asking


def sent_to(gateway: Gateway, messages: Sequence[Message], path: str = PATH) -> list[Message]:
    """What an application answers to the messages of a connection; after the last one nothing comes any more."""
    answers: list[Message] = []
    waiting = iter(messages)

    async def receive() -> Message:
        try:
            return next(waiting)
        except StopIteration:
            await asyncio.Event().wait()
            raise

    async def send(message: Any) -> None:
        answers.append(dict(message))

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": []}
    asyncio.run(gateway(scope, receive, send))
    return answers


def outcome_of(gateway: Gateway, messages: Sequence[Message]) -> str:
    """The refusal of an answer in Sichuan's words."""
    start, body = sent_to(gateway, messages)
    assert start["status"] == 200
    told = json.loads(body["body"])
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    (id,) = application_codes(told)
    return id


def application_codes(told: Message) -> frozenset[str]:
    return return_codes("sichuan").outcomes("unknown", told["code"], told["message"])


def gateway(province: Asking, **settings: str) -> Gateway:
    return Gateway(province.platform, [province.profile], (), **settings)


def part(body: bytes, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_parts_is_one_body(province: Asking) -> None:
    body = request(province, "ehc.ehealthcode.query", RIGHT["ehc.ehealthcode.query"])
    parts = [part(body[:100], True), part(body[100:200], True), part(body[200:])]
    assert outcome_of(gateway(province), parts) == "account.unregistered"


@pytest.mark.parametrize(
    "messages",
    [
        [part(b"x" * (LARGEST_BODY + 1))],
        [part(b"x" * LARGEST_BODY, True), part(b"x")],
        [part(b"x" * 1_000_000, True)] * 100,
    ],
    ids=["at once", "one byte more", "without end"],
)
def test_a_body_that_is_too_large_is_refused_before_it_has_arrived(province: Asking, messages: list[Message]) -> None:
    assert outcome_of(gateway(province), messages) == "request.too-large"


def test_the_largest_body_is_read(province: Asking) -> None:
    assert outcome_of(gateway(province), [part(b"x" * LARGEST_BODY)]) == "request.malformed"


def test_a_body_cut_short_is_malformed(province: Asking) -> None:
    messages = [part(b"{", True), {"type": "http.disconnect"}]
    assert outcome_of(gateway(province), messages) == "request.malformed"


def test_a_body_that_does_not_arrive_in_time_is_malformed(province: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "SLOWEST_BODY", 0.001)
    assert outcome_of(gateway(province), [part(b"{", True)]) == "request.malformed"


def test_a_path_of_no_profile_is_not_found(province: Asking) -> None:
    start, *_ = sent_to(gateway(province), [part(b"")], path=PATH + "/more")
    assert start["status"] == 404


def terminal_outcome(province: Asking, terminal: str, **settings: str) -> str:
    content = {**RIGHT[VERIFY], "terminalcode": terminal}
    return outcome_of(gateway(province, **settings), [part(request(province, VERIFY, content))])


def test_a_terminal_out_of_service_may_not_read(province: Asking) -> None:
    around = province.platform.surroundings
    terminals.register(around, Terminal("T1", "510100001"), "test")
    assert terminal_outcome(province, "T1") != "request.terminal-blocked"
    terminals.change(around, "T1", "block", "test")
    province.clock.advance(seconds=2)
    assert terminal_outcome(province, "T1") == "request.terminal-blocked"


def test_whether_unknown_terminals_may_read_is_a_setting(province: Asking) -> None:
    assert terminal_outcome(province, "T2", terminals="registered") == "request.unknown-terminal"
    assert terminal_outcome(province, "T2") != "request.unknown-terminal"


def test_a_defect_of_the_platform_is_its_own_failure_code_and_logs_nothing_personal(
    province: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a defect")

    served = gateway(province)
    monkeypatch.setattr(type(province.platform), "perform", broken)
    body = request(province, "ehc.ehealthcode.query", RIGHT["ehc.ehealthcode.query"])
    with capture_logs() as logs:
        assert outcome_of(served, [part(body)]) == "system.failure"
    assert [log["event"] for log in logs] == ["request failed"]
    assert citizen_number(1) not in str(logs)


def test_answers_are_counted_by_names_of_tables_alone(province: Asking) -> None:
    served = gateway(province)
    sent_to(served, [part(request(province, "ehc.made.up", {}))])
    sent_to(served, [part(b"")])
    counted = {
        (sample.labels["service"], sample.labels["outcome"])
        for metric in served.metrics.registry.collect()
        for sample in metric.samples
        if sample.name == "healthcard_answers_total"
    }
    assert counted == {("unknown", "request.unknown-verb"), ("unknown", "request.malformed")}


def test_a_worker_starts_and_stops(province: Asking) -> None:
    answers: list[str] = []
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Message:
        return next(messages)

    async def send(message: Any) -> None:
        answers.append(message["type"])

    asyncio.run(gateway(province)({"type": "lifespan"}, receive, send))
    assert answers == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.mark.parametrize(
    ("verb", "refusal"),
    [
        (Verify(text=f"{CARD}:1::5101A0001", step="010101"), "code.foreign"),
        (Query(who=Who(ecard_id=CARD)), "account.unregistered"),
    ],
)
def test_refusals_arrive_over_the_application_as_in_process(province: Asking, verb: Verb, refusal: str) -> None:
    _, body = sent_to(gateway(province), [part(province.write(verb).body)])
    with pytest.raises(WireRefusal) as refused:
        province.client.read(verb, body["body"])
    assert refused.value.ids == {refusal}
