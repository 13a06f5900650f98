"""Guangdong's ``/api/do`` (in use in Hebei and Hunan too): JSON, head and body signed, personal fields under SM4.

Source: EC-GD. Beside the interface stand its helpers encrypt, deciphering and sign (`guangdong_sealing_service`).
Decisions: the nonce is admitted once an application (decisions, platform); the institution may stand in head (V1.0.x)
or body (V2.0.0) and is the application's own, where it has one; the authorisation signature, which headSign does not
cover, is read for its form alone, since its keys belong to another system (the API授权管理体系).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from reference.access.admission import Admission, check_window
from reference.access.desk import Admitted
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import AccountWithCodes, Answer, Caller, Verb
from reference.gateway.fields import check_fields, field_rules
from reference.gateway.profiles import guangdong_sealing_service
from reference.gateway.profiles.card_with_code import CardWithCode, allowed
from reference.gateway.profiles.guangdong_sealing import HEAD_SIGNED, conceal, conceal_all, is_signed, reveal, sign
from reference.gateway.profiles.guangdong_services import (
    ANSWERS,
    PROFILE,
    REQUESTS,
    SETTINGS,
    UNREGISTERED,
    fields_of,
    registered,
)
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Call, Counter, Exchange, Received, Sent

PATH = "/api/do"
ASKS_WHETHER = "queryIfHasRegistered"
"""The method to which an unknown person is an answer, not a refusal (EC-GD)."""
ENCIPHERED = frozenset(SETTINGS["enciphered"])
VERSION = re.compile(SETTINGS["versions"])
RECORD_NUMBER = re.compile(SETTINGS["record_number"])
HEAD_RULES = field_rules(PROFILE, "*")
HEAD_NAMES = tuple(rule.field for rule in HEAD_RULES)
BODY_RULES = field_rules(PROFILE, "body")
MOST_DIGITS = 12
"""Digits of a time in seconds at most. Source: decision."""


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """The envelope as it arrives. The nonce may be a number; values of the body are text or whole numbers."""

    method: str = ""
    headSign: str = ""
    bodySign: str = ""
    version: str = ""
    appId: str = ""
    orgCode: str = ""
    nonceStr: str | int = ""
    timestamp: str = ""
    signMode: str = ""
    encryptMode: str = ""
    signature: str = ""
    body: dict[str, str | int | None] = {}


class Sealed(msgspec.Struct):
    """The answer."""

    returnCode: int
    returnDesc: str
    signString: str = ""
    timestamp: str = ""
    msg: str = ""
    datas: dict[str, Any] | None = None


_envelope = msgspec.json.Decoder(Envelope)
_json = msgspec.json.Encoder()


class GuangdongExchange:
    """One request to Guangdong's interface."""

    __slots__ = ("_counter", "_envelope", "_received", "_secret")

    def __init__(self, received: Received, counter: Counter) -> None:
        self._received, self._counter = received, counter
        self._envelope = Envelope()
        self._secret = b""

    def read(self) -> Call | Sent:
        """Open head and body; see `Exchange`."""
        if self._received.method != "POST":
            raise Refusal("request.malformed")
        try:
            envelope = self._envelope = _envelope.decode(self._received.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Refusal("request.malformed") from None
        head = self._checked_head(envelope)
        admitted = self._counter.desk.app(envelope.appId, PROFILE)
        self._require_signatures(head, admitted.secret)
        sent_ms = self._sent_ms(admitted.secret)
        body = check_fields(BODY_RULES, envelope.body)
        if not RECORD_NUMBER.fullmatch(body["appRecordNo"]):
            raise Refusal("request.field-malformed", "appRecordNo")
        service = REQUESTS.get(envelope.method)
        if service is None:
            raise Refusal("request.unknown-verb", "method")
        values = fields_of(envelope.method, self._opened(envelope.body))
        verb = service(values, head["nonceStr"])
        caller = self._caller(admitted, head["orgCode"] or body["orgCode"], values)
        if isinstance(verb, CardWithCode):
            caller = msgspec.structs.replace(caller, scopes=allowed(caller, verb.card))
        quota = admitted.app.daily_quota
        admission = Admission(envelope.appId, head["nonceStr"], sent_ms, daily_quota=quota, nonce=True)
        return Call(caller, cast(Verb, verb), admission)

    def answer(self, answer: Answer) -> Sent:
        """Code 0 and the signed fields, the personal ones enciphered."""
        if self._envelope.method == ASKS_WHETHER and isinstance(answer, AccountWithCodes):
            return self._sent("ok", registered(answer))
        datas = ANSWERS[type(answer)](answer)
        return self._sent("ok", conceal_all(datas, ENCIPHERED, self._secret))

    def refuse(self, refusal: Refusal) -> Sent:
        """The refusal's own code and words; the field at fault stands in brackets."""
        if self._envelope.method == ASKS_WHETHER and refusal.id == "account.unregistered":
            return self._sent("ok", dict(UNREGISTERED))
        return self._sent(refusal.id, None, refusal.field)

    def _sent(self, outcome: str, datas: dict[str, Any] | None, field: str = "") -> Sent:
        method = self._envelope.method if self._envelope.method in REQUESTS else "unknown"
        codes = return_codes(PROFILE)
        code, words = codes.of(method, outcome).code, codes.words(method, outcome)
        sealed = Sealed(int(code), f"{words}（{field}）" if field else words)
        if self._secret:
            sealed.timestamp = conceal(str(self._received.now_ms // 1000), self._secret)
            if datas is not None:
                sealed.datas, sealed.signString = datas, sign(datas, self._secret, self._envelope.signMode)
        return Sent(_json.encode(sealed), outcome=outcome, service=method)

    def _checked_head(self, envelope: Envelope) -> dict[str, str]:
        head = check_fields(HEAD_RULES, {name: getattr(envelope, name) for name in HEAD_NAMES})
        for field, right in (
            ("version", VERSION.fullmatch(head["version"]) is not None),
            ("signMode", head["signMode"] in SETTINGS["sign_modes"]),
            ("encryptMode", head["encryptMode"] in SETTINGS["encrypt_modes"]),
        ):
            if not right:
                raise Refusal("request.field-malformed", field)
        return head

    def _require_signatures(self, head: Mapping[str, str], secret: bytes) -> None:
        signed = {name: head[name] for name in HEAD_SIGNED}
        if not is_signed(signed, secret, head["signMode"], head["headSign"]):
            raise Refusal("request.wrong-signature", "headSign")
        body = {name: value for name, value in self._envelope.body.items() if value is not None}
        if not is_signed(body, secret, head["signMode"], head["bodySign"]):
            raise Refusal("request.wrong-signature", "bodySign")
        self._secret = secret  # who cannot sign gets no enciphered answer either

    def _sent_ms(self, secret: bytes) -> int:
        """When the request was sent, which must be lately."""
        seconds = reveal(self._envelope.timestamp, secret, "timestamp")
        if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= MOST_DIGITS):
            raise Refusal("request.field-malformed", "timestamp")
        sent_ms = int(seconds) * 1000
        check_window(sent_ms, self._received.now_ms)
        return sent_ms

    def _opened(self, body: Mapping[str, object]) -> dict[str, object]:
        return {
            name: reveal(value, self._secret, name) if name in ENCIPHERED else value for name, value in body.items()
        }

    def _caller(self, admitted: Admitted, institution: str, values: Mapping[str, str]) -> Caller:
        if not institution:
            raise Refusal("request.empty-field", "orgCode")
        if admitted.app.institution not in ("", institution):
            raise Refusal("request.unknown-institution", "orgCode")
        self._counter.desk.institution(institution)
        return Caller(
            profile=PROFILE,
            app=self._envelope.appId,
            institution=institution,
            terminal=values.get("terminalCode", ""),
            scopes=admitted.app.scopes,
        )


class Guangdong:
    """The wire profile of Guangdong, with its helpers."""

    id = PROFILE
    paths = (PATH, *guangdong_sealing_service.PATHS)

    def begin(self, received: Received, counter: Counter) -> Exchange:
        """An exchange for one request."""
        if received.path == PATH:
            return GuangdongExchange(received, counter)
        return guangdong_sealing_service.SealingExchange(received, counter)
