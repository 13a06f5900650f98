"""Every field of every service of Qinghai's interface: missing, too long, with a forbidden character, malformed.

The cases come from the table; the codes that are expected stand here, as EC-QH gives them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reference.ecard.verbs import ReportUses, Verify
from reference.gateway.fields import FieldRule, field_rules
from reference.gateway.profiles.qinghai_services import REQUESTS
from tests.reference.gateway.qinghai_counter import (
    CARD,
    NUMBER,
    PERSON,
    PHOTOS,
    RIGHT,
    QinghaiCounter,
    open_counter,
)

FIELDS = [(service, rule) for service in REQUESTS for rule in field_rules("qinghai", service)]
ENVELOPE_FIELDS = field_rules("qinghai", "*")
EMPTY = {
    ("RHC_E0007", "self_id_type"): "7001",
    ("RHC_E0007", "self_id_number"): "7002",
    ("RHC_E0008", "self_id_type"): "7001",
    ("RHC_E0008", "self_id_number"): "7002",
    ("RHC_E0008", "id_type"): "8001",
    ("RHC_E0008", "id_number"): "8002",
    ("RHC_E0010", "self_id_type"): "7001",
    ("RHC_E0010", "self_id_number"): "7002",
}
MALFORMED = {
    "digits": "x",
    "hex": "g",
    "date": "20260230",
    "dashed-date": "2026-02-30",
    "dashed-moment": "2026-01-01 24:00:00",
    "base64": "?",
}
REGISTRATIONS = ("RHC_E0001", "RHC_E0006", "RHC_E0007", "RHC_E0016")


def name_of(value: object) -> str:
    return value.field if isinstance(value, FieldRule) else str(value)


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QinghaiCounter]:
    with open_counter(tmp_path_factory.mktemp("qinghai")) as opened:
        yield opened


@pytest.mark.parametrize("service", REQUESTS)
def test_a_right_request_is_taken(counter: QinghaiCounter, service: str) -> None:
    assert counter.refused(service, RIGHT[service]) == ""


def test_there_are_right_requests_for_all_seventeen_services() -> None:
    assert list(RIGHT) == list(REQUESTS) == [f"RHC_E{number:04}" for number in range(1, 18)]


@pytest.mark.parametrize(("service", "rule"), [pair for pair in FIELDS if pair[1].must], ids=name_of)
def test_a_missing_field_is_named_by_its_code(counter: QinghaiCounter, service: str, rule: FieldRule) -> None:
    expected = "6004" if rule.field.startswith("photo_") else EMPTY.get((service, rule.field), "1001")
    assert counter.refused(service, {**RIGHT[service], rule.field: ""}) == expected


@pytest.mark.parametrize(("service", "rule"), FIELDS, ids=name_of)
def test_a_field_that_is_too_long_is_refused(counter: QinghaiCounter, service: str, rule: FieldRule) -> None:
    expected = "6005" if rule.field.startswith("photo_") else "1012"
    assert counter.refused(service, {**RIGHT[service], rule.field: "1" * (rule.length + 1)}) == expected


@pytest.mark.parametrize("character", "&<>\"'")
@pytest.mark.parametrize(("service", "rule"), [pair for pair in FIELDS if pair[1].kind != "base64"], ids=name_of)
def test_a_forbidden_character_is_1002(counter: QinghaiCounter, service: str, rule: FieldRule, character: str) -> None:
    assert counter.refused(service, {**RIGHT[service], rule.field: character}) == "1002"


@pytest.mark.parametrize(("service", "rule"), [pair for pair in FIELDS if pair[1].kind != "text"], ids=name_of)
def test_a_value_of_another_form_is_refused(counter: QinghaiCounter, service: str, rule: FieldRule) -> None:
    kind = rule.kind.partition(":")[0]
    if "birth" in rule.field and "date" in kind:
        expected = "6003"
    elif rule.field == "clinicTime":
        expected = "12001"
    elif kind == "code" and service in REGISTRATIONS:
        expected = "6010"
    else:
        expected = "1012"
    assert counter.refused(service, {**RIGHT[service], rule.field: MALFORMED.get(kind, "~")}) == expected


@pytest.mark.parametrize("service", REQUESTS)
def test_a_field_that_the_service_does_not_know_is_1012(counter: QinghaiCounter, service: str) -> None:
    assert counter.refused(service, {**RIGHT[service], "remark": "1"}) == "1012"


@pytest.mark.parametrize("rule", ENVELOPE_FIELDS, ids=name_of)
def test_an_envelope_field_too_long_is_1012(counter: QinghaiCounter, rule: FieldRule) -> None:
    changes = {rule.field: "1" * (rule.length + 1)}
    assert counter.refused("RHC_E0005", RIGHT["RHC_E0005"], **changes) == "1012"


@pytest.mark.parametrize("rule", [rule for rule in ENVELOPE_FIELDS if rule.must], ids=name_of)
def test_a_missing_envelope_field_is_1001_and_the_service_1008(counter: QinghaiCounter, rule: FieldRule) -> None:
    expected = "1008" if rule.field == "bussinessCode" else "1001"
    assert counter.refused("RHC_E0005", RIGHT["RHC_E0005"], **{rule.field: ""}) == expected


@pytest.mark.parametrize("rule", ENVELOPE_FIELDS, ids=name_of)
def test_a_forbidden_character_in_the_envelope_is_1002(counter: QinghaiCounter, rule: FieldRule) -> None:
    assert counter.refused("RHC_E0005", RIGHT["RHC_E0005"], **{rule.field: "<"}) == "1002"


@pytest.mark.parametrize(
    ("service", "name"),
    [
        (service, name)
        for service in REQUESTS
        for name in ("id_number", "id_card", "self_id_number", "auth_id_card", "mother_id_number", "father_id_number")
        if any(rule.field == name for rule in field_rules("qinghai", service))
    ],
)
def test_a_lower_case_x_is_6002_wherever_a_number_stands(counter: QinghaiCounter, service: str, name: str) -> None:
    assert counter.refused(service, {**RIGHT[service], name: "11010020171225006x"}) == "6002"


def test_text_that_looks_like_sql_is_a_forbidden_character(counter: QinghaiCounter) -> None:
    assert counter.refused("RHC_E0005", {"id_card": "' OR 1=1"}) == "1002"


def test_a_photo_above_the_limit_is_6005_and_one_that_is_no_base64_6006(counter: QinghaiCounter) -> None:
    large = "A" * (4 * (204_800 // 3 + 1))
    assert counter.refused("RHC_E0001", {**RIGHT["RHC_E0001"], "photo_face": large}) == "6005"
    assert counter.refused("RHC_E0001", {**RIGHT["RHC_E0001"], "photo_face": "A"}) == "6006"


@pytest.mark.parametrize("service", ["RHC_E0001", "RHC_E0006", "RHC_E0007"])
def test_a_citizen_repeats_the_number_as_identity_card(counter: QinghaiCounter, service: str) -> None:
    assert counter.refused(service, {**RIGHT[service], "id_card": ""}) == "1001"
    assert counter.refused(service, {**RIGHT[service], "id_card": "990000199001010017"[::-1]}) == "6010"


def test_a_traveller_has_no_identity_card(counter: QinghaiCounter) -> None:
    passport = {**PERSON, **PHOTOS, "id_type": "03", "id_number": "E00000000", "id_card": ""}
    assert counter.refused("RHC_E0001", passport) == ""


@pytest.mark.parametrize("service", ["RHC_E0002", "RHC_E0004", "RHC_E0005"])
def test_a_resident_is_named_by_card_or_by_type_and_number(counter: QinghaiCounter, service: str) -> None:
    nobody = {**RIGHT[service], "id_card": ""}
    assert counter.refused(service, nobody) == "1001"
    assert counter.refused(service, {**nobody, "id_type": "03"}) == "1001"
    assert counter.refused(service, {**nobody, "id_type": "03", "id_number": "E00000000"}) == ""


def test_a_newborn_is_looked_for_by_one_parent_at_least(counter: QinghaiCounter) -> None:
    assert counter.refused("RHC_E0015", {"mother_name": "测试乙"}) == "1001"
    assert counter.refused("RHC_E0015", {"father_id_number": NUMBER}) == "1001"
    assert counter.refused("RHC_E0015", {"father_ecard_id": CARD}) == ""


def test_a_temporary_card_is_bound_by_code_or_document(counter: QinghaiCounter) -> None:
    without = {"qr_code_temp": "T0123456789ABCDEF"}
    assert counter.refused("RHC_E0014", without) == "1001"
    assert counter.refused("RHC_E0014", {**without, "id_type": "01", "id_number": NUMBER}) == ""


def test_the_message_id_is_the_request_of_a_use(counter: QinghaiCounter) -> None:
    call = counter.ask("RHC_E0003", RIGHT["RHC_E0003"], msgGuid="0" * 31 + "A")
    assert isinstance(call.verb, Verify)
    assert call.verb.request == call.admission.mark == "0" * 31 + "A"
    assert (call.caller.terminal, call.caller.channel) == ("5101000010300", "01")


def test_the_same_use_of_a_physical_card_has_the_same_serial(counter: QinghaiCounter) -> None:
    uses = [counter.ask("RHC_E0009", RIGHT["RHC_E0009"]).verb for _ in range(2)]
    other = counter.ask("RHC_E0009", {**RIGHT["RHC_E0009"], "time": "2026-01-01 12:00:01"}).verb
    assert isinstance(uses[0], ReportUses)
    assert isinstance(other, ReportUses)
    assert uses[0] == uses[1]
    assert uses[0].uses[0].serial != other.uses[0].serial
    assert uses[0].uses[0].medium == "physical"
