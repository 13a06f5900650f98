"""The whole story in Qinghai's form over HTTP: a SOAP library with texts written by hand, and our own client."""

from __future__ import annotations

import base64
import io
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
import zxingcpp
from lxml import etree
from PIL import Image

from reference.ecard.moments import china_text
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    ApplyCode,
    ApplyTemporary,
    BindMember,
    BindTemporary,
    Cancel,
    Child,
    Code,
    Count,
    CountCards,
    FindNewborn,
    ListMembers,
    Members,
    Person,
    Proof,
    Query,
    Register,
    Reported,
    ReportedUse,
    ReportUses,
    Temporary,
    UnbindMember,
    Update,
    Verified,
    Verify,
    VerifyTemporary,
    Who,
)
from reference.gateway.demo import INSTITUTION, PASSWORD, TERMINAL, USER_NAME
from reference.gateway.profiles.qinghai_client import QinghaiClient
from reference.gateway.profiles.qinghai_xml import write_call, write_fields
from reference.gateway.wire import Credentials, WireRefusal
from reference.store import Store
from tests.databases import empty_sqlite
from tests.platform import citizen, citizen_number
from tests.reference.gateway.asking import Asking, asking, asking_in
from tests.reference.gateway.qinghai_counter import PNG, RIGHT
from tests.reference.gateway.serving import Served, served

DESCRIPTION = "/rhc/services/RHCMessageServer?wsdl"
PHOTO = base64.b64encode(PNG).decode()
NUMBER = citizen_number(1)
ACTION = (
    '<?xml version="1.0" encoding="UTF-8"?><request><msgGuid>{guid}</msgGuid><msgType>1</msgType>'
    "<bussinessCode>RHC_E00{service}</bussinessCode><msgCreateTime>{created}</msgCreateTime><orgId></orgId>"
    "<appCode>DEMOQH</appCode><userName>demo-user</userName><userPwd>demo-only-password</userPwd>"
    "<stdVerCode>1.0</stdVerCode><encryption></encryption></request>"
)
REGISTER = (
    "<request><name>测试甲</name><telephone>13900000000</telephone><id_number>{number}</id_number><id_type>01</id_type>"
    "<id_card>{number}</id_card><nation>01</nation><sex>1</sex><birthday>19900101</birthday>"
    "<photo_front>{photo}</photo_front><photo_reverse>{photo}</photo_reverse><photo_face>{photo}</photo_face>"
    "<address>西宁市</address><cellphone></cellphone><unit></unit></request>"
)
VERIFY = (
    "<request><qr_code>{code}</qr_code><time>2026-01-01 12:00:00</time><sam>5101000010300</sam>"
    "<hospital_code>510100001</hospital_code><channel_code>01</channel_code><channel_name>人工窗口</channel_name>"
    "<medstep_code>010101</medstep_code><medstep_name>挂号</medstep_name></request>"
)
CANCEL = "<request><id_card>{number}</id_card><qr_code>{code}</qr_code></request>"

PHOTOGRAPHED = Proof(way="online", photo_front=PNG, photo_back=PNG, photo_face=PNG)
CLERKED = Proof(way="on-site", clerk_id_number=citizen_number(5), clerk_name="经办人甲")


def soap(province: Served) -> Callable[..., Any]:
    """A way to ask that was made by zeep from the service description; it gives the response's root."""
    session = requests.Session()
    session.trust_env = False
    transport = zeep.Transport(session=session, timeout=20, operation_timeout=20)  # type: ignore[no-untyped-call]
    client = zeep.Client(province.address + DESCRIPTION, transport=transport)  # type: ignore[no-untyped-call]
    service = client.service

    def ask(service_number: str, message: str, guid: int = 0, **values: str) -> Any:
        created = china_text(province.clock.now_ms(), "yyyy-MM-ddHH:mm:ss")
        number = f"{guid or next(province.nonces):032x}"
        action = ACTION.format(guid=number, service=service_number, created=created)
        return etree.fromstring(service.RHCMessageServer(action, message.format(number=NUMBER, **values)))

    return ask


