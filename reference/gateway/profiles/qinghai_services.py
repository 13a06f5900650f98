"""The services of Qinghai's interface, RHC_E0001 to RHC_E0017: from the fields of a request to a verb.

Fields and widths: rows of `wire_fields.csv` for the profile ``qinghai``. Source: EC-QH chapter 3; E0014 to E0017 from
clients in the field. What the text leaves open is a decision, named where it is taken.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from reference.ecard.moments import china_text, moment_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    ApplyCode,
    ApplyTemporary,
    BindMember,
    BindTemporary,
    Cancel,
    Child,
    CountCards,
    FindNewborn,
    ListMembers,
    Person,
    Proof,
    Query,
    Register,
    ReportedUse,
    ReportUses,
    UnbindMember,
    Update,
    Verb,
    Verify,
    VerifyTemporary,
    Who,
)
from reference.gateway.fields import check_fields, field_rules
from reference.gateway.profiles.qinghai_xml import SETTINGS
from reference.standard.ecard import load_ecard

PROFILE = "qinghai"
CITIZEN_CARD, BIRTH_CERTIFICATE = "01", "08"
PERSON = {
    "id_type": "id_type",
    "id_number": "id_number",
    "name": "name",
    "sex": "sex",
    "birthday": "birthday",
    "nation": "nation",
    "telephone": "telephone",
    "phone": "cellphone",
    "address": "address",
    "employer": "unit",
}
"""The resident's data: name in the core, name on the wire. The text's address is that of the household register; it has
no other, so that it stands where other profiles look for an address (decision)."""
PHOTOS = {"photo_front": "photo_front", "photo_back": "photo_reverse", "photo_face": "photo_face"}
"""The photos of a proof: name in the core, name on the wire."""
LOWER_CASE_CITIZEN = re.compile("[0-9]{17}x")

Fields = Mapping[str, str]


def verb_of(service: str, fields: Fields, guid: str) -> Verb:
    """The verb that a service asks for. ``guid`` is the message's, by which a use is recognised again.

    Raises Refusal for fields against their rules, and for a service that does not exist.
    """
    if service not in REQUESTS:
        raise Refusal("request.unknown-verb", "bussinessCode")
    values = check_fields(field_rules(PROFILE, service), fields, others=False)
    for name in SETTINGS["document_numbers"]:
        if LOWER_CASE_CITIZEN.fullmatch(values.get(name, "")):
            raise Refusal("person.id-number-lower-case", name)
    return REQUESTS[service](values, guid)


def _person(values: Fields) -> Person:
    if values["id_type"] == CITIZEN_CARD:
        if not values["id_card"]:
            raise Refusal("request.empty-field", "id_card")
        if values["id_card"] != values["id_number"]:
            raise Refusal("person.id-number-malformed", "id_card")
    return _described(values)


def _described(values: Fields) -> Person:
    return Person(**{core: values.get(wire, "") for core, wire in PERSON.items()})


def _photographed(values: Fields) -> Proof:
    photos: dict[str, Any] = {core: _photo(values[wire], wire) for core, wire in PHOTOS.items()}
    return Proof(way="online", **photos)


def _photo(text: str, field: str) -> bytes:
    try:
        photo = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Refusal("person.image-malformed", field) from None
    if len(photo) > load_ecard().limit("photo-bytes"):
        raise Refusal("person.image-too-large", field)
    return photo


def _online(values: Fields, guid: str) -> Verb:
    return Register(person=_person(values), proof=_photographed(values), strict=True)


def _on_site(values: Fields, guid: str) -> Verb:
    proof = Proof(way="on-site", clerk_id_number=values["auth_id_card"], clerk_name=values["auth_name"])
    return Register(person=_person(values), proof=proof, strict=True)


def _newborn(values: Fields, guid: str) -> Verb:
    """No photos and no clerk: the birth certificate is what is checked, the sender answers for it (decision)."""
    order = int(values["birth_order"] or "0")
    child = Child(
        guardian_id_type=values["guardian_id_type"] or CITIZEN_CARD,
        guardian_id_number=values["id_card"],
        mother_name=values["mother_name"],
        multiple_birth=order > 0,
        birth_order=order,
    )
    return Register(person=_described(values), proof=Proof(way="trusted"), child=child, strict=True)


def _resident(values: Fields) -> Who:
    """By identity card, or by type and number of another document."""
    if values["id_card"]:
        return Who(id_type=CITIZEN_CARD, id_number=values["id_card"])
    return _document(values["id_type"], values["id_number"], "id_card")


def _document(id_type: str, id_number: str, missing: str) -> Who:
    if not id_type or not id_number:
        raise Refusal("request.empty-field", missing)
    return Who(id_type=id_type, id_number=id_number)


def _self(values: Fields) -> Who:
    return Who(id_type=values["self_id_type"], id_number=values["self_id_number"])


def _apply(values: Fields, guid: str) -> Verb:
    return ApplyCode(
        who=_resident(values),
        kind=SETTINGS["kinds"][values["qrcode_type"]],
        payment=values["token"],
        refresh=values["refresh"] == "1",
        again=values["again"] == "1",
    )


def _verify(values: Fields, guid: str) -> Verb:
    return Verify(text=values["qr_code"], step=values["medstep_code"], request=guid)


def _cancel(values: Fields, guid: str) -> Verb:
    return Cancel(who=_resident(values), code=values["qr_code"])


def _bind(values: Fields, guid: str) -> Verb:
    member = _person(values)
    return BindMember(
        who=_self(values),
        member=member,
        relation=values["relation"],
        proof=_photographed(values),
        child=Child() if is_newborn(member) else None,
    )


def is_newborn(person: Person) -> bool:
    """Whether a person is named by a birth certificate: type 08, or 99 with a number of its form."""
    if person.id_type == SETTINGS["newborn_other_type"]:
        return bool(re.fullmatch(load_ecard().id_types[BIRTH_CERTIFICATE].pattern, person.id_number))
    return person.id_type == BIRTH_CERTIFICATE


def _unbind(values: Fields, guid: str) -> Verb:
    return UnbindMember(who=_self(values), member=Who(id_type=values["id_type"], id_number=values["id_number"]))


def _report(values: Fields, guid: str) -> Verb:
    holder = Person(
        id_type=CITIZEN_CARD,
        id_number=values["id_card"],
        name=values["name"],
        sex=values["sex"],
        birthday=values["birthday"],
        nation=values["nation"],
        telephone=values["telephone"],
        address=values["address"],
    )
    use = ReportedUse(
        serial=serial_of(values["hc_number"], values["sam"], values["time"]),
        card=values["hc_number"],
        used_ms=moment_of(values["time"], SETTINGS["moment"]),
        medium="physical",
        terminal=values["sam"],
        channel=values["channel_code"],
        step=values["medstep_code"],
        reset_number=values["atr"],
        city=values["use_citycode"],
        holder=holder,
    )
    return ReportUses(uses=(use,))


def serial_of(card: str, sam: str, time: str) -> str:
    """The number of a use that has none: SM3 over card, SAM and time; the same use is known again (decision)."""
    return hashlib.new("sm3", f"{card}\n{sam}\n{time}".encode()).hexdigest()


def _change(values: Fields, guid: str) -> Verb:
    return Update(
        who=Who(ecard_id=values["ecardId"]),
        sex=values["sex"],
        birthday=values["birthday"].replace("-", ""),
        telephone=values["telephone"],
        address=values["address"],
        change_number=values["alterNo"],
        change_ms=moment_of(values["alterTime"], SETTINGS["moment"]),
    )


def _temporary(values: Fields, guid: str) -> Verb:
    clinic_ms = moment_of(values["clinicTime"], SETTINGS["moment"])
    return ApplyTemporary(name=values["name"], sex=values["sex"], age=int(values["age"]), clinic_ms=clinic_ms)


def _bind_temporary(values: Fields, guid: str) -> Verb:
    """The formal card's code was scanned just now and counts; without it the document does, and with both they must
    mean the same resident (decision)."""
    if not values["qr_code"]:
        who = _document(values["id_type"], values["id_number"], "qr_code")
        return BindTemporary(number=values["qr_code_temp"], who=who)
    id_type, id_number = values["id_type"], values["id_number"]
    also = Who(id_type=id_type, id_number=id_number) if id_type and id_number else None
    return BindTemporary(number=values["qr_code_temp"], who=Who(code=values["qr_code"]), also=also)


def _find_newborn(values: Fields, guid: str) -> Verb:
    """The mother counts before the father, a card id before a document (decision)."""
    for parent in ("mother", "father"):
        if values[f"{parent}_ecard_id"]:
            return FindNewborn(guardian=Who(ecard_id=values[f"{parent}_ecard_id"]), birthday=values["birthday"])
        if values[f"{parent}_id_number"]:
            number, missing = values[f"{parent}_id_number"], f"{parent}_id_type"
            guardian = _document(values[f"{parent}_id_type"], number, missing)
            return FindNewborn(guardian=guardian, birthday=values["birthday"])
    raise Refusal("request.empty-field", "mother_id_number")


def _count(values: Fields, guid: str) -> Verb:
    first, last = (
        china_text(moment_of(values[name], SETTINGS["dashed_date"]), "yyyyMMdd") for name in ("startDate", "endDate")
    )
    return CountCards(institution=values["orgId"], first_date=first, last_date=last)


REQUESTS: dict[str, Callable[[Fields, str], Verb]] = {
    "RHC_E0001": _online,
    "RHC_E0002": _apply,
    "RHC_E0003": _verify,
    "RHC_E0004": _cancel,
    "RHC_E0005": lambda values, guid: Query(who=_resident(values)),
    "RHC_E0006": _on_site,
    "RHC_E0007": _bind,
    "RHC_E0008": _unbind,
    "RHC_E0009": _report,
    "RHC_E0010": lambda values, guid: ListMembers(who=_self(values)),
    "RHC_E0011": _change,
    "RHC_E0012": _temporary,
    "RHC_E0013": lambda values, guid: VerifyTemporary(number=values["qr_code"]),
    "RHC_E0014": _bind_temporary,
    "RHC_E0015": _find_newborn,
    "RHC_E0016": _newborn,
    "RHC_E0017": _count,
}
"""The verb that a service asks for."""
