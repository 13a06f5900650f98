"""The client side of Tencent's open platform: verbs to signed requests, answers back to what they tell.

Every request but the one for it carries the access token; ``token`` is set by whoever keeps it for all clients of an
application, since a new one voids the old (EC-TX). Reading the answer to `IssueToken` sets it too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import msgspec

from reference.ecard.moments import china_text
from reference.ecard.verbs import (
    Answer,
    ApplyCode,
    LinkMedium,
    Person,
    Prefabricate,
    Query,
    Register,
    ReportUses,
    Verb,
    Verify,
    Who,
)
from reference.gateway.profiles.tencent import SERVICE_PATH, TOKEN_PATH, TOKEN_SERVICE, Told
from reference.gateway.profiles.tencent_answers import WORD_OF_NATION, WORD_OF_SEX, dashed
from reference.gateway.profiles.tencent_readers import READERS
from reference.gateway.profiles.tencent_services import MARK_OF_KIND, PLAIN, PROFILE, SECOND, SETTINGS
from reference.gateway.profiles.tencent_signing import signature, signed_parts
from reference.gateway.profiles.tencent_verbs import HOSPITAL_CARD, DrawCode, Enrol, IssueToken, RenewIds, Token
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Credentials, Request, UnreadableAnswer, UnsupportedVerb, WireRefusal

_json = msgspec.json.Encoder()
_told = msgspec.json.Decoder(Told)
MARK_OF_MEDIUM = {medium: mark for mark, medium in SETTINGS["media"].items()}

Fields = dict[str, Any]


def _person(person: Person) -> Fields:
    if person.nationality or person.domicile or person.employer or person.marital_status:
        raise UnsupportedVerb("nationality, domicile, employer or marital status")
    return {wire: getattr(person, core) for core, wire in PLAIN.items()} | {
        "gender": WORD_OF_SEX[person.sex] if person.sex else "",
        "nation": WORD_OF_NATION[person.nation] if person.nation else "",
        "birthday": dashed(person.birthday),
    }


def _register(verb: Register, patient: str = "") -> Fields:
    if verb.strict or verb.proof.way != "trusted" or verb.mode:
        raise UnsupportedVerb(
            "a strict registration, one with a mode, or with another proof than the application's own"
        )
    fields = _person(verb.person) | {"patid": patient}
    child = verb.child
    if child is not None:
        fields["childInfo"] = {
            "guardianIdType": child.guardian_id_type,
            "guardianIdNumber": child.guardian_id_number,
            "motherName": child.mother_name,
            "multipleBirth": "1" if child.multiple_birth else "0",
            "birthOrder": str(child.birth_order),
        }
    return fields


def _batch(verb: Prefabricate) -> Fields:
    if verb.source != HOSPITAL_CARD:
        raise UnsupportedVerb("cards made in advance from another index than the hospital's")
    media = verb.media or ("",) * len(verb.persons)
    return {
        "healthCardItems": [
            _person(person) | {"patid": patient} for person, patient in zip(verb.persons, media, strict=True)
        ]
    }


def _verify(verb: Verify) -> Fields:
    kind = MARK_OF_KIND[verb.kinds[0]] if len(verb.kinds) == 1 else ""
    return {"qrCodeText": verb.text, "qrCodeType": kind, "medicalStep": verb.step}


def _apply(verb: ApplyCode) -> Fields:
    if not verb.who.ecard_id or verb.payment or verb.scene:
        raise UnsupportedVerb("a code of a resident who is not named by card id, for a scene, or with payment")
    return {"healthCardId": verb.who.ecard_id, "codeType": MARK_OF_KIND[verb.kind or "dynamic"]}


def _draw(verb: DrawCode) -> Fields:
    document = {"idType": verb.id_type, "idNumber": verb.id_number}
    return document | {"healthCardId": verb.ecard_id, "codeType": MARK_OF_KIND[verb.kind]}


def _query(verb: Query) -> Fields:
    if not verb.who.ecard_id:
        raise UnsupportedVerb("a resident who is not named by card id")
    return {"healthCardId": verb.who.ecard_id}


def _bind(verb: LinkMedium) -> Fields:
    if verb.medium != HOSPITAL_CARD:
        raise UnsupportedVerb("another card than the hospital's")
    return {"patid": verb.number, "qrCodeText": _code_of(verb.who)}


def _code_of(who: Who) -> str:
    """A code that names the resident: his own, or the static one of his card."""
    if who.code:
        return who.code
    if not who.ecard_id:
        raise UnsupportedVerb("a resident who is not named by card id or code")
    return f"{who.ecard_id}:{MARK_OF_KIND['static']}"


def _report(verb: ReportUses) -> Fields:
    if len(verb.uses) != 1:
        raise UnsupportedVerb("uses are told one by one")
    (use,) = verb.uses
    return {
        "qrCodeText": _code_of(Who(ecard_id=use.card)),
        "time": china_text(use.used_ms, SECOND),
        "serviceId": use.serial,
        "scene": use.step,
        "department": use.department,
        "cardType": MARK_OF_MEDIUM[use.medium],
        "cardChannel": use.channel,
        "cardCostTypes": use.cost_type,
    }


def _renew(verb: RenewIds) -> Fields:
    names = ("ecard_id", "healthCardId"), ("id_type", "idType"), ("id_number", "idNumber")
    items = [{wire: getattr(holding, core) for core, wire in names} for holding in verb.holdings]
    return {"updateHealthCardIdItems": items}


WRITERS: dict[type, tuple[str, Callable[[Any], Fields]]] = {
    IssueToken: (TOKEN_SERVICE, lambda verb: {}),
    Register: ("registerHealthCard", _register),
    Enrol: ("registerHealthCard", lambda verb: _register(verb.register, verb.patient)),
    Prefabricate: ("registerBatchHealthCard", _batch),
    Query: ("getHealthCardByHealthCardId", _query),
    ApplyCode: ("getDynamicQRCode", _apply),
    DrawCode: ("getDynamicQRCode", _draw),
    Verify: ("verifyQRCode", _verify),
    LinkMedium: ("bindCardRelation", _bind),
    ReportUses: ("reportHISData", _report),
    RenewIds: ("updateHealthCardId", _renew),
}
"""The service for each verb, and what it is asked with."""


class TencentClient:
    """Asks a platform in the form of Tencent's; see the module for ``token``."""

    id = PROFILE

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self.token = ""

    def write(self, verb: Verb, now_ms: int, nonce: bytes) -> Request:
        """The signed request; see `WireClient`."""
        if type(verb) not in WRITERS:
            raise UnsupportedVerb(type(verb).__name__)
        service, fields = WRITERS[type(verb)]
        known = self._credentials
        asked = {name: value for name, value in fields(verb).items() if value}
        if service == TOKEN_SERVICE:
            asked["appId"] = known.app
        elif service == "verifyQRCode" and known.terminal:
            asked["terminalId"] = known.terminal
        elif service == "reportHISData":
            asked["hospitalCode"] = known.institution
        common: Fields = {
            "appToken": "" if service == TOKEN_SERVICE else self.token,
            "requestId": nonce.hex().upper(),
            "hospitalId": known.institution,
            "timestamp": str(now_ms // 1000),
            "channelNum": SETTINGS["channel"],
        }
        common["sign"] = signature(signed_parts(common, asked), known.secret)
        path = TOKEN_PATH if service == TOKEN_SERVICE else SERVICE_PATH + service
        body = _json.encode({"commonIn": common, "req": asked})
        return Request("POST", path, {"content-type": "application/json; charset=utf-8"}, body)

    def read(self, verb: Verb, body: bytes) -> Answer:
        """What the answer tells; see `WireClient`."""
        service, _ = WRITERS[type(verb)]
        try:
            told = _told.decode(body)
        except msgspec.DecodeError as error:
            raise UnreadableAnswer(str(error)) from None
        code, words = str(told.commonOut.resultCode), told.commonOut.errMsg
        ids = return_codes(PROFILE).outcomes(service, code, words)
        if ids != {"ok"}:
            raise WireRefusal(code, words, ids)
        try:
            answer = READERS[type(verb)](told.rsp, verb)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise UnreadableAnswer(f"{service}: {error!r}") from None
        if isinstance(answer, Token):
            self.token = answer.token
        return cast(Answer, answer)