def test_a_soap_library_plays_a_card_from_registration_to_its_end(store: Store) -> None:
    with served(store, "qinghai") as province:
        ask = soap(province)
        registered = ask("01", REGISTER, photo=PHOTO)
        assert [field.text for field in registered[:3]] == ["success", "注册成功", "6008"]
        assert registered.findtext("personinfo/name") == "测试甲"
        assert registered.findtext("personinfo/ehc_card_status") == "4"
        card_id = registered.findtext("personinfo/ecardId")
        assert ask("01", REGISTER, photo=PHOTO).findtext("resultCode") == "6009"
        assert ask("05", "<request><id_card>{number}</id_card></request>").findtext("resultCode") == "5004"

        apply = "<request><id_card>{number}</id_card><qrcode_type>0</qrcode_type></request>"
        applied = ask("02", apply)
        assert applied.findtext("resultCode") == "2009"
        code = applied.findtext("ehc_cardinfo/qr_code")
        assert code.startswith(f"{card_id}:0:")
        assert ask("02", apply).findtext("resultCode") == "2006"
        assert text_of_image(applied.findtext("ehc_cardinfo/qr_code_imgtext")) == code

        verified = ask("03", VERIFY, guid=0xABC, code=code)
        assert verified.findtext("resultCode") == "3005"
        assert verified.findtext("ehc_cardinfo/qr_codetext") == f"{card_id}:0:20260101120200"
        assert verified.findtext("ehc_cardinfo/id_card") == NUMBER
        replayed = ask("03", VERIFY, guid=0xABC, code=code)
        assert [field.text for field in replayed] == ["failure", "请求重复提交", "1011"]
        assert ask("03", VERIFY, code=code).findtext("resultCode") == "3001"

        province.clock.advance(seconds=121)
        last = ask("02", apply).findtext("ehc_cardinfo/qr_code")
        assert ask("04", CANCEL, code=last).findtext("resultCode") == "4004"
        assert ask("03", VERIFY, code=last).findtext("resultCode") == "3003"
        assert ask("04", CANCEL, code=last).findtext("resultCode") == "4002"
        assert ask("05", "<request><id_card>{number}</id_card></request>").findtext("resultCode") == "5001"
        assert ask("02", apply).findtext("resultCode") == "2001"


def text_of_image(image: str) -> str:
    """What a reader sees in a PNG of 200 by 200 pixels."""
    with Image.open(io.BytesIO(base64.b64decode(image))) as picture:
        assert (picture.format, picture.size) == ("PNG", (200, 200))
        (seen,) = zxingcpp.read_barcodes(picture)
    return str(seen.text)


def test_an_expired_code_and_somebody_elses_code_have_their_own_answers(store: Store) -> None:
    with served(store, "qinghai") as province:
        ask = soap(province)
        ask("01", REGISTER, photo=PHOTO)
        ask("01", REGISTER.replace("{number}", citizen_number(3)).replace("测试甲", "测试乙"), photo=PHOTO)
        apply = "<request><id_card>{number}</id_card><qrcode_type>{kind}</qrcode_type></request>"
        other = apply.replace("{number}", citizen_number(3))
        mine = ask("02", apply, kind="0").findtext("ehc_cardinfo/qr_code")
        others = ask("02", other, kind="1").findtext("ehc_cardinfo/qr_code")
        assert ask("02", other, kind="1").findtext("resultCode") == "2004"
        assert ask("04", CANCEL, code=others).findtext("resultCode") == "4001"
        grafted = others.removesuffix(":1") + mine[64:]
        assert ask("03", VERIFY, code=grafted).findtext("resultCode") == "3003"
        assert ask("03", VERIFY, code=mine[:-2]).findtext("resultCode") in ("2005", "3001")
        assert ask("03", VERIFY, code="0" * 64 + ":1").findtext("resultCode") == "3002"
        province.clock.advance(seconds=121)
        assert ask("03", VERIFY, code=mine).findtext("resultCode") == "3004"
        assert ask("02", apply, kind="2").findtext("resultCode") == "1012"


def resident(number: int, name: str, **fields: str) -> Person:
    given = {"sex": "1", "birthday": "19900101", "nation": "01", "telephone": "13900000000", "address": "西宁市"}
    return citizen(number, name, **(given | fields))


def client_of(institution: bool, province: Served) -> QinghaiClient:
    if not institution:
        return QinghaiClient(province.credentials)
    return QinghaiClient(
        Credentials(institution=INSTITUTION.code, user_name=USER_NAME, password=PASSWORD, terminal=TERMINAL)
    )


