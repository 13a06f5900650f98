"""Sichuan's form: every field of every method, every wrong envelope, each told in its own words; nothing stored."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reference.access import apps, institutions
from reference.access.apps import AppOrder
from reference.crypto.block_texts import encipher
from reference.ecard.verbs import Institution, Query, UpdateInstitution, Who
from reference.gateway.application import LARGEST_BODY
from reference.gateway.demo import OPERATOR
from reference.gateway.fields import part_rules, services_of
from reference.gateway.profiles.sichuan_services import REQUESTS, SETTINGS
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Request
from reference.standard.ecard import load_ecard
from reference.standard.ecard.refusals import refusals
from tests.platform import NOON_MS
from tests.reference.gateway.asking import Asking, asking_in
from tests.reference.gateway.sichuan_requests import CARD, RIGHT, USE, opened, request
from tests.reference.gateway.wrong_values import WrongValue, wrong_values

CODES = return_codes("sichuan")
QUERY = "ehc.ehealthcode.query"
UPLOAD = "ehc.ehealthcode.usecarddate"
SAME = SETTINGS["same_fields"]
WRONG = wrong_values("sichuan", [method for method in RIGHT if method not in SAME])
WRONG_USES = wrong_values("sichuan", [f"{UPLOAD}.data"])
HEADS = wrong_values("sichuan", ["*"])


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking_in(tmp_path_factory.mktemp("sichuan"), "sichuan") as asking:
        yield asking


def refused_with(province: Asking, body: bytes, refusal: str, method: str, field: str) -> None:
    before = province.stored()
    told = json.loads(province.post(body).body)
    assert province.stored() == before
    assert told == {"code": "00", "message": f"{CODES.words(method, refusal)}（{field}）"}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_wrong_field_is_refused_in_its_own_words(province: Asking, wrong: WrongValue) -> None:
    content = {**RIGHT[wrong.service], wrong.field: wrong.value}
    refused_with(province, request(province, wrong.service, content), wrong.refusal, wrong.service, wrong.field)


@pytest.mark.parametrize("wrong", WRONG_USES, ids=lambda wrong: wrong.name)
def test_a_wrong_field_of_a_use_refuses_the_whole_batch(province: Asking, wrong: WrongValue) -> None:
    uses = [{**USE, "use_no": "2"}, {**USE, wrong.field: wrong.value}]
    refused_with(province, request(province, UPLOAD, {"data": uses}), wrong.refusal, UPLOAD, wrong.field)


@pytest.mark.parametrize("wrong", HEADS, ids=lambda wrong: wrong.name)
def test_a_wrong_field_of_the_envelope_is_refused(province: Asking, wrong: WrongValue) -> None:
    body = request(province, QUERY, RIGHT[QUERY], **{wrong.field: wrong.value})
    refused_with(province, body, wrong.refusal, "unknown" if wrong.field == "method" else QUERY, wrong.field)


@pytest.mark.parametrize("method", RIGHT)
def test_the_right_fields_of_each_method_are_understood(province: Asking, method: str) -> None:
    # Sent, not held against the store: verifications that are refused are kept in the use log.
    outcome = province.post(request(province, method, RIGHT[method])).outcome
    assert outcome == "ok" or outcome.startswith(("account.", "registry.", "code."))


def test_the_tables_know_the_same_methods() -> None:
    assert set(REQUESTS) == set(RIGHT) == set(services_of("sichuan")) | set(SAME)
    assert all(part_rules("sichuan", method) == () for method in RIGHT if method != UPLOAD)


def test_the_words_of_every_refusal_are_its_own() -> None:
    for method in (*RIGHT, "unknown"):
        for id in refusals():
            code, words = CODES.of(method, id).code, CODES.words(method, id)
            assert code == "00"
            assert CODES.outcomes(method, code, words) == CODES.outcomes(method, code, f"{words}（name）") == {id}
        assert CODES.outcomes(method, "10", "成功") == {"ok"}


def test_words_that_nobody_says_leave_every_refusal_open() -> None:
    assert CODES.outcomes(QUERY, "00", "别的话") == set(refusals())
    assert CODES.outcomes(QUERY, "77", "成功") == frozenset()


WRONG_HEADS: dict[str, tuple[dict[str, Any], str]] = {
    "a wrong digest": ({"digest": "0" * 64}, "request.wrong-signature"),
    "a digest that is no text of ASCII": ({"digest": "签" * 64}, "request.wrong-signature"),
    "a digest in lower case": ({"digest": "a" * 64}, "request.wrong-signature"),
    "a time long ago": ({"timestamp": str(NOON_MS - 900_001)}, "request.stale"),
    "a time to come": ({"timestamp": str(NOON_MS + 30_001)}, "request.future"),
    "a time in seconds": ({"timestamp": str(NOON_MS // 1000)}, "request.stale"),
    "a time that is no number": ({"timestamp": "-1"}, "request.field-malformed"),
    "a time in other digits": ({"timestamp": "１７６７２４０００００００"}, "request.field-malformed"),
    "a time that is a number": ({"timestamp": NOON_MS, "digest": "0" * 64}, "request.malformed"),
    "an unknown application": ({"app_id": "nobody"}, "request.unknown-app"),
    "another profile's application": ({"app_id": "demo-guangdong"}, "request.unknown-app"),
    "an application that looks like SQL": ({"app_id": "' OR 1=1 --"}, "request.forbidden-character"),
    "another version": ({"version": "X.M.0.2"}, "request.field-malformed"),
    "another digest": ({"digest_type": "MD5"}, "request.field-malformed"),
    "another cipher": ({"enc_type": "AES"}, "request.field-malformed"),
    "an unknown method": ({"method": "ehc.ehealthcard.drop"}, "request.unknown-verb"),
    "a field that is not known": ({"more": "1"}, "request.malformed"),
    "a body that is an object": ({"biz_content": {}, "digest": "0" * 64}, "request.malformed"),
    "a body that is no Base64": ({"biz_content": "QUJ"}, "request.decryption-failed"),
    "a body with blanks": ({"biz_content": "QU JD"}, "request.decryption-failed"),
    "a body of half a block": ({"biz_content": "QUJD"}, "request.decryption-failed"),
}


@pytest.mark.parametrize("case", WRONG_HEADS)
def test_a_wrong_envelope_is_refused(province: Asking, case: str) -> None:
    changes, refusal = WRONG_HEADS[case]
    assert province.refused(request(province, QUERY, RIGHT[QUERY], **changes)) == refusal


@pytest.mark.parametrize("ago", [-900_000, 30_000])
def test_a_time_at_the_edge_of_the_window_is_taken(province: Asking, ago: int) -> None:
    body = request(province, QUERY, RIGHT[QUERY], timestamp=str(NOON_MS + ago))
    assert not province.refused(body).startswith("request.")


@pytest.mark.parametrize("ending", [b"\x00" * 16, b"\x11" * 16, b"x" * 14 + b"\x01\x02", b"x" * 15 + b"\x00"])
def test_wrong_padding_is_refused_and_tells_no_more_than_a_wrong_key(province: Asking, ending: bytes) -> None:
    sealed = base64.b64encode(encipher(province.credentials.secret, b"{" + b" " * 14 + b"}" + ending, "zero")).decode()
    first = province.post(request(province, QUERY, RIGHT[QUERY], biz_content=sealed))
    other = base64.b64encode(encipher(bytes(16), b"{}")).decode()
    second = province.post(request(province, QUERY, RIGHT[QUERY], biz_content=other))
    assert first.outcome == second.outcome == "request.decryption-failed"
    assert first.body == second.body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"method": 1}',
        b'{"method": null}',
        b'{"method": true}',
        b'{"biz_content":' * 100_000,
        b"[" * 1_000_000,
        b'{"timestamp":' + b"9" * 10_000 + b"}",
        b'{"method":"\\ud800"}',
        b"<xml/>",
    ],
    ids=range(13),
)
def test_what_is_no_envelope_is_malformed(province: Asking, body: bytes) -> None:
    assert province.refused(body) == "request.malformed"


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xef\xbf\xbd",
        b'{"id_no":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"more":[[1]]}',
        b'{"more":{"a":1}}',
        b'{"more":[{"a":{}}]}',
        b'{"id_no":true}',
        b'{"id_no":1.5}',
        b'{"id_no":' + b"9" * 10_000 + b"}",
        b'{"id_no":"\\ud800"}',
        b'{"id_no":NaN}',
    ],
    ids=range(14),
)
def test_a_signed_body_in_another_shape_is_malformed(province: Asking, plain: bytes) -> None:
    assert province.refused(request(province, QUERY, plain)) == "request.malformed"


WRONG_BODIES: dict[str, tuple[str, dict[str, Any], str]] = {
    "a lower-case x": ("ehc.ehealthcard.register", {"id_no": "99000019900101003x"}, "person.id-number-lower-case"),
    "a wrong check digit": ("ehc.ehealthcard.register", {"id_no": "990000199001010010"}, "person.check-digit"),
    "an unknown document": ("ehc.ehealthcard.register", {"id_type": "42"}, "person.unknown-id-type"),
    "text that looks like SQL": ("ehc.ehealthcard.register", {"name": "甲'; DROP x;--"}, "request.forbidden-character"),
    "a list where text is due": ("ehc.ehealthcard.register", {"name": [{}]}, "request.field-malformed"),
    "another birthday": ("ehc.ehealthcard.register", {"birthday": "19900102"}, "person.birthday-differs"),
    "another sex": ("ehc.ehealthcard.register", {"gender": "2"}, "person.sex-differs"),
    "an unknown way of proof": ("ehc.ehealthcard.register", {"rzfs": "7"}, "person.unknown-code"),
    "an unknown mode": ("ehc.ehealthcard.register", {"apply_type": "77"}, "person.unknown-code"),
    "a photo that is not Base64": ("ehc.ehealthcard.register", {"file1": "A"}, "person.image-malformed"),
    "a photo that is no image": ("ehc.ehealthcard.register", {"file1": "QUJD"}, "person.image-malformed"),
    "a photo that is too large": ("ehc.ehealthcard.register", {"file1": "QUJD" * 70_000}, "person.image-too-large"),
    "a clerk who is not named": ("ehc.ehealthcard.register", {"rzfs": "2"}, "person.clerk-missing"),
    "an unknown proof of a change": ("ehc.ehealthcard.modify", {"rzfs": "7"}, "person.unknown-code"),
    "an unknown flag of the code": ("ehc.ehealthcode.generate", {"ewmbs": "7"}, "person.unknown-code"),
    "a query of nobody": (QUERY, {"id_no": None}, "request.empty-field"),
    "a query of nobody at all": (QUERY, {"id_type": None, "id_no": None}, "request.empty-field"),
    "an unknown flag of an institution": ("ehc.org.addorg", {"valid": "7"}, "person.unknown-code"),
    "an institution's end that is no date": ("ehc.org.addorg", {"validtime": "2026"}, "request.field-malformed"),
    "no uses": (UPLOAD, {"data": None}, "request.empty-field"),
    "an empty batch": (UPLOAD, {"data": []}, "request.empty-field"),
    "a batch that is text": (UPLOAD, {"data": "all"}, "request.field-malformed"),
    "a use of yesterday": (UPLOAD, {"data": [USE | {"use_time": "20251231235959"}]}, "request.not-same-day"),
    "a use to come": (UPLOAD, {"data": [USE | {"use_time": "20260101120100"}]}, "request.not-same-day"),
    "a use at an unknown step": (UPLOAD, {"data": [USE | {"medstepcode": "999999"}]}, "code.unknown-scene"),
}


@pytest.mark.parametrize("case", WRONG_BODIES)
def test_a_wrong_body_is_refused(province: Asking, case: str) -> None:
    method, changes, refusal = WRONG_BODIES[case]
    assert province.refused(request(province, method, {**RIGHT[method], **changes})) == refusal


def test_a_batch_holds_five_hundred_uses_and_no_more(tmp_path: Path) -> None:
    most = load_ecard().limit("batch-use-records")
    assert most == 500
    with asking_in(tmp_path, "sichuan") as province:
        uses = [{**USE, "use_no": str(number)} for number in range(most + 1)]
        assert province.refused(request(province, UPLOAD, {"data": uses})) == "request.batch-too-large"
        kept = opened(province, province.post(request(province, UPLOAD, {"data": uses[:most]})).body)
        assert kept["biz_content"] == {"kept": "500", "known": "0"}
        again = opened(province, province.post(request(province, UPLOAD, {"data": uses[1:]})).body)
        assert again["biz_content"] == {"kept": "1", "known": "499"}


def test_a_digest_is_taken_once(province: Asking) -> None:
    body = request(province, QUERY, RIGHT[QUERY])
    assert [province.refused(body) == "request.replayed" for _ in range(3)] == [False, True, True]


@pytest.mark.parametrize("field", ["method", "term_id", "timestamp"])
def test_a_change_on_the_way_breaks_the_digest(province: Asking, field: str) -> None:
    sent = json.loads(request(province, QUERY, RIGHT[QUERY]))
    sent[field] = {"method": "ehc.ehealthcard.close", "term_id": "", "timestamp": str(NOON_MS + 1)}[field]
    assert province.refused(json.dumps(sent).encode()) == "request.wrong-signature"


def test_a_body_of_another_request_breaks_the_digest(province: Asking) -> None:
    sent, other = (json.loads(request(province, QUERY, RIGHT[QUERY])) for _ in range(2))
    sent["biz_content"] = other["biz_content"]
    assert province.refused(json.dumps(sent).encode()) == "request.wrong-signature"


def test_another_http_method_is_refused(province: Asking) -> None:
    body = request(province, QUERY, RIGHT[QUERY])
    assert province.send(Request("GET", province.profile.paths[0], {}, body)).outcome == "request.malformed"


def test_a_body_that_fills_the_field_is_read_and_one_more_character_is_not(province: Asking) -> None:
    for length, refusal in ((1_000_000, "request.decryption-failed"), (1_000_004, "request.field-too-long")):
        assert province.refused(request(province, QUERY, RIGHT[QUERY], biz_content="Q" * length)) == refusal
    assert LARGEST_BODY > 1_000_004


def changed_app(tmp_path: Path, event: str) -> str:
    with asking_in(tmp_path, "sichuan") as province:
        apps.change(province.platform.surroundings, "demo-sichuan", event, "test")
        return province.refused(request(province, QUERY, RIGHT[QUERY]))


@pytest.mark.parametrize("event", ["suspend", "revoke"])
def test_an_application_out_of_service_is_refused(tmp_path: Path, event: str) -> None:
    assert changed_app(tmp_path, event) == "request.app-suspended"


def test_an_application_that_is_not_approved_yet_is_refused(tmp_path: Path) -> None:
    with asking_in(tmp_path, "sichuan") as province:
        secret = apps.apply(province.platform.surroundings, AppOrder("new-app", "new", "sichuan"), "test")
        client = province.as_client(app="new-app", secret=bytes.fromhex(secret))
        sent = client.write(Query(who=Who(ecard_id=CARD)), NOON_MS, bytes(16))
        assert province.send(sent).outcome == "request.app-suspended"


def grant(province: Asking, scopes: set[str], quota: int = 0, until_ms: int | None = None) -> None:
    around = province.platform.surroundings
    apps.grant(around, "demo-sichuan", "test", scopes=scopes, daily_quota=quota, valid_until_ms=until_ms)


def test_an_application_past_its_time_is_refused(tmp_path: Path) -> None:
    with asking_in(tmp_path, "sichuan") as province:
        grant(province, {"*"}, until_ms=NOON_MS)
        assert province.refused(request(province, QUERY, RIGHT[QUERY])) == "request.app-expired"


VERB_OF = {
    "ehc.ehealthcard.register": "Register",
    "ehc.ehealthcard.modify": "Update",
    "ehc.ehealthcard.close": "Cancel",
    "ehc.ehealthcard.regquery": "Query",
    "ehc.ehealthcode.generate": "ApplyCode",
    "ehc.ehealthcode.apply.ex": "ApplyCode",
    "ehc.ehealthcode.verify": "Verify",
    "ehc.ehealthcode.query": "Query",
    "ehc.ehealthcode.usecarddate": "ReportUses",
    "ehc.org.addorg": "AddInstitution",
    "ehc.org.updateorg": "UpdateInstitution",
    "ehc.org.queryorg": "QueryInstitution",
}


@pytest.mark.parametrize("method", RIGHT)
def test_a_method_needs_the_scope_of_its_verb(tmp_path: Path, method: str) -> None:
    with asking_in(tmp_path, "sichuan") as province:
        grant(province, set(VERB_OF.values()) - {VERB_OF[method]})
        assert province.refused(request(province, method, RIGHT[method])) == "request.not-allowed"
        grant(province, {VERB_OF[method]})
        province.clock.advance(seconds=2)
        assert province.post(request(province, method, RIGHT[method])).outcome != "request.not-allowed"


def test_a_quota_is_for_a_day(tmp_path: Path) -> None:
    with asking_in(tmp_path, "sichuan") as province:
        grant(province, {"*"}, quota=2)
        outcomes = [province.refused(request(province, QUERY, RIGHT[QUERY])) for _ in range(3)]
        assert outcomes == ["account.unregistered"] * 2 + ["request.quota-exceeded"]
        province.clock.advance(days=1)
        assert province.refused(request(province, QUERY, RIGHT[QUERY])) == "account.unregistered"


def test_a_suspended_institution_is_refused(tmp_path: Path) -> None:
    with asking_in(tmp_path, "sichuan") as province:
        change = UpdateInstitution(institution=Institution(code="510100001", name="", state="suspended"))
        institutions.change(province.platform.surroundings, OPERATOR, change)
        assert province.refused(request(province, QUERY, RIGHT[QUERY])) == "request.institution-suspended"


def test_the_terminal_of_the_body_counts_before_that_of_the_envelope(province: Asking) -> None:
    verify = RIGHT["ehc.ehealthcode.verify"]
    for content, terminal, channel in (
        (verify, province.credentials.terminal, ""),
        ({**verify, "terminalcode": "T2", "channelcode": "02"}, "T2", "02"),
    ):
        sent = Request("POST", "", {}, request(province, "ehc.ehealthcode.verify", content))
        call: Any = province.profile.begin(province.received(sent), province.counter).read()
        assert (call.caller.terminal, call.caller.channel) == (terminal, channel)


def test_who_cannot_sign_gets_nothing_enciphered(province: Asking) -> None:
    sent = province.post(request(province, QUERY, RIGHT[QUERY], digest="0" * 64))
    assert "biz_content" not in json.loads(sent.body)


def test_numbers_are_taken_as_text(province: Asking) -> None:
    method = "ehc.ehealthcard.register"
    sent = Request("POST", "", {}, request(province, method, {**RIGHT[method], "cellphone": 13900000000}))
    call: Any = province.profile.begin(province.received(sent), province.counter).read()
    assert call.verb.person.phone == "13900000000"


def test_states_on_the_wire_are_those_of_the_core() -> None:
    states = {state for machine, state in load_ecard().states if machine == "account"}
    assert set(SETTINGS["states"]) == states
    assert len(set(SETTINGS["states"].values())) == len(states)
