"""The client side of Sichuan's interface: verbs to signed requests, answers back to what they tell."""

from __future__ import annotations

import base64
import binascii
import functools
from collections.abc import Callable
from typing import Any

import msgspec

from reference.crypto.block_texts import UnreadableCipherText, decipher, encipher
from reference.ecard.moments import china_text, moment_of
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    AddInstitution,
    Answer,
    ApplyCode,
    Cancel,
    Code,
    Institution,
    Person,
    Query,
    QueryInstitution,
    Register,
    Reported,
    ReportUses,
    Update,
    UpdateInstitution,
    Verb,
    Verified,
    Verify,
)
from reference.gateway.profiles.sichuan import PATH, PROFILE, Envelope, Sealed, digest_of
from reference.gateway.profiles.sichuan_services import MARK_OF_KIND, PERSON, SETTINGS
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Credentials, Request, UnreadableAnswer, UnsupportedVerb, WireRefusal

_json = msgspec.json.Encoder()
_sealed = msgspec.json.Decoder(Sealed)
_content = msgspec.json.Decoder(dict[str, Any])
HEADERS = {"content-type": "application/json; charset=utf-8"}
WORDS_KEPT = 256
"""Return codes with their words whose meaning is kept: more than the table has, less than a platform could make up."""
STATES = {number: state for state, number in SETTINGS["states"].items()}
MARK_OF_PROOF = {way: mark for mark, way in SETTINGS["proofs"].items()}


def _register(verb: Register, now_ms: int, nonce: str) -> dict[str, Any]:
    return {wire: getattr(verb.person, core) for core, wire in PERSON.items()} | {
        "register_no": nonce,
        "register_time": china_text(now_ms),
        "apply_type": verb.mode,
        "rzfs": MARK_OF_PROOF[verb.proof.way],
        "file1": base64.b64encode(verb.proof.photo_face).decode(),
        "operator": verb.proof.clerk_name,
        "operator_id": verb.proof.clerk_id_number,
    }


def _update(verb: Update, now_ms: int, nonce: str) -> dict[str, Any]:
    changes = {wire: getattr(verb, core) for core, wire in PERSON.items()}
    return changes | {
        "request_no": nonce,
        "ehealth_card_id": verb.who.ecard_id,
        "rzfs": MARK_OF_PROOF[verb.proof.way] if verb.proof else "",
    }


def _close(verb: Cancel, now_ms: int, nonce: str) -> dict[str, Any]:
    return {
        "ehealth_card_id": verb.who.ecard_id,
        "revoke_no": nonce,
        "revoke_time": china_text(now_ms),
        "revoke_reason": verb.reason,
    }


def _generate(verb: ApplyCode, now_ms: int, nonce: str) -> dict[str, Any]:
    return {
        "ehealth_card_id": verb.who.ecard_id,
        "ewmbs": MARK_OF_KIND[verb.kind] if verb.kind else "",
        "token": verb.payment,
        "generate_no": nonce,
        "generate_time": china_text(now_ms),
        "medstepcode": verb.scene,
        "refresh": "1" if verb.refresh else "",
        "again": "1" if verb.again else "",
    }


def _verify(verb: Verify, now_ms: int, nonce: str) -> dict[str, Any]:
    return {"ehealth_code": verb.text, "medstepcode": verb.step, "verify_no": verb.request or nonce}


def _query(verb: Query, now_ms: int, nonce: str) -> dict[str, Any]:
    who = verb.who
    return {"request_no": nonce, "ehealth_card_id": who.ecard_id, "id_type": who.id_type, "id_no": who.id_number}


def _report(verb: ReportUses, now_ms: int, nonce: str) -> dict[str, Any]:
    return {
        "request_no": nonce,
        "data": [
            {
                "use_no": use.serial,
                "ehealth_card_id": use.card,
                "use_time": china_text(use.used_ms),
                "terminalcode": use.terminal,
                "channelcode": use.channel,
                "medstepcode": use.step,
                "department": use.department,
            }
            for use in verb.uses
        ],
    }


def _institution(verb: AddInstitution | UpdateInstitution, now_ms: int, nonce: str) -> dict[str, Any]:
    institution = verb.institution
    marks = {state: mark for mark, state in SETTINGS["valid"].items()}
    return {
        "request_no": nonce,
        "orgcode": institution.code,
        "orgname": institution.name,
        "orgproperty": institution.kind,
        "accessmethod": institution.access_method,
        "validtime": institution.valid_until,
        "orgaddr": institution.address,
        "orglevel": institution.level,
        "orghierarchy": institution.hierarchy,
        "valid": marks[institution.state],
    }


