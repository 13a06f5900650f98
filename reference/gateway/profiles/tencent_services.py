"""The services of Tencent's open platform: from the fields of req to a verb.

Fields and widths: rows of `wire_fields.csv` for the profile ``tencent``. Source: EC-TX. Decisions: WeChat's own
real-name check is the proof of a registration; a batch is made in advance and claimed by each holder's own
registration; a health code is the text of a dynamic code, consumed by its use; a reported use is known again by its
fields, since the source has no serial number of it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reference.ecard.moments import moment_of
from reference.ecard.qr_text import QrTextRefused, parse, qr_layouts
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Child,
    CodeKind,
    LinkMedium,
    Person,
    Prefabricate,
    Proof,
    Query,
    Register,
    ReportedUse,
    ReportUses,
    Verb,
    Verify,
    Who,
)
from reference.gateway.fields import check_fields, check_part, field_rules
from reference.gateway.profiles.tencent_verbs import (
    HOSPITAL_CARD,
    DrawCode,
    Enrol,
    Holding,
    IssueToken,
    ProfileVerb,
    RenewIds,
)
from reference.standard.ecard import load_ecard

PROFILE = "tencent"
SETTINGS: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("tencent.toml").read_text("utf-8"))
SERVICES = frozenset(SETTINGS["offered"].values())
NOT_OFFERED = frozenset(SETTINGS["not_offered"].values())
KINDS: Mapping[str, CodeKind] = SETTINGS["kinds"]
MARK_OF_KIND = {kind: mark for mark, kind in KINDS.items()}
SEXES: Mapping[str, str] = SETTINGS["genders"]
NATIONS: Mapping[str, str] = SETTINGS["nations"] | {
    code.title.zh: value for value, code in load_ecard().codes["ethnic-group"].items() if value not in ("99",)
}
DAY = "yyyy-MM-dd"
SECOND = "yyyy-MM-dd HH:mm:ss"
PLAIN = {
    "id_type": "idType",
    "id_number": "idNumber",
    "name": "name",
    "phone": "phone1",
    "telephone": "phone2",
    "address": "address",
}
"""The resident's data that are the same in core and wire: name in the core, name on the wire."""


class Asked(NamedTuple):
    """Who asks, as far as a verb needs to know."""

    hospital: str
    request: str


Values = dict[str, str]


def _fields(method: str, asked: Mapping[str, Any]) -> Values:
    return check_fields(field_rules(PROFILE, method), asked)


def _word(words: Mapping[str, str], values: Values, field: str) -> str:
    text = values[field]
    if text and text not in words:
        raise Refusal("person.unknown-code", field)
    return words[text] if text else ""


def _person(values: Values) -> Person:
    return Person(
        **{core: values[wire] for core, wire in PLAIN.items()},
        sex=_word(SEXES, values, "gender"),
        nation=_word(NATIONS, values, "nation"),
        birthday=values["birthday"].replace("-", ""),
    )


def _child(asked: Mapping[str, Any]) -> Child | None:
    told = check_part(PROFILE, "registerHealthCard", "childInfo", asked.get("childInfo"))
    if not told:
        return None
    child = told[0]
    return Child(
        guardian_id_type=child["guardianIdType"],
        guardian_id_number=child["guardianIdNumber"],
        mother_name=child["motherName"],
        multiple_birth=child["multipleBirth"] == "1",
        birth_order=int(child["birthOrder"] or 0),
    )


def _register(asked: Mapping[str, Any], by: Asked) -> ProfileVerb:
    values = _fields("registerHealthCard", asked)
    register = Register(person=_person(values), proof=Proof(way="trusted"), child=_child(asked))
    return Enrol(register=register, patient=values["patid"])


def _register_batch(asked: Mapping[str, Any], by: Asked) -> Verb:
    items = check_part(PROFILE, "registerBatchHealthCard", "healthCardItems", asked.get("healthCardItems"))
    media = tuple(item["patid"] for item in items)
    persons = tuple(_person(item) for item in items)
    return Prefabricate(persons=persons, source=HOSPITAL_CARD, media=media if any(media) else ())


