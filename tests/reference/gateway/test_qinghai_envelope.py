"""Qinghai's envelope: SOAP and XML that must be refused, who may send, when, how often, and what is enciphered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from reference.access import apps, institutions
from reference.ecard.moments import DAY, HOUR, china_text
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller, Institution, Query, UpdateInstitution
from reference.gateway.demo import INSTITUTION, PASSWORD, USER_NAME, demo_app_id, demo_secret
from reference.gateway.profiles.qinghai import Qinghai, end_of_day
from reference.gateway.profiles.qinghai_sealing import institution_key, seal_text
from reference.gateway.profiles.qinghai_xml import SOAP, MalformedXml, read_fields, write_call, write_fields
from reference.gateway.wire import Sent
from tests.platform import NOON_MS, SECOND_MS
from tests.reference.gateway.qinghai_counter import NUMBER, PATH, RIGHT, QinghaiCounter, open_counter

OURS = "http://webservice.ehc.cdxt.com/"
QUERY = RIGHT["RHC_E0005"]
BY_INSTITUTION = {"appCode": "", "orgId": INSTITUTION.code}
OPERATOR = Caller(profile="core", operator="test")


@pytest.fixture
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QinghaiCounter]:
    with open_counter(tmp_path_factory.mktemp("qinghai")) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QinghaiCounter]:
    """For tests that change nothing."""
    with open_counter(tmp_path_factory.mktemp("qinghai")) as opened:
        yield opened


def envelope(inside: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{inside}</s:Body></s:Envelope>'.encode()


BILLION_LAUGHS = (
    '<!DOCTYPE request [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><request><msgGuid>&c;</msgGuid></request>'
)
FOREIGN_FILE = '<!DOCTYPE request [<!ENTITY f SYSTEM "file:///etc/hostname">]><request><id_card>&f;</id_card></request>'
DEEP = "<a>" * 5_000 + "</a>" * 5_000
BAD_TEXTS = {
    "no XML": "id_card",
    "cut short": "<request><id_card>",
    "another root": "<message/>",
    "entities": BILLION_LAUGHS,
    "an entity of a file": FOREIGN_FILE,
    "an entity that is not declared": "<request><id_card>&nbsp;</id_card></request>",
    "depth": f"<request>{DEEP}</request>",
    "a field inside a field": "<request><id_card><b>1</b></id_card></request>",
    "a field twice": f"<request><id_card>{NUMBER}</id_card><id_card>{NUMBER}</id_card></request>",
    "text beside the fields": f"<request>1<id_card>{NUMBER}</id_card></request>",
    "text after a field": f"<request><id_card>{NUMBER}</id_card>1</request>",
    "a blank in a name": "<request><id card>1</id card></request>",
    "a processing instruction": "<request><?php echo ?></request>",
}
BAD_BODIES = {
    "nothing": b"",
    "JSON": b"{}",
    "no envelope": b"<request/>",
    "no body": f'<s:Envelope xmlns:s="{SOAP}"/>'.encode(),
    "an empty body": envelope(""),
    "another operation": envelope(f'<n:Other xmlns:n="{OURS}"/>'),
    "another namespace": envelope('<n:RHCMessageServer xmlns:n="urn:other"/>'),
    "two operations": envelope(f'<n:RHCMessageServer xmlns:n="{OURS}"/>' * 2),
    "entities": b"<!DOCTYPE x>" + envelope(f'<n:RHCMessageServer xmlns:n="{OURS}"/>'),
    "entities in another encoding": (
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]>'
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><n:RHCMessageServer xmlns:n="{OURS}"><arg0>&a;</arg0>'
        "</n:RHCMessageServer></s:Body></s:Envelope>"
    ).encode("utf-16"),
    "depth": envelope(DEEP),
    "bytes that are no characters": envelope("\N{CJK UNIFIED IDEOGRAPH-5065}").replace(b"\xe5", b"\xff"),
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_that_is_no_call_is_1012(shared: QinghaiCounter, body: bytes) -> None:
    assert shared.code(body) == "1012"


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_an_action_that_cannot_be_read_is_1012(shared: QinghaiCounter, text: str) -> None:
    assert shared.code(write_call(text, write_fields(QUERY))) == "1012"


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_a_message_that_cannot_be_read_is_1012(shared: QinghaiCounter, text: str) -> None:
    assert shared.code(write_call(shared.action("RHC_E0005"), text)) == "1012"


def test_an_empty_action_or_message_is_1009(shared: QinghaiCounter) -> None:
    assert shared.code(write_call("", write_fields(QUERY))) == "1009"
    assert shared.code(write_call(shared.action("RHC_E0005"), " ")) == "1009"
    assert shared.code(envelope(f'<n:RHCMessageServer xmlns:n="{OURS}"/>')) == "1009"


def test_both_names_of_the_parameters_are_read_and_any_order(shared: QinghaiCounter) -> None:
    action, message = etree.Element("action"), etree.Element("message")
    action.text, message.text = shared.action("RHC_E0005"), write_fields(QUERY)
    inside = b"".join(etree.tostring(part) for part in (message, action)).decode()
    assert shared.code(envelope(f'<n:RHCMessageServer xmlns:n="{OURS}">{inside}</n:RHCMessageServer>')) == ""


def test_the_encoding_that_an_inner_text_names_does_not_matter(shared: QinghaiCounter) -> None:
    declared = '<?xml version="1.0" encoding="GBK"?>\n'
    message = declared + write_fields(RIGHT["RHC_E0012"])
    assert shared.code(write_call("\n" + declared + shared.action("RHC_E0012"), message)) == ""


def test_other_methods_and_queries_are_1012(shared: QinghaiCounter) -> None:
    assert shared.code(b"", method="GET") == "1012"
    assert shared.code(write_call(shared.action("RHC_E0005"), write_fields(QUERY)), method="PUT") == "1012"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(shared: QinghaiCounter, body: bytes) -> None:
    assert shared.code(body) == "1012"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_no_text_breaks_the_reading_of_fields(text: str) -> None:
    try:
        fields = read_fields(text)
    except MalformedXml:
        return
    assert read_fields(write_fields(fields)) == {name: value for name, value in fields.items() if value}


@pytest.mark.parametrize(("service", "code"), [("RHC_E0018", "1010"), ("RHC_E0000", "1010"), ("query", "1003")])
def test_a_service_that_does_not_exist(shared: QinghaiCounter, service: str, code: str) -> None:
    assert shared.refused(service, QUERY) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"appCode": "", "orgId": ""}, "1007"),
        ({"orgId": INSTITUTION.code}, "1007"),
        ({"appCode": "NOAPP1"}, "1004"),
        ({"appCode": demo_app_id("sichuan")[:6]}, "1004"),
        ({"appCode": "", "orgId": "999999999"}, "1006"),
        ({"userPwd": "wrong"}, "1005"),
        ({"userName": "nobody"}, "1005"),
        ({**BY_INSTITUTION, "userPwd": "wrong"}, "1005"),
        ({"msgType": "2"}, "1012"),
        ({"stdVerCode": "2.0"}, "1012"),
        ({"encryption": "0"}, "1012"),
        ({"msgGuid": "1"}, "1012"),
        ({"msgGuid": "-" * 32}, "1012"),
        ({"msgCreateTime": "2026-01-01 12:00:0"}, "1012"),
        ({"msgCreateTime": "2026-02-3012:00:00"}, "1012"),
    ],
)
def test_a_wrong_envelope_has_its_code(shared: QinghaiCounter, changes: dict[str, str], code: str) -> None:
    assert shared.refused("RHC_E0005", QUERY, **changes) == code


@pytest.mark.parametrize(("seconds", "code"), [(-901, "1011"), (-899, ""), (0, ""), (29, ""), (31, "1011")])
def test_a_message_is_taken_for_a_quarter_of_an_hour(shared: QinghaiCounter, seconds: int, code: str) -> None:
    created = china_text(NOON_MS + seconds * SECOND_MS, "yyyy-MM-ddHH:mm:ss")
    assert shared.refused("RHC_E0005", QUERY, msgCreateTime=created) == code


def test_a_message_id_is_remembered_to_the_end_of_the_day_in_china() -> None:
    midnight = NOON_MS + 12 * HOUR
    assert end_of_day(NOON_MS) == end_of_day(midnight - 1) == midnight
    assert end_of_day(midnight) == midnight + DAY


def test_both_addresses_are_served() -> None:
    assert Qinghai().paths == (PATH, "/healthCard/services/elecHealthCardWebSevice")


def test_an_institution_signs_in_by_itself(shared: QinghaiCounter) -> None:
    call = shared.ask("RHC_E0005", QUERY, **BY_INSTITUTION)
    assert (call.caller.institution, call.caller.app) == (INSTITUTION.code, "")
    assert call.admission.app == INSTITUTION.code


def test_an_application_acts_for_its_institution(shared: QinghaiCounter) -> None:
    call = shared.ask("RHC_E0005", QUERY)
    assert (call.caller.institution, call.caller.app) == (INSTITUTION.code, demo_app_id("qinghai"))


def test_a_suspended_application_is_1004(counter: QinghaiCounter) -> None:
    apps.change(counter.surroundings, demo_app_id("qinghai"), "suspend", OPERATOR.name)
    assert counter.refused("RHC_E0005", QUERY) == "1004"


def test_a_suspended_institution_is_1006_for_itself_and_its_applications(counter: QinghaiCounter) -> None:
    suspended = Institution(code=INSTITUTION.code, name="", state="suspended")
    institutions.change(counter.surroundings, OPERATOR, UpdateInstitution(institution=suspended))
    assert counter.refused("RHC_E0005", QUERY, **BY_INSTITUTION) == "1006"
    assert counter.refused("RHC_E0005", QUERY) == "1006"


@pytest.mark.parametrize("institution", [False, True])
def test_enciphered_fields_are_opened_under_the_senders_key(shared: QinghaiCounter, institution: bool) -> None:
    key = institution_key(INSTITUTION.code, USER_NAME, PASSWORD) if institution else demo_secret("DEMOQH")
    changes = {"encryption": "1"} | (BY_INSTITUTION if institution else {})
    call = shared.ask("RHC_E0005", {"id_card": seal_text(NUMBER, key)}, **changes)
    assert isinstance(call.verb, Query)
    assert call.verb.who.id_number == NUMBER


@pytest.mark.parametrize("value", [NUMBER, "AAAA", seal_text(NUMBER, bytes(16)), seal_text(NUMBER, bytes(16))[:-4]])
def test_a_field_under_another_key_is_6001(shared: QinghaiCounter, value: str) -> None:
    assert shared.refused("RHC_E0005", {"id_card": value}, encryption="1") == "6001"


def test_a_service_description_has_the_address_that_was_asked_for(shared: QinghaiCounter) -> None:
    asked = shared.exchange(b"", "GET", b"wsdl", host=b"health.example:8443", **{"x-forwarded-proto": b"https"})
    description = asked.read()
    assert isinstance(description, Sent)
    address = etree.fromstring(description.body).find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address.get("location") == f"https://health.example:8443{PATH}"


def test_a_forged_host_does_not_get_into_the_service_description(shared: QinghaiCounter) -> None:
    description = shared.exchange(b"", "GET", b"WSDL", host=b'"><x>').read()
    assert isinstance(description, Sent)
    assert f'location="http://localhost{PATH}"'.encode() in description.body


def test_a_refusal_is_told_in_the_form_of_an_answer(shared: QinghaiCounter) -> None:
    sent = shared.exchange(b"").refuse(Refusal("request.malformed"))
    assert sent.content_type.startswith(b"text/xml")
    assert sent.outcome == "request.malformed"
    assert "<result>failure</result><desc>数据解析出现错误</desc><resultCode>1012</resultCode>" in etree.fromstring(
        sent.body
    ).findtext(".//return")
