"""The front-end over HTTP: forms, reasons and statuses, the token, the local queue, bad input of every kind."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference.ecard.verbs import Answer, Code, Verb
from reference.front_end.application import InHouseService, LocalQueue
from reference.front_end.facts import facts, limits, reasons
from reference.front_end.refusals import FrontEndRefusal
from reference.gateway.profiles import CLIENTS
from reference.standard.ecard import load_ecard
from reference.standard.ecard.refusals import refusals
from tests.platform import NOON_MS
from tests.reference.front_end.pieces import (
    ACCOUNT,
    CARD,
    CODE,
    CONSUMED,
    DYNAMIC,
    INSURANCE,
    STATIC,
    TERMINAL,
    UNREACHED,
    VERIFIED,
    Bench,
)
from tests.reference.front_end.serving import in_house

READ = {"terminal": TERMINAL, "text": DYNAMIC, "step": "010101"}


@pytest.fixture
def http(front: Bench) -> Iterator[httpx.Client]:
    with in_house(InHouseService(front.front_end, front.uploader)) as client:
        front.platform.asked.clear()
        yield client


def said(http: httpx.Client, path: str, body: object, **headers: str | bytes) -> tuple[int, dict[str, Any]]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = http.post(path, content=content, headers=list(headers.items()))  # type: ignore[arg-type]
    return answer.status_code, answer.json()


def test_a_code_is_read(http: httpx.Client) -> None:
    status, answer = said(http, "/codes/read", READ)
    assert (status, answer["code"], answer["message"]) == (200, "ok", "成功")
    assert answer["data"]["parts"][0]["verified"]["account"]["ecard_id"] == CARD


def test_a_refused_code_is_told_with_reason_and_the_platforms_own_words(http: httpx.Client, front: Bench) -> None:
    front.platform.answers = [CONSUMED]
    status, answer = said(http, "/codes/read", READ)
    assert (status, answer["code"], answer["message_en"]) == (422, "code.consumed", "The code has been used up.")
    assert answer["data"]["parts"][0]["message"] == "00 二维码已使用"


def test_a_foreign_code_is_told_with_its_owner(http: httpx.Client) -> None:
    status, answer = said(http, "/codes/read", READ | {"text": INSURANCE})
    assert (status, answer["code"]) == (422, "front-end.other-owner")
    assert answer["data"]["parts"][0]["owner"] == "medical-insurance"


def test_codes_are_applied_for_and_residents_registered_and_found(http: httpx.Client, front: Bench) -> None:
    front.platform.answers = [CODE, ACCOUNT]
    status, answer = said(http, "/codes/apply", {"terminal": TERMINAL, "who": {"ecard_id": CARD}, "kind": "dynamic"})
    assert (status, answer["data"]["text"]) == (200, DYNAMIC)
    person = {"id_type": "01", "id_number": "11010020171225006X", "name": "测试甲"}
    body = {"terminal": TERMINAL, "person": person, "proof": {"way": "trusted"}}
    assert said(http, "/cards/register", body)[1]["data"]["index_id"] == ACCOUNT.index_id
    assert said(http, "/cards/query", {"terminal": TERMINAL, "who": {"ecard_id": CARD}})[0] == 200


def test_a_fielded_reader_is_answered(http: httpx.Client) -> None:
    body = {
        "content": STATIC,
        "organizationCode": "510100001",
        "serialNumber": "1",
        "method": "search",
        "dataType": {"medSectionCode": "0300", "medStepCode": "010101"},
    }
    assert said(http, "/read", body)[1]["code"] == "ok"
    assert said(http, "/read", body | {"method": "erase"})[1]["code"] == "front-end.malformed"


def test_uses_are_kept_while_the_platform_is_away(http: httpx.Client, front: Bench) -> None:
    front.platform.answers = [UNREACHED]
    assert said(http, "/codes/read", READ)[1]["code"] == "front-end.platform-away"
    use = {"serial": "1", "card": CARD, "used_ms": NOON_MS}
    status, answer = said(http, "/uses", {"terminal": TERMINAL, "uses": [use]})
    assert (status, answer["data"]) == (200, {"kept": 1, "known": 0})
    health = http.get("/health")
    assert health.status_code == 503
    assert (health.json()["platform"], health.json()["uses"]["waiting"]) == ("away", 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", ""),
        (b"{", ""),
        (b"\xff\xfe", ""),
        (b"[" * 100_000, ""),
        (b"[]", ""),
        ({"terminal": TERMINAL}, "text"),
        ({"terminal": 5, "text": DYNAMIC}, "$.terminal"),
        (READ | {"kinds": ["gold"]}, "$.kinds[0]"),
        (READ | {"surplus": 1}, ""),
    ],
)
def test_what_is_not_of_the_form_is_refused_and_nothing_asked(
    http: httpx.Client, front: Bench, body: object, field: str
) -> None:
    status, answer = said(http, "/codes/read", body)
    assert (status, answer["code"], answer["field"]) == (400, "front-end.malformed", field)
    assert front.platform.asked == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(text=st.text(max_size=600), step=st.text(max_size=20), request=st.text(max_size=80))
def test_any_text_is_answered_with_a_reason(http: httpx.Client, text: str, step: str, request: str) -> None:
    body = {"terminal": TERMINAL, "text": text, "step": step, "request": request}
    content = json.dumps(body, ensure_ascii=True).encode()
    status, answer = said(http, "/codes/read", content)
    assert status < 500
    assert answer["code"] in {"ok", *reasons(), *refusals()}


def test_a_body_that_is_too_large_is_refused(http: httpx.Client) -> None:
    body = json.dumps(READ | {"text": "A" * limits()["body-bytes"]}).encode()
    assert said(http, "/codes/read", body)[1]["code"] == "front-end.too-large"


@pytest.mark.parametrize(("method", "path"), [("GET", "/codes/read"), ("POST", "/"), ("POST", "/codes"), ("GET", "/x")])
def test_an_unknown_service_is_told_in_the_same_form(http: httpx.Client, method: str, path: str) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (404, "front-end.unknown-service")


def test_a_fault_of_our_own_is_told_without_its_traceback(http: httpx.Client, front: Bench) -> None:
    front.platform.answers = [ZeroDivisionError("secret")]
    status, answer = said(http, "/codes/read", READ)
    assert (status, answer["code"]) == (500, "front-end.failure")
    assert "secret" not in str(answer)


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "right", "bearer right", "Bearer ключ".encode()])
def test_without_the_right_token_nothing_is_done(front: Bench, given: str | bytes) -> None:
    with in_house(InHouseService(front.front_end, front.uploader, "right")) as http:
        front.platform.asked.clear()
        status, answer = said(http, "/codes/read", READ, **({"authorization": given} if given else {}))
        assert (status, answer["code"]) == (401, "front-end.wrong-token")
        assert front.platform.asked == []
        assert said(http, "/codes/read", READ, authorization="Bearer right")[0] == 200


def test_the_queue_is_bounded_and_says_so() -> None:
    async def crowd() -> tuple[list[object], int]:
        queue, go_on = LocalQueue(at_once=2, waiting=3, seconds=5), threading.Event()
        tasks = [asyncio.create_task(queue.run(lambda: go_on.wait(10))) for _ in range(10)]
        await asyncio.sleep(0)
        waiting = queue.waiting
        go_on.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        queue.close()
        return list(done), waiting

    done, waiting = asyncio.run(crowd())
    refused = [one for one in done if isinstance(one, FrontEndRefusal)]
    assert {one.id for one in refused} == {"front-end.busy"}
    assert (len(refused), done.count(True), waiting) == (5, 5, 3)


def test_who_waits_too_long_is_told_to_come_again() -> None:
    async def two() -> str:
        queue, go_on = LocalQueue(at_once=1, waiting=5, seconds=0.01), threading.Event()
        first = asyncio.create_task(queue.run(lambda: go_on.wait(10)))
        await asyncio.sleep(0)
        try:
            await queue.run(lambda: True)
        except FrontEndRefusal as refusal:
            return refusal.id
        finally:
            go_on.set()
            await first
            queue.close()
        return "done"

    assert asyncio.run(two()) == "front-end.busy"


def test_many_terminals_at_one_time_are_all_answered(http: httpx.Client, front: Bench) -> None:
    gate = threading.Barrier(4, timeout=10)

    def together(verb: Verb) -> Answer:
        gate.wait()
        return VERIFIED

    front.platform.answers = [together]
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(said(http, "/codes/read", READ)[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert statuses == [200] * 4


def test_the_table_has_every_profile_and_names_only_what_exists() -> None:
    assert {row.id for row in facts().profile} == set(CLIENTS)
    assert facts().record_faults.ids <= set(refusals())
    assert {row.step for row in facts().business} <= set(load_ecard().codes["diagnosis-step"])
    assert {row.value for row in facts().business} <= set(load_ecard().codes["insurance-business-type"])
    assert not set(reasons()) & set(refusals())
    assert isinstance(CODE, Code)
