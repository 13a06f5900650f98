"""What Qinghai's client writes: for each verb the service and the fields that it is asked with.

The inverse of `qinghai_services`. Source: EC-QH chapter 3. A verb that the interface has no service for, or that names
a resident in a way that its fields have no place for, is unsupported.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, NamedTuple

from reference.ecard.moments import china_text, moment_of
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
    ReportUses,
    UnbindMember,
    Update,
    Verb,
    Verify,
    VerifyTemporary,
    Who,
)
from reference.gateway.profiles.qinghai_answers import MARK_OF_KIND
from reference.gateway.profiles.qinghai_services import CITIZEN_CARD, PERSON, PHOTOS, is_newborn
from reference.gateway.profiles.qinghai_xml import SETTINGS
from reference.gateway.wire import Credentials, UnsupportedVerb
from reference.standard.ecard import load_ecard


class Sender(NamedTuple):
    """What requests tell beside their verb: who sends, when, and under which number."""

    credentials: Credentials
    now_ms: int
    guid: str


Fields = dict[str, str]
Writer = Callable[[Any, Sender], Fields]


def _person(person: Person, *names: str) -> Fields:
    fields = {wire: getattr(person, core) for core, wire in PERSON.items() if not names or core in names}
    if person.id_type == CITIZEN_CARD:
        fields["id_card"] = person.id_number
    return fields


def _photos(proof: Proof) -> Fields:
    return {wire: base64.b64encode(getattr(proof, core)).decode() for core, wire in PHOTOS.items()}


def _online(verb: Register, sender: Sender) -> Fields:
    return _person(verb.person) | _photos(verb.proof)


def _on_site(verb: Register, sender: Sender) -> Fields:
    clerk = {"auth_id_card": verb.proof.clerk_id_number, "auth_name": verb.proof.clerk_name}
    return _person(verb.person) | clerk


def _of_newborn(verb: Register, sender: Sender) -> Fields:
    child = verb.child
    assert child is not None, "the service is chosen by it"
    names = ("id_type", "id_number", "name", "sex", "birthday", "nation", "telephone", "address")
    return _person(verb.person, *names) | {
        "id_card": child.guardian_id_number,
        "guardian_id_type": child.guardian_id_type,
        "mother_name": child.mother_name,
        "birth_order": str(child.birth_order) if child.multiple_birth else "",
    }


def _resident(who: Who) -> Fields:
    if not who.id_number:
        raise UnsupportedVerb("a resident without document")
    if who.id_type == CITIZEN_CARD:
        return {"id_card": who.id_number}
    return {"id_type": who.id_type, "id_number": who.id_number}


def _self(who: Who) -> Fields:
    if not who.id_number:
        raise UnsupportedVerb("a holder without document")
    return {"self_id_type": who.id_type, "self_id_number": who.id_number}


def _apply(verb: ApplyCode, sender: Sender) -> Fields:
    """Without a kind the one that a platform chooses where no scene is named (scenes.toml): dynamic."""
    return _resident(verb.who) | {
        "qrcode_type": MARK_OF_KIND[verb.kind or "dynamic"],
        "token": verb.payment,
        "refresh": "1" if verb.refresh else "",
        "again": "1" if verb.again else "",
    }


def _verify(verb: Verify, sender: Sender) -> Fields:
    return {
        "qr_code": verb.text,
        "time": china_text(sender.now_ms, SETTINGS["moment"]),
        "sam": sender.credentials.terminal,
        "hospital_code": sender.credentials.institution,
        "medstep_code": verb.step,
        "medstep_name": _title("diagnosis-step", verb.step),
    }


def _cancel(verb: Cancel, sender: Sender) -> Fields:
    if not verb.code:
        raise UnsupportedVerb("Cancel without the resident's code")
    return _resident(verb.who) | {"qr_code": verb.code}


def _bind(verb: BindMember, sender: Sender) -> Fields:
    if (
        verb.proof.way != "online"
        or (verb.child is not None) != is_newborn(verb.member)
        or verb.child not in (None, Child())
    ):
        raise UnsupportedVerb("BindMember but with photos, and a child but with a birth certificate alone")
    names = ("id_type", "id_number", "name", "sex", "birthday", "nation", "telephone", "address")
    return _self(verb.who) | {"relation": verb.relation} | _person(verb.member, *names) | _photos(verb.proof)


def _unbind(verb: UnbindMember, sender: Sender) -> Fields:
    member = verb.member
    if not member.id_number:
        raise UnsupportedVerb("a member without document")
    return _self(verb.who) | {"id_type": member.id_type, "id_number": member.id_number}


def _report(verb: ReportUses, sender: Sender) -> Fields:
    """City and institution have names on the wire that a client does not know: province, and the institution's code."""
    if len(verb.uses) != 1 or verb.uses[0].medium != "physical" or verb.uses[0].holder is None:
        raise UnsupportedVerb("ReportUses but of one physical card with its holder")
    use, holder = verb.uses[0], verb.uses[0].holder
    names = ("name", "sex", "nation", "birthday", "telephone", "address")
    return _person(holder, *names) | {
        "id_card": holder.id_number,
        "time": china_text(use.used_ms, SETTINGS["moment"]),
        "atr": use.reset_number,
        "hc_number": use.card,
        "sam": use.terminal,
        "use_citycode": use.city,
        "use_cityname": _title("province", use.city[:2]),
        "hospital_code": sender.credentials.institution,
        "hospital_name": sender.credentials.institution,
        "channel_code": use.channel,
        "channel_name": _title("channel", use.channel),
        "medstep_code": use.step,
        "medstep_name": _title("diagnosis-step", use.step),
    }