def _by_health_code(asked: Mapping[str, Any], by: Asked) -> Verb:
    text = _fields("getHealthCardByHealthCode", asked)["healthCode"]
    return Verify(text=text, kinds=("dynamic",), request=by.request)


def _by_code(asked: Mapping[str, Any], by: Asked) -> Verb:
    return Verify(text=_fields("getHealthCardByQRCode", asked)["qrCodeText"], request=by.request)


def _by_id(asked: Mapping[str, Any], by: Asked) -> Verb:
    return Query(who=Who(ecard_id=_fields("getHealthCardByHealthCardId", asked)["healthCardId"]))


def _verify(asked: Mapping[str, Any], by: Asked) -> Verb:
    values = _fields("verifyQRCode", asked)
    kinds = (KINDS[values["qrCodeType"]],) if values["qrCodeType"] else tuple(KINDS.values())
    return Verify(text=values["qrCodeText"], step=values["medicalStep"], kinds=kinds, request=by.request)


def _draw(asked: Mapping[str, Any], by: Asked) -> ProfileVerb:
    values = _fields("getDynamicQRCode", asked)
    for given, missing in (("idType", "idNumber"), ("idNumber", "idType")):
        if values[given] and not values[missing]:
            raise Refusal("request.empty-field", missing)
    kind = KINDS[values["codeType"] or MARK_OF_KIND["dynamic"]]
    return DrawCode(ecard_id=values["healthCardId"], kind=kind, id_type=values["idType"], id_number=values["idNumber"])


def _bind(asked: Mapping[str, Any], by: Asked) -> Verb:
    values = _fields("bindCardRelation", asked)
    who = Who(code=values["qrCodeText"])
    return LinkMedium(who=who, medium=HOSPITAL_CARD, issuer=by.hospital, number=values["patid"])


def _report(asked: Mapping[str, Any], by: Asked) -> Verb:
    values = _fields("reportHISData", asked)
    if values["scene"] in SETTINGS["reports"]["with_department"] and not values["department"]:
        raise Refusal("request.empty-field", "department")
    try:
        card = parse(values["qrCodeText"], qr_layouts(PROFILE)).card_id
    except QrTextRefused:
        raise Refusal("code.garbled", "qrCodeText") from None
    use = ReportedUse(
        serial=serial_of(values),
        card=card,
        used_ms=moment_of(values["time"], SECOND, "time"),
        medium=SETTINGS["media"][values["cardType"]],
        channel=values["cardChannel"],
        step=values["scene"],
        department=values["department"],
        cost_type=values["cardCostTypes"],
    )
    return ReportUses(uses=(use,))


def serial_of(values: Mapping[str, str]) -> str:
    """By what a reported use is known again: a digest of all its fields, 64 hexadecimal digits."""
    told = "\n".join(f"{name}={values[name]}" for name in sorted(values))
    return hashlib.new("sm3", told.encode()).hexdigest()


def _renew(asked: Mapping[str, Any], by: Asked) -> ProfileVerb:
    field = "updateHealthCardIdItems"
    items = check_part(PROFILE, "updateHealthCardId", field, asked.get(field))
    return RenewIds(
        holdings=tuple(
            Holding(ecard_id=item["healthCardId"], id_type=item["idType"], id_number=item["idNumber"]) for item in items
        )
    )


def _token(asked: Mapping[str, Any], by: Asked) -> ProfileVerb:
    _fields("getAppToken", asked)
    return IssueToken()


REQUESTS: dict[str, Callable[[Mapping[str, Any], Asked], Verb | ProfileVerb]] = {
    "getAppToken": _token,
    "registerHealthCard": _register,
    "registerBatchHealthCard": _register_batch,
    "getHealthCardByHealthCode": _by_health_code,
    "getHealthCardByQRCode": _by_code,
    "getHealthCardByHealthCardId": _by_id,
    "verifyQRCode": _verify,
    "getDynamicQRCode": _draw,
    "bindCardRelation": _bind,
    "reportHISData": _report,
    "updateHealthCardId": _renew,
}
"""The verb that a service asks for."""
