"""The client side of Qinghai's interface: verbs to SOAP requests, answers back to what they tell.

What an answer leaves out is empty: the text gives no data for cancelling, changing and binding, no times for codes.
Source: EC-QH 4.2.1 (action), chapter 3 (answers).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference.ecard.moments import china_text, moment_of
from reference.ecard.refusals import Refusal
from reference.ecard.states import state_of_number
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    Answer,
    ApplyCode,
    ApplyTemporary,
    BindMember,
    BindTemporary,
    Cancel,
    Code,
    CodeKind,
    Count,
    CountCards,
    Done,
    FindNewborn,
    ListMembers,
    Member,
    Members,
    Person,
    Query,
    Register,
    Reported,
    ReportUses,
    Temporary,
    UnbindMember,
    Update,
    Verb,
    Verified,
    Verify,
    VerifyTemporary,
)
from reference.gateway.profiles.qinghai_codes import outcomes_of
from reference.gateway.profiles.qinghai_requests import FIELDS, Sender, service_of
from reference.gateway.profiles.qinghai_sealing import (
    SENSITIVE,
    UnreadableField,
    institution_key,
    open_content,
    seal_text,
)
from reference.gateway.profiles.qinghai_services import PERSON, PROFILE
from reference.gateway.profiles.qinghai_xml import (
    SETTINGS,
    MalformedXml,
    read_answer,
    read_return,
    write_call,
    write_fields,
)
from reference.gateway.wire import Credentials, Request, UnreadableAnswer, WireRefusal

Told = dict[str, Any]
NOTHING_TOLD = Account(
    person=Person(id_type="", id_number="", name=""), index_id="", ecard_id="", state="", registered_ms=0, updated_ms=0
)


class QinghaiClient:
    """Asks a platform in Qinghai's form, as an application or, without one, as an institution."""

    id = PROFILE

    def __init__(self, credentials: Credentials, *, enciphered: bool = True) -> None:
        self._credentials, self._enciphered = credentials, enciphered
        names = (credentials.institution, credentials.user_name, credentials.password)
        self._key = credentials.secret if credentials.app else institution_key(*names)

    def write(self, verb: Verb, now_ms: int, nonce: bytes) -> Request:
        """The request for a verb; see `WireClient`. The nonce is its ``msgGuid``."""
        action, message = self.texts(verb, now_ms, nonce)
        headers = {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}
        return Request("POST", SETTINGS["paths"][0], headers, write_call(action, message))

    def texts(self, verb: Verb, now_ms: int, nonce: bytes) -> tuple[str, str]:
        """Action and message, for whoever brings a SOAP library of his own. Raises UnsupportedVerb."""
        sender, service = Sender(self._credentials, now_ms, nonce.hex()), service_of(verb)
        fields = FIELDS[service](verb, sender)
        if self._enciphered:
            fields = {
                name: seal_text(value, self._key) if name in SENSITIVE else value for name, value in fields.items()
            }
        return self._action(service, sender), write_fields(fields)

    def read(self, verb: Verb, body: bytes) -> Answer:
        """The answer to a verb; see `WireClient`."""
        try:
            text = read_return(body)
        except MalformedXml as error:
            raise UnreadableAnswer(str(error)) from None
        return self.read_text(verb, text)

    def read_text(self, verb: Verb, text: str) -> Answer:
        """The answer to a verb out of its SOAP envelope. Raises as `read`."""
        service = service_of(verb)
        try:
            told = read_answer(text)
            result, code, words = (str(told[name]) for name in ("result", "resultCode", "desc"))
        except (MalformedXml, KeyError) as error:
            raise UnreadableAnswer(f"{service}: {error!r}") from None
        ids = outcomes_of(service, code, words)
        if (ids == {"ok"}) != (result == "success"):
            raise UnreadableAnswer(f"{service}: result {result} with code {code}")
        if ids != {"ok"}:
            raise WireRefusal(code, words, ids)
        try:
            plain = dict(open_content(told, self._key)) if self._enciphered else told
            return READERS[type(verb)](verb, plain)
        except (UnreadableField, LookupError, TypeError, ValueError, Refusal) as error:
            raise UnreadableAnswer(f"{service}: {error!r}") from None

    def _action(self, service: str, sender: Sender) -> str:
        ours = self._credentials
        return write_fields(
            {
                "msgGuid": sender.guid,
                "msgType": SETTINGS["constants"]["msgType"],
                "bussinessCode": service,
                "msgCreateTime": china_text(sender.now_ms, SETTINGS["created"]),
                "orgId": "" if ours.app else ours.institution,
                "appCode": ours.app,
                "userName": ours.user_name,
                "userPwd": ours.password,
                "stdVerCode": SETTINGS["constants"]["stdVerCode"],
                "encryption": SETTINGS["constants"]["encryption"] if self._enciphered else "",
            }
        )


