"""The client side of Wenzhou's interface: verbs to signed SOAP calls, answers back to what they tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference.ecard.moments import china_text, moment_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    Answer,
    ApplyCode,
    ApplyTemporary,
    Cancel,
    Code,
    Person,
    Proof,
    Query,
    Register,
    ServerTime,
    Temporary,
    Time,
    Update,
    Verb,
    Verified,
    Verify,
    VerifyTemporary,
    Who,
)
from reference.gateway.profiles.wenzhou import PATH, SIGNATURE, signature_of
from reference.gateway.profiles.wenzhou_services import CHANGEABLE, PERSON, PROFILE, SETTINGS, dashed
from reference.gateway.profiles.wenzhou_xml import document, read_return, write_call
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Credentials, Request, UnreadableAnswer, UnsupportedVerb, WireRefusal

STATES = {number: state for state, number in SETTINGS["states"].items()}
HOW = {"appmode": SETTINGS["other_mode"], "terminal_type": SETTINGS["other_terminal"]}
UNKNOWN_SEX = "0"

Fields = dict[str, str]


def _changes(of: Person | Update) -> Fields:
    fields = {wire: getattr(of, core) for core, wire in CHANGEABLE.items()}
    return fields | {"birthday": dashed(of.birthday)}


def _terminal(proof: Proof | None) -> Fields:
    if proof is not None and proof.way == "online":
        raise UnsupportedVerb("a proof with photos")
    if proof is not None and proof.way == "on-site":
        return HOW | {"terminal_type": SETTINGS["window"]}
    return HOW


def _register(verb: Register) -> Fields:
    if verb.child is not None or verb.strict:
        raise UnsupportedVerb("registration of a child, or strict")
    person = verb.person
    named = {"name": person.name, "idcard_type": person.id_type, "idcard_value": person.id_number}
    mode = {"appmode": verb.mode} if verb.mode else {}
    return named | _changes(person) | {"sex": person.sex or UNKNOWN_SEX} | _terminal(verb.proof) | mode


def _update(verb: Update) -> Fields:
    if verb.id_type or verb.id_number:
        raise UnsupportedVerb("a change of document")
    if bool(verb.name) != (verb.proof is not None):
        raise UnsupportedVerb("a change of name without proof, or a proof without change")
    return _changes(verb) | {"name": verb.name} | _who(verb.who) | _terminal(verb.proof)


def _who(who: Who) -> Fields:
    if who.code:
        raise UnsupportedVerb("a resident named by a code")
    document = {"idcard_type": who.id_type, "idcard_value": who.id_number}
    return document | {"erhc_cardno": who.ecard_id, "empi": who.index_id}


def _apply(verb: ApplyCode) -> Fields:
    if verb.payment:
        raise UnsupportedVerb("a code with payment")
    return _who(verb.who)


def _temporary_order(verb: ApplyTemporary) -> Fields:
    return {"name": verb.name, "sex": verb.sex, "age": str(verb.age), "clinic_time": china_text(verb.clinic_ms)}


WRITERS: dict[type, Callable[[Any], Fields]] = {
    ServerTime: lambda verb: {},
    Register: _register,
    Update: _update,
    Cancel: lambda verb: _who(verb.who) | {"qrcode_info": verb.code, "reason": verb.reason} | HOW,
    ApplyCode: _apply,
    Query: lambda verb: _who(verb.who),
    Verify: lambda verb: {"qrcode_info": verb.text, "med_stepcode": verb.step} | HOW,
    ApplyTemporary: _temporary_order,
    VerifyTemporary: lambda verb: {"qrcode_info": verb.number} | HOW,
}
"""The body that each verb is asked with."""
TRADES: dict[type, str] = {
    ServerTime: "10001",
    Register: "11001",
    Update: "11002",
    Cancel: "11003",
    Query: "12002",
    Verify: "12001",
    ApplyTemporary: "T0001",
    VerifyTemporary: "12001",
}
STATIC_TRADE, DYNAMIC_TRADE = "11004", "30004"


def trade_of(verb: Verb) -> str:
    """The trade code of a verb. Raises UnsupportedVerb."""
    if isinstance(verb, ApplyCode):
        return STATIC_TRADE if verb.kind == "static" else DYNAMIC_TRADE
    if type(verb) not in TRADES:
        raise UnsupportedVerb(type(verb).__name__)
    return TRADES[type(verb)]


def _account(msg: Fields) -> Account:
    person = {core: msg[wire] for core, wire in PERSON.items()} | {"birthday": msg["birthday"].replace("-", "")}
    return Account(
        person=Person(**person),
        index_id=msg["empi"],
        ecard_id=msg["erhc_cardno"],
        state=STATES.get(msg["status"], ""),
        registered_ms=0,
        updated_ms=0,
        institution=msg["issuer_orgcode"],
        new=msg.get("isnew") == "1",
    )


def _code(msg: Fields) -> Code:
    expires = _moment(msg["invalidtime"])
    return Code(
        text=msg["qrcode_info"],
        kind=SETTINGS["kinds"][msg["qrcode_type"]],
        ecard_id=msg["erhc_cardno"],
        issued_ms=0 if expires is None else expires - int(msg["validseconds"]) * 1000,
        expires_ms=expires,
    )


def _verified(msg: Fields) -> Verified:
    return Verified(
        account=_account(msg),
        kind=SETTINGS["kinds"][msg["qrcode_type"]],
        expires_ms=_moment(msg["invalidtime"]),
        uses_left=int(msg["surplusnum"]) if msg["surplusnum"] else None,
    )


def _temporary(msg: Fields) -> Temporary:
    """A temporary card; its number is the text of its code, by which it is read again."""
    return Temporary(
        number=msg["qrcode_info"],
        name=msg["name"],
        sex=msg["sex"],
        age=int(msg["age"]),
        clinic_ms=moment_of(msg["clinic_time"]),
        expires_ms=moment_of(msg["invalidtime"]),
        index_id=msg["empi"],
    )


def _moment(text: str) -> int | None:
    return moment_of(text) if text else None


READERS: dict[type, Callable[[Fields], Answer]] = {
    ServerTime: lambda msg: Time(now_ms=moment_of(msg["server_datetime"], SETTINGS["time"])),
    Register: _account,
    Update: _account,
    Cancel: _account,
    ApplyCode: _code,
    Query: lambda msg: AccountWithCodes(account=_account(msg)),
    Verify: _verified,
    ApplyTemporary: _temporary,
    VerifyTemporary: _temporary,
}
"""What the answer to each verb tells."""


class WenzhouClient:
    """Asks a platform in Wenzhou's form."""

    id = PROFILE

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def write(self, verb: Verb, now_ms: int, nonce: bytes) -> Request:
        """The signed request; see `WireClient`."""
        trade = trade_of(verb)
        header, body = self.texts(trade, WRITERS[type(verb)](verb), now_ms, nonce.hex(), getattr(verb, "proof", None))
        return Request("POST", PATH, {"content-type": "text/xml; charset=utf-8"}, write_call(header, body))

    def texts(
        self, trade: str, fields: Fields, now_ms: int, request_id: str, proof: Proof | None = None
    ) -> tuple[str, str]:
        """The XML texts of header and body, for whoever makes the SOAP call himself."""
        body = document("body", {name: value for name, value in fields.items() if value})
        header = {
            "organization_id": self._credentials.institution,
            "token": self._credentials.app,
            "tradecode": trade,
            "request_time": china_text(now_ms, SETTINGS["time"]),
            "operator_code": proof.clerk_id_number if proof else "",
            "operator_name": proof.clerk_name if proof else "",
            "request_id": request_id,
        }
        header[SIGNATURE] = signature_of(header, body, self._credentials.secret)
        return document("header", header), body

    def read(self, verb: Verb, body: bytes) -> Answer:
        """The answer; see `WireClient`."""
        trade = trade_of(verb)
        try:
            result, message = read_return(body)
            code, words = result["return_code"], result["return_info"]
        except (Refusal, KeyError) as error:
            raise UnreadableAnswer(f"{trade}: {error!r}") from None
        ids = return_codes(PROFILE).outcomes(trade, code, words)
        if ids != {"ok"}:
            raise WireRefusal(code, words, ids)
        try:
            return READERS[type(verb)](message)
        except (Refusal, KeyError, ValueError) as error:
            raise UnreadableAnswer(f"{trade}: {error!r}") from None