WRITERS: dict[type, tuple[str, Callable[[Any, int, str], dict[str, Any]]]] = {
    Register: ("ehc.ehealthcard.register", _register),
    Update: ("ehc.ehealthcard.modify", _update),
    Cancel: ("ehc.ehealthcard.close", _close),
    ApplyCode: ("ehc.ehealthcode.generate", _generate),
    Verify: ("ehc.ehealthcode.verify", _verify),
    Query: ("ehc.ehealthcode.query", _query),
    ReportUses: ("ehc.ehealthcode.usecarddate", _report),
    AddInstitution: ("ehc.org.addorg", _institution),
    UpdateInstitution: ("ehc.org.updateorg", _institution),
    QueryInstitution: ("ehc.org.queryorg", lambda verb, now_ms, nonce: {"request_no": nonce, "orgcode": verb.code}),
}
"""The service for each verb, and what it is asked with."""


def _account(content: dict[str, Any]) -> Account:
    return Account(
        person=Person(**{core: content.get(wire, "") for core, wire in PERSON.items()}),
        index_id=content["mindexid"],
        ecard_id=content["ehealth_card_id"],
        state=STATES.get(content.get("state", ""), ""),
        registered_ms=0,
        updated_ms=0,
        new=content.get("isnew") == "1",
    )


def _code(content: dict[str, Any]) -> Code:
    return Code(
        text=content["ehealth_code"],
        kind=SETTINGS["kinds"][content["ewmbs"]],
        ecard_id=content["ehealth_card_id"],
        issued_ms=0,
        expires_ms=_moment(content["invalidtime"]),
        colour=int(content["color"]),
    )


def _verified(content: dict[str, Any]) -> Verified:
    return Verified(
        account=_account(content),
        kind=SETTINGS["kinds"][content["ewmbs"]],
        expires_ms=_moment(content["invalidtime"]),
        uses_left=int(content["surplusnum"]) if content["surplusnum"] else None,
    )


def _found(content: dict[str, Any]) -> AccountWithCodes:
    return AccountWithCodes(account=_account(content), codes=tuple(_code(code) for code in content["codes"]))


def _read_institution(content: dict[str, Any]) -> Institution:
    return Institution(
        code=content["orgcode"],
        name=content["orgname"],
        kind=content["orgproperty"],
        access_method=content["accessmethod"],
        valid_until=content["validtime"],
        address=content["orgaddr"],
        level=content["orglevel"],
        hierarchy=content["orghierarchy"],
        state=SETTINGS["valid"][content["valid"]],
    )


def _moment(text: str) -> int | None:
    return moment_of(text) if text else None


READERS: dict[type, Callable[[dict[str, Any]], Answer]] = {
    Register: _account,
    Update: _account,
    Cancel: _account,
    ApplyCode: _code,
    Verify: _verified,
    Query: _found,
    ReportUses: lambda content: Reported(kept=int(content["kept"]), known=int(content["known"])),
    AddInstitution: _read_institution,
    UpdateInstitution: _read_institution,
    QueryInstitution: _read_institution,
}
"""What the answer to each verb tells."""


class SichuanClient:
    """Asks a platform in Sichuan's form."""

    id = PROFILE

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._secret_text = credentials.secret.hex()
        self._outcomes = functools.lru_cache(WORDS_KEPT)(return_codes(PROFILE).outcomes)

    def write(self, verb: Verb, now_ms: int, nonce: bytes) -> Request:
        """The signed request; see `WireClient`."""
        if type(verb) not in WRITERS:
            raise UnsupportedVerb(type(verb).__name__)
        method, fields = WRITERS[type(verb)]
        plain = _json.encode(fields(verb, now_ms, nonce.hex()))
        envelope = Envelope(
            app_id=self._credentials.app,
            method=method,
            term_id=self._credentials.terminal,
            version=SETTINGS["version"],
            timestamp=str(now_ms),
            digest_type="SM3",
            enc_type="SM4",
            biz_content=binascii.b2a_base64(encipher(self._credentials.secret, plain), newline=False).decode(),
        )
        envelope.digest = digest_of(envelope, plain.decode(), self._secret_text)
        return Request("POST", PATH, HEADERS, _json.encode(envelope))

    def read(self, verb: Verb, body: bytes) -> Answer:
        """The answer, opened; see `WireClient`."""
        method, _ = WRITERS[type(verb)]
        try:
            sealed = _sealed.decode(body)
        except msgspec.DecodeError as error:
            raise UnreadableAnswer(str(error)) from None
        ids = self._outcomes(method, sealed.code, sealed.message)
        if ids != {"ok"}:
            raise WireRefusal(sealed.code, sealed.message, ids)
        try:
            plain = decipher(self._credentials.secret, binascii.a2b_base64(sealed.biz_content, strict_mode=True))
            return READERS[type(verb)](_content.decode(plain))
        except (binascii.Error, UnreadableCipherText, msgspec.DecodeError, KeyError, ValueError) as error:
            raise UnreadableAnswer(f"{method}: {error!r}") from None
