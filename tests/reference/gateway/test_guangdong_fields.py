"""Guangdong's form: every field of every method, every wrong envelope, with the profile's own code; nothing stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reference.gateway.profiles.guangdong_sealing import conceal
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Request
from tests.platform import NOON_MS, citizen_number
from tests.reference.gateway.asking import Asking, asking_in
from tests.reference.gateway.guangdong_requests import PERSON, RIGHT, request
from tests.reference.gateway.wrong_values import WrongValue, wrong_values

WRONG = wrong_values("guangdong", RIGHT)
HEADS = wrong_values("guangdong", ["*"])


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking_in(tmp_path_factory.mktemp("guangdong"), "guangdong") as asking:
        yield asking


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_wrong_field_is_refused_with_its_own_code(province: Asking, wrong: WrongValue) -> None:
    fields = {**RIGHT[wrong.service], wrong.field: wrong.value}
    before = province.stored()
    told = json.loads(province.post(request(province, wrong.service, fields)).body)
    assert province.stored() == before
    assert told["returnCode"] == int(return_codes("guangdong").of(wrong.service, wrong.refusal).code)
    assert f"（{wrong.field}）" in told["returnDesc"]


@pytest.mark.parametrize("wrong", HEADS, ids=lambda wrong: wrong.name)
def test_a_wrong_field_of_the_head_is_refused(province: Asking, wrong: WrongValue) -> None:
    body = request(province, "getPersonInfo", RIGHT["getPersonInfo"], **{wrong.field: wrong.value})
    assert province.refused(body) == wrong.refusal


@pytest.mark.parametrize("method", RIGHT)
def test_the_right_fields_of_each_method_are_understood(province: Asking, method: str) -> None:
    assert not province.refused(request(province, method, RIGHT[method])).startswith(("request.", "person."))


WRONG_HEADS: dict[str, tuple[dict[str, object], str]] = {
    "another version": ({"version": "2.0"}, "request.field-malformed"),
    "3DES": ({"encryptMode": "DESede/ECB/ZeroBytePadding"}, "request.field-malformed"),
    "another mode of signing": ({"signMode": "SHA256"}, "request.field-malformed"),
    "somebody else's application": ({"appId": "demo-sichuan"}, "request.unknown-app"),
    "an unknown application": ({"appId": "' OR 1=1 --"}, "request.forbidden-character"),
    "no application": ({"appId": "11111111-0000-4000-8000-00000000demo"}, "request.unknown-app"),
    "a wrong signature of the head": ({"headSign": "0" * 64}, "request.wrong-signature"),
    "a wrong signature of the body": ({"bodySign": "0" * 64}, "request.wrong-signature"),
    "a signature that is no text of ASCII": ({"bodySign": "签" * 64}, "request.wrong-signature"),
    "an unknown method": ({"method": "dropVmcard"}, "request.unknown-verb"),
    "another institution in the head": ({"orgCode": "510100999"}, "request.unknown-institution"),
    "a field that is not known": ({"more": "1"}, "request.malformed"),
    "a body that is no object": ({"body": []}, "request.malformed"),
    "a time that is not enciphered": ({"timestamp": str(NOON_MS // 1000)}, "request.decryption-failed"),
}


@pytest.mark.parametrize("case", WRONG_HEADS)
def test_a_wrong_envelope_is_refused(province: Asking, case: str) -> None:
    changes, refusal = WRONG_HEADS[case]
    assert province.refused(request(province, "getPersonInfo", RIGHT["getPersonInfo"], **changes)) == refusal


WRONG_BODIES: dict[str, tuple[dict[str, object], str]] = {
    "another institution": ({"orgCode": "510100999"}, "request.unknown-institution"),
    "no institution": ({"orgCode": None}, "request.empty-field"),
    "no registration number": ({"appRecordNo": None}, "request.empty-field"),
    "a registration number of another form": ({"appRecordNo": "5101A0001ABCD000X"}, "request.field-malformed"),
    "a lower-case x": ({"idCode": "99000019900101003x"}, "person.id-number-lower-case"),
    "a wrong check digit": ({"idCode": "990000199001010010"}, "person.check-digit"),
    "text that looks like SQL": ({"name": "甲'; DROP TABLE accounts; --"}, "request.forbidden-character"),
    "a field in plain text": ({"phone": 13900000000}, "request.decryption-failed"),
    "a nested object": ({"address": {"a": "b"}}, "request.malformed"),
    "a list": ({"address": ["a"]}, "request.malformed"),
    "a mark of truth": ({"address": True}, "request.malformed"),
    "an unknown way of proof": ({"authMode": "7"}, "person.unknown-code"),
    "a photo that is not Base64": ({"scenePhoto": "A"}, "person.image-malformed"),
    "a photo that is no image": ({"scenePhoto": "QUJD"}, "person.image-malformed"),
    "a photo that is too large": ({"scenePhoto": "QUJD" * 70_000}, "person.image-too-large"),
    "a certifying clerk who is not named": ({"authMode": "2"}, "person.clerk-missing"),
    "a child without guardian": ({"personnelType": "2", "idCode": citizen_number(7)}, "person.guardian-missing"),
}


@pytest.mark.parametrize("case", WRONG_BODIES)
def test_a_wrong_body_is_refused(province: Asking, case: str) -> None:
    changes, refusal = WRONG_BODIES[case]
    body = request(province, "createVmcardQRcode", {**RIGHT["createVmcardQRcode"], **changes})
    assert province.refused(body) == refusal


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"method": 1}',
        b'{"body":' * 100_000,
        b'{"body":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"nonceStr":' + b"9" * 10_000 + b"}",
        b'{"method":"\\ud800"}',
    ],
    ids=range(10),
)
def test_what_is_no_envelope_is_malformed(province: Asking, body: bytes) -> None:
    assert province.refused(body) == "request.malformed"


@pytest.mark.parametrize(
    ("seconds", "refusal"),
    [
        (NOON_MS // 1000 - 901, "request.stale"),
        (NOON_MS // 1000 + 31, "request.future"),
        (10**13, "request.field-malformed"),
        (-5, "request.field-malformed"),
    ],
)
def test_a_request_out_of_its_time_is_refused(province: Asking, seconds: int, refusal: str) -> None:
    sealed = conceal(str(seconds), province.credentials.secret)
    assert province.refused(request(province, "getPersonInfo", RIGHT["getPersonInfo"], timestamp=sealed)) == refusal


def test_a_nonce_is_taken_once(province: Asking) -> None:
    first = request(province, "getPersonInfo", RIGHT["getPersonInfo"], nonceStr="4711")
    assert province.refused(first) == "account.unregistered"
    assert province.refused(first) == "request.replayed"
    another = request(province, "queryIfHasRegistered", RIGHT["queryIfHasRegistered"], nonceStr=4711)
    assert province.refused(another) == "request.replayed"


def test_a_body_changed_on_the_way_does_not_fit_its_signature(province: Asking) -> None:
    sent = json.loads(request(province, "getPersonInfo", RIGHT["getPersonInfo"]))
    sent["body"]["erhcCardNo"] = "0" * 64
    assert province.refused(json.dumps(sent).encode()) == "request.wrong-signature"
    del sent["body"]["erhcCardNo"]
    assert province.refused(json.dumps(sent).encode()) == "request.wrong-signature"


def test_who_cannot_sign_gets_nothing_enciphered(province: Asking) -> None:
    sent = province.post(request(province, "getPersonInfo", RIGHT["getPersonInfo"], bodySign="0" * 64))
    told = json.loads(sent.body)
    assert (told["timestamp"], told["signString"], told["datas"]) == ("", "", None)


def test_the_older_mode_of_signing_is_taken_too(province: Asking) -> None:
    asked = {**RIGHT["queryIfHasRegistered"], "idCode": citizen_number(9)}
    body = request(province, "queryIfHasRegistered", asked, "MD5")
    told = json.loads(province.post(body).body)
    assert (told["returnCode"], told["datas"], len(told["signString"])) == (
        0,
        {"parameters": 0, "remarks": "未注册"},
        32,
    )


def test_the_institution_may_stand_in_the_head_as_in_older_versions(province: Asking) -> None:
    body = request(
        province,
        "queryIfHasRegistered",
        {**RIGHT["queryIfHasRegistered"], "orgCode": None},
        version="V1.0.6",
        orgCode=province.credentials.institution,
    )
    assert province.refused(body) == "ok"


def test_another_method_than_post_is_refused(province: Asking) -> None:
    body = request(province, "getPersonInfo", RIGHT["getPersonInfo"])
    assert province.send(Request("GET", "/api/do", {}, body)).outcome == "request.malformed"


def test_whether_somebody_is_registered_is_an_answer_both_ways(tmp_path: Path) -> None:
    with asking_in(tmp_path, "guangdong") as province:
        person = {**PERSON, "idCode": citizen_number(3)}
        asked = {"idCardTypeCode": "01", "idCode": person["idCode"], "appMode": "3"}
        before = json.loads(province.post(request(province, "queryIfHasRegistered", asked)).body)
        made = json.loads(
            province.post(
                request(province, "createVmcardQRcode", {**person, "personnelType": "1", "appMode": "3"})
            ).body
        )
        after = json.loads(province.post(request(province, "queryIfHasRegistered", asked)).body)
        assert (before["datas"]["parameters"], after["datas"]["parameters"]) == (0, 1)
        assert made["datas"]["qrCode"] == f"{made['datas']['erhcCardNo']}:1"
        assert made["datas"]["name"] == conceal("测试甲", province.credentials.secret)
