"""Tencent's form: every field of every service, every wrong envelope, with the profile's own code; nothing stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reference.access import apps
from reference.gateway.fields import part_rules, services_of
from reference.gateway.profiles.tencent import SERVICE_PATH, Tencent
from reference.gateway.profiles.tencent_services import NOT_OFFERED, REQUESTS, SERVICES, SETTINGS
from reference.gateway.profiles.tencent_signing import signature, signed_parts
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Request
from reference.standard.ecard import load_ecard
from reference.standard.ecard.refusals import refusals
from tests.platform import citizen_number
from tests.reference.gateway.asking import Asking, asking_in
from tests.reference.gateway.tencent_requests import (
    CARD,
    NOON_SECONDS,
    PERSON,
    RIGHT,
    USE,
    message,
    outcome,
    path_of,
    request,
    signed_in,
)
from tests.reference.gateway.wrong_values import WrongValue, wrong_values

CODES = return_codes("tencent")
PARTS = [(service, part) for service in RIGHT for part in part_rules("tencent", service)]
WRONG = wrong_values("tencent", RIGHT)
WRONG_PARTS = wrong_values("tencent", [f"{service}.{part.field}" for service, part in PARTS])
HEADS = wrong_values("tencent", ["*"])
LIST = {"registerBatchHealthCard.healthCardItems": PERSON, "registerHealthCard.childInfo": {}} | {
    "updateHealthCardId.updateHealthCardIdItems": RIGHT["updateHealthCardId"]["updateHealthCardIdItems"][0]
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking_in(tmp_path_factory.mktemp("tencent"), "tencent") as asking:
        yield signed_in(asking)


def refused_with(platform: Asking, sent: Request, refusal: str, service: str, field: str) -> None:
    before = platform.stored()
    told = json.loads(platform.send(sent).body)
    assert platform.stored() == before
    assert told["commonOut"]["resultCode"] == int(CODES.of(service, refusal).code) < 0
    assert f"（{field}）" in told["commonOut"]["errMsg"]
    assert told["rsp"] == {}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_wrong_field_is_refused_with_its_own_code(platform: Asking, wrong: WrongValue) -> None:
    asked = {**RIGHT[wrong.service], wrong.field: wrong.value}
    refused_with(platform, request(platform, wrong.service, asked), wrong.refusal, wrong.service, wrong.field)


@pytest.mark.parametrize("wrong", WRONG_PARTS, ids=lambda wrong: wrong.name)
def test_a_wrong_field_inside_a_part_is_refused_with_its_own_code(platform: Asking, wrong: WrongValue) -> None:
    service, _, part = wrong.service.partition(".")
    inner = {**LIST[wrong.service], wrong.field: wrong.value}
    asked = {**RIGHT[service], part: inner if part == "childInfo" else [inner]}
    refused_with(platform, request(platform, service, asked), wrong.refusal, service, wrong.field)


@pytest.mark.parametrize("wrong", HEADS, ids=lambda wrong: wrong.name)
def test_a_wrong_field_of_the_head_is_refused(platform: Asking, wrong: WrongValue) -> None:
    service = "getHealthCardByHealthCardId"
    sent = request(platform, service, RIGHT[service], **{wrong.field: wrong.value})
    refused_with(platform, sent, wrong.refusal, service, wrong.field)


@pytest.mark.parametrize("service", [service for service in RIGHT if service != "getAppToken"])
def test_the_right_fields_of_each_service_are_understood(platform: Asking, service: str) -> None:
    # Sent, not held against the store: verifications that are refused are kept in the use log.
    assert not platform.send(request(platform, service, RIGHT[service])).outcome.startswith(("request.", "person."))


def test_the_tables_know_the_same_services() -> None:
    assert set(REQUESTS) == SERVICES == set(services_of("tencent")) == set(RIGHT)
    assert not SERVICES & NOT_OFFERED
    assert len(NOT_OFFERED) == len(SETTINGS["not_offered"])


def test_every_refusal_has_a_negative_code_of_its_own() -> None:
    codes = [CODES.of("unknown", id).code for id in refusals()]
    assert len(set(codes)) == len(codes)
    assert all(int(code) < 0 for code in codes)
    assert CODES.of("getAppToken", "request.empty-field").code == "-10044"


@pytest.mark.parametrize("service", sorted(NOT_OFFERED))
def test_a_service_of_the_list_without_a_verb_says_that_it_is_not_offered(platform: Asking, service: str) -> None:
    told = json.loads(platform.send(request(platform, service, {"deep": [[{}]]})).body)
    assert told["commonOut"]["resultCode"] == -10090
    assert told["commonOut"]["requestId"].startswith("R0")


def test_an_unknown_service_is_another_refusal(platform: Asking) -> None:
    sent = platform.send(request(platform, "dropHealthCards", {}))
    assert json.loads(sent.body)["commonOut"]["resultCode"] == int(CODES.of("unknown", "request.unknown-verb").code)
    assert (sent.service, sent.outcome) == ("unknown", "request.unknown-verb")


def test_the_second_path_of_a_card_by_its_id_is_served(platform: Asking) -> None:
    sent = request(platform, "getHealthCardByHealthCardId", RIGHT["getHealthCardByHealthCardId"])
    (other,) = SETTINGS["other_paths"]
    assert other in Tencent.paths
    assert outcome(platform, Request("POST", other, {}, sent.body)) == "account.unregistered"


WRONG_HEADS: dict[str, tuple[dict[str, Any], str]] = {
    "no token": ({"appToken": None}, "request.empty-field"),
    "a token that was never issued": ({"appToken": "0" * 32}, "request.token-invalid"),
    "a token that looks like SQL": ({"appToken": "' OR 1=1 --"}, "request.forbidden-character"),
    "a wrong signature": ({"sign": "A" * 43 + "="}, "request.wrong-signature"),
    "a time long ago": ({"timestamp": NOON_SECONDS - 901}, "request.stale"),
    "a time to come": ({"timestamp": NOON_SECONDS + 31}, "request.future"),
    "a time in milliseconds": ({"timestamp": NOON_SECONDS * 1000}, "request.field-too-long"),
    "a time before all times": ({"timestamp": -1}, "request.field-malformed"),
    "another institution": ({"hospitalId": "510100999"}, "request.unknown-institution"),
    "a field that is not known": ({"more": "1"}, "request.unknown-field"),
    "no request number": ({"requestId": None}, "request.empty-field"),
    "a number of the channel that is none": ({"channelNum": "0x"}, "request.field-malformed"),
}


@pytest.mark.parametrize("case", WRONG_HEADS)
def test_a_wrong_envelope_is_refused(platform: Asking, case: str) -> None:
    changes, refusal = WRONG_HEADS[case]
    service = "getHealthCardByHealthCardId"
    assert outcome(platform, request(platform, service, RIGHT[service], **changes)) == refusal


WRONG_ASKED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a lower-case x": ("registerHealthCard", {"idNumber": "99000019900101003x"}, "person.id-number-lower-case"),
    "a wrong check digit": ("registerHealthCard", {"idNumber": "990000199001010010"}, "person.check-digit"),
    "text that looks like SQL": ("registerHealthCard", {"name": "甲'; DROP TABLE x;--"}, "request.forbidden-character"),
    "an unknown sex": ("registerHealthCard", {"gender": "1"}, "person.unknown-code"),
    "an unknown nation": ("registerHealthCard", {"nation": "01"}, "person.unknown-code"),
    "a mark of truth": ("registerHealthCard", {"name": True}, "request.malformed"),
    "an object where text is due": ("registerHealthCard", {"name": {"a": "甲"}}, "request.field-malformed"),
    "a list where an object is due": ("registerHealthCard", {"childInfo": [{}]}, "request.field-malformed"),
    "a child without guardian": (
        "registerHealthCard",
        {"idNumber": citizen_number(1, birthday="20200101"), "childInfo": {"motherName": "甲"}},
        "person.guardian-missing",
    ),
    "a batch that is empty": ("registerBatchHealthCard", {"healthCardItems": []}, "request.empty-field"),
    "a batch that is text": ("registerBatchHealthCard", {"healthCardItems": "all"}, "request.field-malformed"),
    "a scene without department": ("reportHISData", {"scene": "0101011"}, "request.empty-field"),
    "the other such scene": ("reportHISData", {"scene": "0101012"}, "request.empty-field"),
    "an unknown scene": ("reportHISData", {"scene": "999999"}, "code.unknown-scene"),
    "a use of yesterday": ("reportHISData", {"time": "2025-12-31 23:59:59"}, "request.not-same-day"),
    "a use of no code": ("reportHISData", {"qrCodeText": "nothing"}, "code.garbled"),
    "a document by half": ("getDynamicQRCode", {"idType": None}, "request.empty-field"),
    "a field of the head again": ("verifyQRCode", {"timestamp": "1"}, "request.unknown-field"),
    "a signature inside": ("verifyQRCode", {"sign": "1"}, "request.unknown-field"),
}


@pytest.mark.parametrize("case", WRONG_ASKED)
def test_a_wrong_request_is_refused(platform: Asking, case: str) -> None:
    service, changes, refusal = WRONG_ASKED[case]
    assert outcome(platform, request(platform, service, {**RIGHT[service], **changes})) == refusal


@pytest.mark.parametrize(("service", "part"), [(service, part) for service, part in PARTS if part.limit])
def test_a_batch_holds_as_many_as_its_limit_and_no_more(platform: Asking, service: str, part: Any) -> None:
    most = load_ecard().limit("batch-register")
    assert (part.limit, most) == ("batch-register", 15)
    row = LIST[f"{service}.{part.field}"]
    for number, refusals_of in ((most, "account.unregistered ok"), (most + 1, "request.batch-too-large")):
        rows = [{**row, "idNumber": citizen_number(2 * n + 1)} for n in range(number)]
        assert outcome(platform, request(platform, service, {part.field: rows})) in refusals_of.split()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"commonIn": 1}',
        b'{"commonIn":' * 100_000,
        b'{"req":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"commonIn":{"timestamp":' + b"9" * 10_000 + b"}}",
        b'{"commonIn":{"appToken":"\\ud800"}}',
        b'{"commonIn":{"appToken":["x"]}}',
        b'{"more":{}}',
    ],
    ids=range(12),
)
def test_what_is_no_message_is_malformed(platform: Asking, body: bytes) -> None:
    assert outcome(platform, Request("POST", path_of("verifyQRCode"), {}, body)) in (
        "request.malformed",
        "request.empty-field",
    )


def test_nesting_inside_a_signed_message_is_malformed(platform: Asking) -> None:
    sent = json.dumps(message(platform, "verifyQRCode", RIGHT["verifyQRCode"])).encode()
    for deep in (b'[[{"a":1}]]', b'{"a":{"b":1}}', b"[" * 5000 + b"]" * 5000, b"1.5"):
        body = sent.replace(b'"req": {', b'"req": {"more":' + deep + b",")
        assert outcome(platform, Request("POST", path_of("verifyQRCode"), {}, body)) == "request.malformed"


def test_another_method_than_post_is_refused(platform: Asking) -> None:
    sent = request(platform, "verifyQRCode", RIGHT["verifyQRCode"])
    assert outcome(platform, Request("GET", sent.path, {}, sent.body)) == "request.malformed"


def test_a_change_on_the_way_breaks_the_signature(platform: Asking) -> None:
    for part, field, value in (("req", "medicalStep", "010105"), ("commonIn", "channelNum", 1)):
        sent = message(platform, "verifyQRCode", RIGHT["verifyQRCode"])
        sent[part][field] = value
        body = json.dumps(sent).encode()
        assert outcome(platform, Request("POST", path_of("verifyQRCode"), {}, body)) == "request.wrong-signature"


@pytest.mark.parametrize(
    "moved",
    [
        {"medicalStep": None, "hospitalName": "x&medicalStep=010101"},
        {"medicalStep": None, "hospitalName": None, "hospitalName=x&medicalStep": "010101"},
    ],
)
def test_a_field_hidden_inside_another_is_refused_though_the_signature_fits(
    platform: Asking, moved: dict[str, str]
) -> None:
    asked = {**RIGHT["verifyQRCode"], "hospitalName": "x"}
    sent = message(platform, "verifyQRCode", asked)
    sent["req"] = {name: value for name, value in {**asked, **moved}.items() if value is not None}
    parts = signed_parts(sent["commonIn"], sent["req"])
    assert signature(parts, platform.credentials.secret) == sent["commonIn"]["sign"]
    body = json.dumps(sent).encode()
    assert outcome(platform, Request("POST", path_of("verifyQRCode"), {}, body)) == "request.forbidden-character"


def test_a_request_number_is_taken_once(platform: Asking) -> None:
    service = "getHealthCardByHealthCardId"
    first = request(platform, service, RIGHT[service], requestId="4711")
    assert [outcome(platform, first), outcome(platform, first)] == ["account.unregistered", "request.replayed"]


def test_a_repeated_request_for_a_token_gets_none(tmp_path: Any) -> None:
    with asking_in(tmp_path, "tencent") as asking:
        sent = request(asking, "getAppToken", RIGHT["getAppToken"])
        token = json.loads(asking.send(sent).body)["rsp"]
        assert (len(token["appToken"]), token["expiresIn"]) == (32, 7200)
        again = asking.send(sent)
        assert (again.outcome, json.loads(again.body)["rsp"]) == ("request.replayed", {})


def test_a_token_holds_for_its_time_and_until_the_next_one(tmp_path: Any) -> None:
    with asking_in(tmp_path, "tencent") as asking:
        signed_in(asking)
        service = "getHealthCardByHealthCardId"
        asking.clock.advance(seconds=7199)
        assert outcome(asking, request(asking, service, RIGHT[service])) == "account.unregistered"
        old = asking.client.token  # type: ignore[attr-defined]
        signed_in(asking)
        assert outcome(asking, request(asking, service, RIGHT[service], appToken=old)) == "request.token-invalid"
        asking.clock.advance(seconds=7200)
        assert outcome(asking, request(asking, service, RIGHT[service])) == "request.token-invalid"


def test_a_token_is_no_secret_of_another_application(tmp_path: Any) -> None:
    with asking_in(tmp_path, "tencent") as asking:
        unknown = request(asking, "getAppToken", {"appId": "demo-sichuan"})
        assert outcome(asking, unknown) == "request.unknown-app"
        signed_in(asking)
        apps.change(asking.platform.surroundings, "demo-tencent", "suspend", "test")
        asking.clock.advance(seconds=2)
        service = "getHealthCardByHealthCardId"
        assert outcome(asking, request(asking, service, RIGHT[service])) == "request.app-suspended"


@pytest.mark.parametrize(
    ("service", "asked", "scopes"),
    [
        ("registerHealthCard", {}, {"Register", "ApplyCode"}),
        ("registerHealthCard", {"patid": "P9"}, {"Register", "ApplyCode", "LinkMedium"}),
        ("getDynamicQRCode", {"healthCardId": CARD}, {"ApplyCode"}),
        ("updateHealthCardId", {}, {"Query"}),
        ("reportHISData", USE, {"ReportUses"}),
        ("bindCardRelation", {}, {"LinkMedium"}),
    ],
)
def test_a_service_needs_the_scopes_of_all_its_parts(
    tmp_path: Any, service: str, asked: dict[str, Any], scopes: set[str]
) -> None:
    with asking_in(tmp_path, "tencent") as asking:
        signed_in(asking)
        sent = {**RIGHT[service], **asked}
        for granted in (scopes, *({*scopes} - {one} for one in scopes)):
            apps.grant(
                asking.platform.surroundings,
                "demo-tencent",
                "test",
                scopes=granted,
                daily_quota=0,
                valid_until_ms=None,
            )
            asking.clock.advance(seconds=2)
            told = outcome(asking, request(asking, service, sent))
            assert (told == "request.not-allowed") == (granted != scopes)
        assert outcome(asking, request(asking, "getAppToken", RIGHT["getAppToken"])) == "ok"


def test_paths_below_the_service_path_alone_are_served() -> None:
    assert SERVICE_PATH + "*" in Tencent.paths