@pytest.mark.parametrize("institution", [False, True], ids=["an application", "an institution"])
def test_our_client_plays_the_same_story_with_enciphered_fields(store: Store, institution: bool) -> None:
    with served(store, "qinghai") as province:
        client = client_of(institution, province)
        person = resident(1, "测试甲")
        who = Who(id_type="01", id_number=person.id_number)
        card = province.ask(client, Register(person=person, proof=CLERKED))
        assert isinstance(card, Account)
        assert (card.person, card.state) == (person, "certified")
        code = province.ask(client, ApplyCode(who=who))
        assert isinstance(code, Code)
        verified = province.ask(client, Verify(text=code.text, step="010101"))
        assert isinstance(verified, Verified)
        assert verified.account.person == person
        with pytest.raises(WireRefusal) as consumed:
            province.ask(client, Verify(text=code.text, step="010101"))
        assert (consumed.value.code, consumed.value.ids) == ("3001", frozenset({"code.consumed"}))
        province.ask(client, Update(who=Who(ecard_id=card.ecard_id), telephone="13900000009"))
        found = province.ask(client, Query(who=who))
        assert isinstance(found, AccountWithCodes)
        assert (found.account.person.telephone, found.account.state) == ("13900000009", "normal")
        second = province.ask(client, ApplyCode(who=who, kind="static"))
        assert isinstance(second, Code)
        province.ask(client, Cancel(who=who, code=second.text))
        with pytest.raises(WireRefusal) as cancelled:
            province.ask(client, Verify(text=second.text))
        assert (cancelled.value.code, cancelled.value.ids) == ("3003", frozenset({"account.cancelled"}))


def test_a_family_is_bound_told_and_parted(store: Store) -> None:
    province = asking(store, "qinghai")
    mother, child = resident(1, "测试甲"), resident(2, "测试乙")
    who, whose = (Who(id_type="01", id_number=person.id_number) for person in (mother, child))
    bind = BindMember(who=who, member=child, relation="2", proof=PHOTOGRAPHED)
    with pytest.raises(WireRefusal, match="7003"):
        province.ask(bind)
    province.ask(Register(person=mother, proof=PHOTOGRAPHED))
    province.ask(ApplyCode(who=who))
    bound = province.ask(bind)
    assert isinstance(bound, Account)
    assert bound.person == child
    with pytest.raises(WireRefusal, match="7004"):
        province.ask(bind)
    listed = province.ask(ListMembers(who=who))
    assert isinstance(listed, Members)
    assert [(member.account.ecard_id, member.relation) for member in listed.members] == [(bound.ecard_id, "2")]
    province.ask(UnbindMember(who=who, member=whose))
    with pytest.raises(WireRefusal, match="8005"):
        province.ask(UnbindMember(who=who, member=whose))
    with pytest.raises(WireRefusal, match="8004"):
        province.ask(UnbindMember(who=who, member=Who(id_type="01", id_number=citizen_number(9))))
    with pytest.raises(WireRefusal, match="8003"):
        province.ask(UnbindMember(who=Who(id_type="01", id_number=citizen_number(9)), member=whose))


def test_a_newborn_is_registered_with_its_guardian_and_found_again(store: Store) -> None:
    province = asking(store, "qinghai")
    mother = resident(1, "测试甲")
    who = Who(id_type="01", id_number=mother.id_number)
    born = Person(
        id_type="99", id_number="A000000001", name="测试新生儿", sex="2", birthday="20260101", nation="01",
        telephone="13900000000", address="西宁市",
    )  # fmt: skip
    register = Register(
        person=born,
        proof=Proof(way="trusted"),
        child=Child(guardian_id_type="01", guardian_id_number=mother.id_number),
    )
    with pytest.raises(WireRefusal) as alone:
        province.ask(register)
    assert (alone.value.code, alone.value.ids) == ("6010", frozenset({"person.guardian-missing"}))
    province.ask(Register(person=mother, proof=CLERKED))
    card = province.ask(register)
    assert isinstance(card, Account)
    found = province.ask(FindNewborn(guardian=who, birthday="20260101"))
    assert isinstance(found, Members)
    assert [(one.account.ecard_id, one.relation) for one in found.members] == [(card.ecard_id, "3")]
    assert province.ask(FindNewborn(guardian=who, birthday="20260102")) == Members(members=())


