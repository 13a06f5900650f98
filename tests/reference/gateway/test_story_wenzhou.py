"""The whole story in Wenzhou's form: applied, a code, verified once, replay refused, cancelled, refused, restored."""

from __future__ import annotations

import itertools

import httpx
import pytest
import zeep
from zeep.transports import Transport

from reference.ecard.moments import china_text
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    ApplyCode,
    ApplyTemporary,
    Cancel,
    Code,
    Proof,
    Query,
    Register,
    ServerTime,
    Temporary,
    Time,
    Update,
    Verified,
    Verify,
    VerifyTemporary,
    Who,
)
from reference.gateway.profiles.wenzhou import PATH
from reference.gateway.profiles.wenzhou_client import WenzhouClient
from reference.gateway.profiles.wenzhou_xml import read_fields, read_return
from reference.gateway.wire import WireRefusal
from reference.serving import RealNameResult
from reference.store import Store
from tests.platform import NOON_MS, citizen
from tests.reference.gateway.asking import asking
from tests.reference.gateway.serving import served
from tests.reference.serving import SECONDS

TRUSTED = Proof(way="trusted")
PERSON = citizen(phone="13900000000")


def test_a_resident_from_application_to_the_end_of_his_card_and_back(store: Store) -> None:
    city = asking(store, "wenzhou")
    told = city.ask(ServerTime())
    assert told == Time(now_ms=NOON_MS)
    card = city.ask(Register(person=PERSON, proof=TRUSTED, mode="3"))
    assert isinstance(card, Account)
    assert card.new
    who = Who(ecard_id=card.ecard_id)

    code = city.ask(ApplyCode(who=who, kind="dynamic"))
    assert isinstance(code, Code)
    verified = city.ask(Verify(text=code.text, step="010101"))
    assert isinstance(verified, Verified)
    assert (verified.account.person.name, verified.uses_left) == ("测试甲", 0)
    with pytest.raises(WireRefusal) as consumed:
        city.ask(Verify(text=code.text, step="010101"))
    assert consumed.value.ids == {"code.consumed"}

    static = city.ask(ApplyCode(who=who, kind="static"))
    again = city.ask(ApplyCode(who=who, kind="static"))
    assert isinstance(static, Code)
    assert isinstance(again, Code)
    assert static.text == again.text
    changed = city.ask(Update(who=who, phone="13900000001"))
    assert isinstance(changed, Account)
    assert changed.person.phone == "13900000001"

    gone = city.ask(Cancel(who=who))
    assert isinstance(gone, Account)
    assert gone.state == "cancelled"
    with pytest.raises(WireRefusal) as cancelled:
        city.ask(Verify(text=static.text, step="010101"))
    assert cancelled.value.ids & {"account.cancelled", "code.revoked"}
    back = city.ask(Register(person=PERSON, proof=TRUSTED))
    assert isinstance(back, Account)
    assert (back.ecard_id, back.new) == (card.ecard_id, False)
    found = city.ask(Query(who=Who(id_type="01", id_number=PERSON.id_number)))
    assert isinstance(found, AccountWithCodes)
    assert found.account.state == "normal"


def test_a_card_that_awaits_its_audit_has_no_code_yet(store: Store) -> None:
    city = asking(store, "wenzhou")
    city.real_name.says = RealNameResult.UNDECIDED
    sent = city.send(city.write(Register(person=PERSON, proof=TRUSTED)))
    result, message = read_return(sent.body)
    assert (result["return_code"], message["status"]) == ("1", "2")
    assert "qrcode_info" not in message
    with pytest.raises(WireRefusal) as early:
        city.ask(ApplyCode(who=Who(ecard_id=message["erhc_cardno"])))
    assert early.value.ids == {"account.unaudited"}


def test_a_temporary_card_holds_until_its_deadline(store: Store) -> None:
    city = asking(store, "wenzhou")
    card = city.ask(ApplyTemporary(name="无名氏", sex="1", age=40, clinic_ms=NOON_MS))
    assert isinstance(card, Temporary)
    assert city.ask(VerifyTemporary(number=card.number)) == card
    later = card.number[:-14] + china_text(card.expires_ms + 1000)
    with pytest.raises(WireRefusal) as grafted:
        city.ask(VerifyTemporary(number=later))
    assert grafted.value.ids == {"code.grafted"}
    city.clock.advance(days=2)
    with pytest.raises(WireRefusal) as late:
        city.ask(VerifyTemporary(number=card.number))
    assert late.value.ids == {"temporary.expired"}


def test_the_story_goes_over_real_http_with_a_soap_client_that_knows_the_description_alone(store: Store) -> None:
    with served(store, "wenzhou") as city:
        transport = Transport(cache=None, timeout=SECONDS, operation_timeout=SECONDS)  # type: ignore[no-untyped-call]
        transport.session.trust_env = False
        with transport.session:
            soap = zeep.Client(f"{city.address}{PATH}?wsdl", transport=transport)  # type: ignore[no-untyped-call]
            ours = WenzhouClient(city.credentials)
            numbers = itertools.count(1)

            def trade(code: str, fields: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
                header, body = ours.texts(code, fields, city.clock.now_ms(), str(next(numbers)))
                text = soap.service.doService(HeaderInParm=header, BodyInParm=body)
                result = read_fields(text, "body", "result")
                return result, read_fields(text, "body", "msg") if result["return_code"] == "1" else {}

            person = {
                "name": PERSON.name,
                "idcard_type": "01",
                "idcard_value": PERSON.id_number,
                "tel": "13900000000",
                "sex": "1",
                "appmode": "3",
                "terminal_type": "99",
            }
            result, card = trade("11001", person)
            assert (result["return_code"], card["qrcode_type"]) == ("1", "0")
            assert 60 <= int(card["validseconds"]) <= 300
            result, again = trade("30001", person)
            assert (again["erhc_cardno"], again["isnew"]) == (card["erhc_cardno"], "0")
            assert again["qrcode_info"] != card["qrcode_info"]
            result, _ = trade("12001", {"qrcode_info": card["qrcode_info"], "med_stepcode": "010101"})
            assert result["return_info"].startswith("二维码已被新码替换")
            result, verified = trade("12001", {"qrcode_info": again["qrcode_info"], "med_stepcode": "010101"})
            assert (result["return_code"], verified["name"]) == ("1", PERSON.name)
            result, _ = trade("12001", {"qrcode_info": again["qrcode_info"], "med_stepcode": "010101"})
            assert result["return_info"].startswith("二维码已使用")
            result, _ = trade("12002", {"idcard_type": "01", "idcard_value": PERSON.id_number, "name": "另一人"})
            assert result["return_code"] == "-20010"


def test_the_description_is_at_the_address_under_which_it_was_asked_for(store: Store) -> None:
    with served(store, "wenzhou") as city, httpx.Client(trust_env=False, timeout=SECONDS) as http:
        answer = http.get(f"{city.address}{PATH}?wsdl")
        assert f'location="{city.address}{PATH}"' in answer.text