def _elements(told: Told, name: str) -> list[Told]:
    """The elements of a name, none where it is missing or empty. Raises TypeError for a text in their place."""
    found = told.get(name) or []
    if not isinstance(found, list):
        raise TypeError(name)
    return found


def _element(told: Told, name: str) -> Told:
    return _elements(told, name)[0]


def _text(told: Told, name: str) -> str:
    """A field's text, empty where it is missing. Raises TypeError for elements in its place."""
    found = told.get(name, "")
    if not isinstance(found, str):
        raise TypeError(name)
    return found


def _account(person: Told) -> Account:
    number = _text(person, "ehc_card_status")
    return Account(
        person=Person(**{core: _text(person, wire) for core, wire in PERSON.items()}),
        index_id=_text(person, "main_index"),
        ecard_id=_text(person, "ecardId"),
        state=state_of_number(PROFILE, number).value if number else "",
        registered_ms=0,
        updated_ms=0,
    )


def _registered(verb: Verb, told: Told) -> Account:
    return _account(_element(told, "personinfo"))


def _code(text: str) -> Code:
    card, mark, *_ = text.split(":")
    return Code(text=text, kind=SETTINGS["kinds"][mark], ecard_id=card, issued_ms=0)


def _applied(verb: ApplyCode, told: Told) -> Code:
    return _code(_text(_element(told, "ehc_cardinfo"), "qr_code"))


def _verified(verb: Verify, told: Told) -> Verified:
    card = _element(told, "ehc_cardinfo")
    _, mark, *time = _text(card, "qr_codetext").split(":")
    kind: CodeKind = SETTINGS["kinds"][mark]
    return Verified(account=_account(card), kind=kind, expires_ms=moment_of(time[0]) if time else None)


def _found(verb: Query, told: Told) -> AccountWithCodes:
    card = _element(told, "ehc_cardinfo")
    texts = (_text(card, name) for name in ("qr_code", "dt_qr_code"))
    return AccountWithCodes(account=_account(card), codes=tuple(_code(text) for text in texts if text))


def _members(told: Told) -> Members:
    return Members(
        members=tuple(
            Member(account=_account(person), relation=_text(person, "relation"), bound_ms=0)
            for person in _elements(told, "personinfo")
        )
    )


def _newborns(verb: FindNewborn, told: Told) -> Members:
    found = _elements(told, "personinfos")
    return _members(found[0] if found else {})


def _issued(verb: ApplyTemporary, told: Told) -> Temporary:
    return Temporary(number=_text(told, "qr_code"), name="", sex="", age=0, clinic_ms=0, expires_ms=0)


def _temporary(verb: VerifyTemporary, told: Told) -> Temporary:
    return Temporary(
        number=verb.number,
        name=_text(told, "name"),
        sex=_text(told, "sex"),
        age=int(_text(told, "age")),
        clinic_ms=moment_of(_text(told, "clinicTime"), SETTINGS["moment"]),
        expires_ms=0,
    )


def _nothing(verb: Verb, told: Told) -> Account:
    return NOTHING_TOLD


READERS: dict[type, Callable[[Any, Told], Answer]] = {
    Register: _registered,
    ApplyCode: _applied,
    Verify: _verified,
    Cancel: _nothing,
    Query: _found,
    BindMember: _registered,
    UnbindMember: lambda verb, told: Done(),
    ListMembers: lambda verb, told: _members(told),
    ReportUses: lambda verb, told: Reported(kept=len(verb.uses), known=0),
    Update: _nothing,
    ApplyTemporary: _issued,
    VerifyTemporary: _temporary,
    BindTemporary: _nothing,
    FindNewborn: _newborns,
    CountCards: lambda verb, told: Count(count=int(_text(told, "count"))),
}
"""What the answer to each verb tells."""
