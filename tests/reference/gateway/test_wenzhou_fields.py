"""Wenzhou's form: every field of every trade, every wrong header, with the profile's own code; nothing stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from reference.ecard.moments import china_text
from reference.gateway.profiles.wenzhou import signature_of
from reference.gateway.profiles.wenzhou_services import REQUESTS
from reference.gateway.profiles.wenzhou_xml import read_return
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Request
from tests.platform import NOON_MS, citizen_number
from tests.reference.gateway.asking import Asking, asking_in
from tests.reference.gateway.wenzhou_requests import CARD, PERSON, RIGHT, request
from tests.reference.gateway.wrong_values import WrongValue, wrong_values

WRONG = wrong_values("wenzhou", RIGHT)
HEADERS = wrong_values("wenzhou", ["*"])


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking_in(tmp_path_factory.mktemp("wenzhou"), "wenzhou") as asking:
        yield asking


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_wrong_field_is_refused_with_its_own_code(city: Asking, wrong: WrongValue) -> None:
    before = city.stored()
    sent = city.post(request(city, wrong.service, {**RIGHT[wrong.service], wrong.field: wrong.value}))
    assert city.stored() == before
    result, message = read_return(sent.body)
    assert result["return_code"] == return_codes("wenzhou").of(wrong.service, wrong.refusal).code
    assert f"（{wrong.field}）" in result["return_info"]
    assert (result["tradecode"], message) == (wrong.service, {})


@pytest.mark.parametrize("wrong", HEADERS, ids=lambda wrong: wrong.name)
def test_a_wrong_field_of_the_header_is_refused(city: Asking, wrong: WrongValue) -> None:
    assert city.refused(request(city, "12002", RIGHT["12002"], **{wrong.field: wrong.value})) == wrong.refusal


@pytest.mark.parametrize("trade", RIGHT)
def test_the_right_fields_of_each_trade_are_understood(city: Asking, trade: str) -> None:
    assert not city.refused(request(city, trade, RIGHT[trade])).startswith(("request.", "person."))


def test_every_trade_but_the_time_has_fields() -> None:
    assert set(RIGHT) == set(REQUESTS) - {"10001"}


WRONG_HEADERS = {
    "an unknown trade": ({"tradecode": "99999"}, "request.unknown-verb"),
    "an unknown application": ({"token": "nobody"}, "request.unknown-app"),
    "somebody else's application": ({"token": "demo-sichuan"}, "request.unknown-app"),
    "another institution": ({"organization_id": "510100999"}, "request.unknown-institution"),
    "a wrong signature": ({"guarantee_code": "0" * 64}, "request.wrong-signature"),
    "a signature that is no text of ASCII": ({"guarantee_code": "签" * 64}, "request.wrong-signature"),
    "an old time": ({"request_time": china_text(NOON_MS - 901_000, "yyyy-MM-dd HH:mm:ss")}, "request.stale"),
    "a time to come": ({"request_time": china_text(NOON_MS + 31_000, "yyyy-MM-dd HH:mm:ss")}, "request.future"),
    "text that looks like SQL": ({"token": "' OR 1=1 --"}, "request.forbidden-character"),
}


@pytest.mark.parametrize("case", WRONG_HEADERS)
def test_a_wrong_header_is_refused(city: Asking, case: str) -> None:
    changes, refusal = WRONG_HEADERS[case]
    assert city.refused(request(city, "12002", RIGHT["12002"], **changes)) == refusal


WRONG_BODIES = {
    "a lower-case x": ("11001", {"idcard_value": "99000019900101003x"}, "person.id-number-lower-case"),
    "a lower-case x in a query": ("12002", {"idcard_value": "99000019900101003x"}, "person.id-number-lower-case"),
    "a wrong check digit": ("11001", {"idcard_value": "990000199001010010"}, "person.check-digit"),
    "text that looks like SQL": ("11001", {"name": "甲'; DROP TABLE accounts; --"}, "request.forbidden-character"),
    "nobody named": ("11004", {"erhc_cardno": ""}, "request.empty-field"),
    "a document without type": ("12002", {"idcard_type": ""}, "request.empty-field"),
    "a window without clerk": ("11001", {"terminal_type": "01"}, "person.clerk-missing"),
    "an unknown reason": ("11003", {"reason": "whim"}, "person.unknown-code"),
    "an age beyond all ages": ("T0001", {"age": "999"}, "request.field-malformed"),
    "a code that is none": ("12001", {"qrcode_info": "hello"}, "code.garbled"),
    "a temporary code of nobody": ("12001", {"qrcode_info": "F" * 64 + ":T:20260101120000"}, "temporary.unknown"),
    "a temporary code never issued": ("12001", {"qrcode_info": "0" * 64 + ":T:20260101120000"}, "temporary.unknown"),
}


@pytest.mark.parametrize("case", WRONG_BODIES)
def test_a_wrong_body_is_refused(city: Asking, case: str) -> None:
    trade, changes, refusal = WRONG_BODIES[case]
    assert city.refused(request(city, trade, {**RIGHT[trade], **changes})) == refusal


def test_the_signature_is_the_keyed_digest_of_header_and_body() -> None:
    signed = b"organization_id=510100001&token=demo-wenzhou&tradecode=10001&body=<body/>"
    inner, outer = bytes([0x36] * 64), bytes([0x5C] * 64)
    key = bytes(range(16)).ljust(64, b"\0")
    inside = hashlib.new("sm3", bytes(a ^ b for a, b in zip(key, inner, strict=True)) + signed).digest()
    whole = hashlib.new("sm3", bytes(a ^ b for a, b in zip(key, outer, strict=True)) + inside).hexdigest().upper()
    header = {"tradecode": "10001", "token": "demo-wenzhou", "organization_id": "510100001", "guarantee_code": "x"}
    assert signature_of({**header, "client_ip": ""}, "<body/>", bytes(range(16))) == whole


def test_a_signature_is_taken_once(city: Asking) -> None:
    first = request(city, "12002", {**RIGHT["12002"], "idcard_value": citizen_number(21)})
    assert city.refused(first) == "account.unregistered"
    assert city.refused(first) == "request.replayed"


def test_who_asks_for_the_time_may_have_a_wrong_clock(city: Asking) -> None:
    asked = request(city, "10001", {}, request_time="1999-01-01 00:00:00")
    for _ in range(2):
        result, message = read_return(city.post(asked).body)
        assert (result["return_code"], message) == ("1", {"server_datetime": "2026-01-01 12:00:00"})


@pytest.mark.parametrize(
    ("alias", "trade"), [("30001", "11001"), ("30002", "11002"), ("30003", "11003"), ("30005", "12002")]
)
def test_an_alias_asks_for_the_same(city: Asking, alias: str, trade: str) -> None:
    fields = dict(RIGHT[trade]) | {"idcard_value": citizen_number(31)} if trade == "12002" else dict(RIGHT[trade])
    first = city.post(request(city, trade, fields))
    second = city.post(request(city, alias, fields))
    assert (first.outcome, first.service) == (second.outcome, second.service)


def test_an_unregistered_person_has_the_code_of_the_source(city: Asking) -> None:
    asked = {"idcard_type": "01", "idcard_value": citizen_number(41), "name": "测试丁"}
    result, _ = read_return(city.post(request(city, "12002", asked)).body)
    assert result["return_code"] == "-20010"


def test_a_wrong_name_finds_nobody_and_cancels_nobody(city: Asking) -> None:
    person = {**PERSON, "idcard_value": citizen_number(51)}
    assert city.refused(request(city, "11001", person)) == "ok"
    document = {name: person[name] for name in ("idcard_type", "idcard_value", "appmode", "terminal_type")}
    for trade in ("11003", "11004", "30004", "12002"):
        assert city.refused(request(city, trade, {**document, "name": "测试乙"})) == "account.unregistered"
    assert city.refused(request(city, "11003", {**document, "name": "测试甲"})) == "ok"


def test_a_cancelled_card_comes_back_by_a_new_application_with_a_dynamic_code(city: Asking) -> None:
    person = {**PERSON, "idcard_value": citizen_number(61)}
    _, card = read_return(city.post(request(city, "11001", person)).body)
    assert (
        city.refused(
            request(city, "11003", {"erhc_cardno": card["erhc_cardno"], "appmode": "3", "terminal_type": "99"})
        )
        == "ok"
    )
    result, back = read_return(city.post(request(city, "11001", person)).body)
    assert (result["return_code"], back["erhc_cardno"], back["qrcode_type"]) == ("1", card["erhc_cardno"], "0")
    assert back["qrcode_info"] != card["qrcode_info"]


def test_a_cancellation_with_somebody_elses_code_is_refused(city: Asking) -> None:
    one, other = ({**PERSON, "idcard_value": citizen_number(number)} for number in (71, 73))
    _, first = read_return(city.post(request(city, "11001", one)).body)
    _, second = read_return(city.post(request(city, "11001", other)).body)
    fields = {"erhc_cardno": first["erhc_cardno"], "appmode": "3", "terminal_type": "99"}
    assert (
        city.refused(request(city, "11003", {**fields, "qrcode_info": second["qrcode_info"]}))
        == "account.identity-mismatch"
    )
    assert city.refused(request(city, "11003", {**fields, "qrcode_info": first["qrcode_info"]})) == "ok"


def test_another_method_than_post_is_refused(city: Asking) -> None:
    sent = city.send(Request("GET", city.profile.paths[0], {}, b""))
    assert sent.outcome == "request.malformed"
    assert CARD not in sent.body.decode()