def _title(table: str, value: str) -> str:
    row = load_ecard().codes[table].get(value)
    return row.title.zh if row else ""


def _update(verb: Update, sender: Sender) -> Fields:
    named = Update(
        who=verb.who,
        sex=verb.sex,
        birthday=verb.birthday,
        telephone=verb.telephone,
        address=verb.address,
        change_number=verb.change_number,
        change_ms=verb.change_ms,
    )
    if not verb.who.ecard_id or verb != named:
        raise UnsupportedVerb("Update but of sex, birthday, telephone and address by card id")
    birthday = china_text(moment_of(verb.birthday, "yyyyMMdd"), SETTINGS["dashed_date"]) if verb.birthday else ""
    return {
        "ecardId": verb.who.ecard_id,
        "sex": verb.sex,
        "birthday": birthday,
        "telephone": verb.telephone,
        "address": verb.address,
        "alterNo": verb.change_number or sender.guid,
        "alterTime": china_text(verb.change_ms or sender.now_ms, SETTINGS["moment"]),
    }


def _temporary(verb: ApplyTemporary, sender: Sender) -> Fields:
    clinic_time = china_text(verb.clinic_ms, SETTINGS["moment"])
    return {"name": verb.name, "sex": verb.sex, "age": str(verb.age), "clinicTime": clinic_time}


def _bind_temporary(verb: BindTemporary, sender: Sender) -> Fields:
    fields = {"qr_code_temp": verb.number}
    if verb.who.code:
        fields |= {"qr_code": verb.who.code}
        return fields | ({"id_type": verb.also.id_type, "id_number": verb.also.id_number} if verb.also else {})
    if not verb.who.id_number:
        raise UnsupportedVerb("BindTemporary without code and document")
    return fields | {"id_type": verb.who.id_type, "id_number": verb.who.id_number}


def _find_newborn(verb: FindNewborn, sender: Sender) -> Fields:
    """The guardian stands in the mother's place: a verb does not say which parent it is."""
    guardian = verb.guardian
    if not (guardian.ecard_id or guardian.id_number):
        raise UnsupportedVerb("a guardian without card id and document")
    return {
        "mother_id_type": guardian.id_type,
        "mother_id_number": guardian.id_number,
        "mother_ecard_id": guardian.ecard_id,
        "birthday": verb.birthday,
    }


def _count(verb: CountCards, sender: Sender) -> Fields:
    first, last = (
        china_text(moment_of(date, "yyyyMMdd"), SETTINGS["dashed_date"]) for date in (verb.first_date, verb.last_date)
    )
    return {"orgId": verb.institution, "startDate": first, "endDate": last}


SERVICES: dict[type, str] = {
    ApplyCode: "RHC_E0002",
    Verify: "RHC_E0003",
    Cancel: "RHC_E0004",
    Query: "RHC_E0005",
    BindMember: "RHC_E0007",
    UnbindMember: "RHC_E0008",
    ReportUses: "RHC_E0009",
    ListMembers: "RHC_E0010",
    Update: "RHC_E0011",
    ApplyTemporary: "RHC_E0012",
    VerifyTemporary: "RHC_E0013",
    BindTemporary: "RHC_E0014",
    FindNewborn: "RHC_E0015",
    CountCards: "RHC_E0017",
}
"""The service for each verb; registration has three."""

REGISTRATION = {"online": "RHC_E0001", "on-site": "RHC_E0006"}
"""The service by the way of the proof. Nobody else's real-name check is trusted here."""
NEWBORN = "RHC_E0016"


def service_of(verb: Verb) -> str:
    """The service that a verb asks for. Raises UnsupportedVerb."""
    if isinstance(verb, Register):
        service = NEWBORN if verb.child is not None else REGISTRATION.get(verb.proof.way)
        if service is None:
            raise UnsupportedVerb(f"Register with a proof of the way {verb.proof.way}")
        return service
    if type(verb) not in SERVICES:
        raise UnsupportedVerb(type(verb).__name__)
    return SERVICES[type(verb)]


FIELDS: dict[str, Writer] = {
    "RHC_E0001": _online,
    "RHC_E0002": _apply,
    "RHC_E0003": _verify,
    "RHC_E0004": _cancel,
    "RHC_E0005": lambda verb, sender: _resident(verb.who),
    "RHC_E0006": _on_site,
    "RHC_E0007": _bind,
    "RHC_E0008": _unbind,
    "RHC_E0009": _report,
    "RHC_E0010": lambda verb, sender: _self(verb.who),
    "RHC_E0011": _update,
    "RHC_E0012": _temporary,
    "RHC_E0013": lambda verb, sender: {"qr_code": verb.number},
    "RHC_E0014": _bind_temporary,
    "RHC_E0015": _find_newborn,
    "RHC_E0016": _of_newborn,
    "RHC_E0017": _count,
}
"""The fields with which each service is asked; they may raise UnsupportedVerb."""