def test_a_temporary_card_is_issued_read_and_bound(store: Store) -> None:
    province = asking(store, "qinghai")
    person = resident(1, "测试甲")
    who = Who(id_type="01", id_number=person.id_number)
    now = province.clock.now_ms()
    issued = province.ask(ApplyTemporary(name="测试甲", sex="1", age=36, clinic_ms=now))
    assert isinstance(issued, Temporary)
    read = province.ask(VerifyTemporary(number=issued.number))
    assert isinstance(read, Temporary)
    assert (read.name, read.age, read.clinic_ms) == ("测试甲", 36, now)
    bind = BindTemporary(number=issued.number, who=who)
    with pytest.raises(WireRefusal, match="11001"):
        province.ask(bind)
    province.ask(Register(person=person, proof=PHOTOGRAPHED))
    province.ask(bind)
    code = province.ask(ApplyCode(who=who, kind="static"))
    assert isinstance(code, Code)
    province.ask(BindTemporary(number=issued.number, who=Who(code=code.text)))
    with pytest.raises(WireRefusal, match="13001"):
        province.ask(VerifyTemporary(number="T0000000000000000"))


def test_uses_of_physical_cards_and_cards_of_an_institution_are_counted(store: Store) -> None:
    province = asking(store, "qinghai")
    person = resident(1, "测试甲")
    province.ask(Register(person=person, proof=PHOTOGRAPHED))
    use = ReportedUse(
        serial="", card="6301000000000000001", used_ms=province.clock.now_ms(), medium="physical", terminal=TERMINAL,
        channel="01", step="010101", city="630100", reset_number="1001200100000001", holder=person,
    )  # fmt: skip
    for _ in range(2):
        assert province.ask(ReportUses(uses=(use,))) == Reported(kept=1, known=0)
    assert province.stored()["reported_uses"] == 1
    count = CountCards(institution=INSTITUTION.code, first_date="20260101", last_date="20260101")
    assert province.ask(count) == Count(count=1)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking_in(tmp_path_factory.mktemp("qinghai"), "qinghai") as opened:
        yield opened


def action_of(service: str, created: str = "2026-01-0112:00:00") -> str:
    return ACTION.format(guid=secrets.token_hex(16), service=service[-2:], created=created)


@pytest.mark.parametrize("service", RIGHT)
def test_a_refused_request_stores_nothing(province: Asking, service: str) -> None:
    message = write_fields(RIGHT[service])
    forbidden = write_fields({**RIGHT[service], next(iter(RIGHT[service])): "'"})
    bodies = {
        "request.wrong-password": write_call(action_of(service).replace(PASSWORD, "wrong"), message),
        "request.stale": write_call(action_of(service, "2026-01-0111:44:59"), message),
        "request.future": write_call(action_of(service, "2026-01-0112:00:31"), message),
        "request.forbidden-character": write_call(action_of(service), forbidden),
        "request.unknown-field": write_call(action_of(service), message.replace("</request>", "<x>1</x></request>")),
        "request.malformed": write_call(action_of(service), message[:-1]),
        "request.empty-field": write_call(action_of(service), "<request/>"),
        "request.decryption-failed": write_call(
            action_of(service).replace("<encryption></encryption>", "<encryption>1</encryption>"),
            "<request><name>plain</name></request>",
        ),
    }
    assert {outcome: province.refused(body) for outcome, body in bodies.items()} == {name: name for name in bodies}


def test_a_message_id_is_admitted_once_whatever_it_asks_for(province: Asking) -> None:
    action = action_of("RHC_E0012")
    assert province.refused(write_call(action, write_fields(RIGHT["RHC_E0012"]))) == "ok"
    assert province.refused(write_call(action, write_fields(RIGHT["RHC_E0012"]))) == "request.replayed"
    later = action.replace("RHC_E0012", "RHC_E0017").replace("12:00:00", "12:00:01")
    assert province.refused(write_call(later, write_fields(RIGHT["RHC_E0017"]))) == "request.replayed"


def test_a_body_that_is_larger_than_the_gateway_takes_is_1012(tmp_path: Path) -> None:
    store = Store(empty_sqlite(tmp_path / "platform.db"))
    with served(store, "qinghai") as province:
        answer = province.http.post(province.address + DESCRIPTION[:-5], content=b"<" * (4 * 1024 * 1024 + 1))
    assert "<resultCode>1012</resultCode>" in etree.fromstring(answer.content).findtext(".//return")
    store.close()
