"""The client side of Guangdong's interface: verbs to signed requests, answers back to what they tell."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import msgspec

from reference.ecard.moments import moment_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    Answer,
    ApplyCode,
    Batch,
    BatchRow,
    Child,
    Claim,
    Code,
    Person,
    Prefabricate,
    Proof,
    Query,
    Register,
    Update,
    Verb,
    Verified,
    Verify,
    Who,
)
from reference.gateway.profiles.guangdong import ENCIPHERED, PATH, Envelope, Sealed
from reference.gateway.profiles.guangdong_sealing import HEAD_SIGNED, conceal, conceal_all, is_signed, reveal, sign
from reference.gateway.profiles.guangdong_services import CHANGEABLE, CHILD, PERSON, PROFILE, SETTINGS
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Credentials, Request, UnreadableAnswer, UnsupportedVerb, WireRefusal

_json = msgspec.json.Encoder()
_sealed = msgspec.json.Decoder(Sealed)
NONCE_BELOW = 10**15
"""A nonce has fewer than 16 digits (EC-GD)."""
OTHER_MODE: str = SETTINGS["other_mode"]
PREMADE_MODE: str = SETTINGS["premade_mode"]
ADULT = "1"
STATES = {number: state for state, number in SETTINGS["states"].items()}
MARK_OF_PROOF = {way: mark for mark, way in SETTINGS["proofs"].items()}

Body = dict[str, str]


def _person(person: Person) -> Body:
    return {wire: getattr(person, core) for core, wire in PERSON.items()}


def _proof(proof: Proof) -> Body:
    return {
        "authMode": MARK_OF_PROOF[proof.way],
        "idPhoto": base64.b64encode(proof.photo_front).decode(),
        "scenePhoto": base64.b64encode(proof.photo_face).decode(),
        "operatorName": proof.clerk_name,
        "operatorIdCode": proof.clerk_id_number,
    }


def _child(child: Child | None) -> Body:
    if child is None:
        return {"personnelType": ADULT}
    return {
        "personnelType": CHILD,
        "multifetalMark": "1" if child.multiple_birth else "0",
        "multpripleBirths": str(child.birth_order or ""),
        "motherName": child.mother_name,
        "motherIdCode": child.guardian_id_number,
        "motherIdCardTypeCode": child.guardian_id_type,
    }


def _register(verb: Register) -> Body:
    if verb.mode == PREMADE_MODE or verb.strict:
        raise UnsupportedVerb("registration of mode 4 (made in advance), or strict")
    mode = {"appMode": verb.mode or OTHER_MODE}
    return _person(verb.person) | _child(verb.child) | _proof(verb.proof) | mode


def _prefabricate(verb: Prefabricate) -> Body:
    if len(verb.persons) != 1 or any(verb.media):
        raise UnsupportedVerb("cards made in advance are sent one by one here, without an existing card")
    return _person(verb.persons[0]) | {"personnelType": ADULT, "appMode": PREMADE_MODE}


def _update(verb: Update) -> Body:
    if verb.name or verb.id_type or verb.id_number or not verb.who.ecard_id:
        raise UnsupportedVerb("a change of name or document, or without card id")
    changes = {wire: getattr(verb, core) for core, wire in CHANGEABLE.items()}
    return changes | {"erhcCardNo": verb.who.ecard_id, "appMode": OTHER_MODE}


def _who(who: Who) -> Body:
    if not (who.ecard_id or who.id_number):
        raise UnsupportedVerb("a resident named by index id or code")
    named = {"erhcCardNo": who.ecard_id, "idCardTypeCode": who.id_type, "idCode": who.id_number}
    return named | {"appMode": OTHER_MODE}


def _apply(verb: ApplyCode) -> Body:
    if verb.kind == "static" or verb.payment:
        raise UnsupportedVerb("a static code by itself, or one with payment")
    return _who(verb.who)


WRITERS: dict[type, tuple[str, Callable[[Any], Body]]] = {
    Register: ("createVmcardQRcode", _register),
    Prefabricate: ("createVmcardQRcode", _prefabricate),
    Update: ("modifyVmcardInfo", _update),
    Query: ("getPersonInfo", lambda verb: _who(verb.who)),
    ApplyCode: ("getActiveQrCode", _apply),
    Verify: ("getPersonInfoByQrCode", lambda v: {"qrCode": v.text, "medStepCode": v.step, "appMode": OTHER_MODE}),
    Claim: ("activateVmcardQRcode", lambda v: _who(v.who) | {"name": v.name} | _proof(v.proof)),
}
"""The method for each verb, and the body it is asked with."""


def _account(datas: dict[str, Any]) -> Account:
    return Account(
        person=Person(**{core: datas.get(wire, "") for core, wire in PERSON.items()}),
        index_id=datas["empi"],
        ecard_id=datas["erhcCardNo"],
        state=STATES.get(datas["status"], ""),
        registered_ms=0,
        updated_ms=0,
        new=datas.get("isNew") == "1",
    )


def _code(datas: dict[str, Any]) -> Code:
    expires = _moment(datas["invalidTime"])
    return Code(
        text=datas["qrCode"],
        kind=SETTINGS["kinds"][datas["qrCodeType"]],
        ecard_id=datas["erhcCardNo"],
        issued_ms=0 if expires is None else expires - int(datas["validSeconds"]) * 1000,
        expires_ms=expires,
        colour=int(datas["color"]),
    )


def _verified(datas: dict[str, Any]) -> Verified:
    return Verified(
        account=_account(datas),
        kind=SETTINGS["kinds"][datas["qrCodeType"]],
        expires_ms=_moment(datas["invalidTime"]),
        uses_left=int(datas["surplusNum"]) if datas["surplusNum"] else None,
    )


def _batch(datas: dict[str, Any]) -> Batch:
    problems = tuple(datas["problems"].split())
    row = BatchRow(row=0, state=datas["batchState"], ecard_id=datas["erhcCardNo"], problems=problems)
    return Batch(batch_id=datas["batchNo"], rows=(row,))


def _moment(text: str) -> int | None:
    return moment_of(text) if text else None


READERS: dict[type, Callable[[dict[str, Any]], Answer]] = {
    Register: _account,
    Prefabricate: _batch,
    Update: _account,
    Query: lambda datas: AccountWithCodes(account=_account(datas)),
    ApplyCode: _code,
    Verify: _verified,
    Claim: _account,
}
"""What the answer to each verb tells."""


class GuangdongClient:
    """Asks a platform in Guangdong's form, V2.0.0: the institution stands in the body."""

    id = PROFILE

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._mode: str = SETTINGS["sign_modes"][0]

    def write(self, verb: Verb, now_ms: int, nonce: bytes) -> Request:
        """The signed request; see `WireClient`."""
        if type(verb) not in WRITERS:
            raise UnsupportedVerb(type(verb).__name__)
        method, fields = WRITERS[type(verb)]
        known, secret = self._credentials, self._credentials.secret
        body = {name: value for name, value in fields(verb).items() if value}
        body |= {"orgCode": known.institution, "appRecordNo": known.record_number}
        if type(verb) is Verify and known.terminal:
            body["terminalCode"] = known.terminal
        sealed = conceal_all(body, ENCIPHERED, secret)
        envelope = Envelope(
            method=method,
            version=SETTINGS["version"],
            appId=known.app,
            nonceStr=str(int.from_bytes(nonce, "big") % NONCE_BELOW),
            timestamp=conceal(str(now_ms // 1000), secret),
            signMode=self._mode,
            encryptMode=SETTINGS["encrypt_modes"][0],
            body=sealed,
        )
        envelope.headSign = sign({name: getattr(envelope, name) for name in HEAD_SIGNED}, secret, self._mode)
        envelope.bodySign = sign(sealed, secret, self._mode)
        return Request("POST", PATH, {"content-type": "application/json; charset=utf-8"}, _json.encode(envelope))

    def read(self, verb: Verb, body: bytes) -> Answer:
        """The answer, its signature checked and its fields opened; see `WireClient`."""
        method, _ = WRITERS[type(verb)]
        try:
            sealed = _sealed.decode(body)
        except msgspec.DecodeError as error:
            raise UnreadableAnswer(str(error)) from None
        ids = return_codes(PROFILE).outcomes(method, str(sealed.returnCode), sealed.returnDesc)
        if ids != {"ok"}:
            raise WireRefusal(str(sealed.returnCode), sealed.returnDesc, ids)
        secret, datas = self._credentials.secret, sealed.datas
        if datas is None or not is_signed(datas, secret, self._mode, sealed.signString):
            raise UnreadableAnswer(f"{method}: signString does not fit")
        try:
            opened = {
                name: reveal(value, secret, name) if name in ENCIPHERED else value for name, value in datas.items()
            }
            return READERS[type(verb)](opened)
        except (Refusal, KeyError, ValueError, AttributeError) as error:
            raise UnreadableAnswer(f"{method}: {error!r}") from None
