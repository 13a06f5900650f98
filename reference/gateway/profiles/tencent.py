"""Tencent's open health card platform: one path a service, JSON in two parts, signed, under an access token.

Source: EC-TX. Requests are commonIn and req, answers commonOut and rsp; result code 0 or negative. The token names the
application, two hours long; a new one voids the old. Decisions where the source is silent: requestId is admitted once
an application within the time window, since a repeated getAppToken would hand its token to whoever repeats it;
hospitalId is the institution of the application, where it has one; services without a verb of the core say so by a code
of their own.
"""

from __future__ import annotations

import functools
import hmac
import re
from typing import Any, cast
from weakref import WeakKeyDictionary

import msgspec

from reference.access.admission import Admission, check_window
from reference.access.desk import Admitted, Desk
from reference.access.tokens import Tokens
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Answer, Caller, Verb
from reference.gateway.fields import check_fields, field_rules, part_rules
from reference.gateway.profiles.tencent_answers import ANSWERS
from reference.gateway.profiles.tencent_services import NOT_OFFERED, PROFILE, REQUESTS, SETTINGS, Asked
from reference.gateway.profiles.tencent_signing import ambiguity, require_unambiguous, signature, signed_parts
from reference.gateway.profiles.tencent_verbs import allowed
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Call, Counter, Received, Sent

TOKEN_PATH: str = SETTINGS["token_path"]
SERVICE_PATH: str = SETTINGS["service_path"]
TOKEN_SERVICE = "getAppToken"  # noqa: S105 - the name of a service
READING = "verifyQRCode"
"""The service that tells terminal and channel."""
UNOFFERED = "not-offered"
"""The name under which the table of return codes, and metrics, know all services that are not offered."""
COMMON_RULES = field_rules(PROFILE, "*")

Scalar = str | int | None
Field = Scalar | dict[str, Scalar] | list[dict[str, Scalar]]


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """A request as it arrives; req is read once it is known what is asked for."""

    commonIn: dict[str, str | int | None] = {}
    req: msgspec.Raw = msgspec.Raw(b"{}")


class CommonOut(msgspec.Struct):
    """The head of an answer."""

    requestId: str
    resultCode: int
    errMsg: str


class Told(msgspec.Struct):
    """An answer."""

    commonOut: CommonOut
    rsp: dict[str, Any] = {}


_message = msgspec.json.Decoder(Message)
_asked = msgspec.json.Decoder(dict[str, Field])
_json = msgspec.json.Encoder()


class TencentExchange:
    """One request to Tencent's interface."""

    __slots__ = ("_app", "_counter", "_received", "_request_id", "_service", "_tokens")

    def __init__(self, received: Received, counter: Counter, tokens: Tokens) -> None:
        self._received, self._counter, self._tokens = received, counter, tokens
        self._app = ""
        self._service = received.path.rpartition("/")[2]
        self._request_id = ""

    def read(self) -> Call | Sent:
        """Open both parts; see `Exchange`."""
        if self._received.method != "POST":
            raise Refusal("request.malformed")
        try:
            message = _message.decode(self._received.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Refusal("request.malformed") from None
        common = check_fields(COMMON_RULES, message.commonIn, others=False)
        self._request_id = common["requestId"]
        service = REQUESTS.get(self._service)
        if service is None:
            raise Refusal("request.unknown-verb")
        asked = self._asked(message)
        admitted = self._sender(common, asked)
        self._require_signature(message, asked, admitted)
        sent_ms = int(common["timestamp"]) * 1000
        check_window(sent_ms, self._received.now_ms)
        if admitted.app.institution not in ("", common["hospitalId"]):
            raise Refusal("request.unknown-institution", "hospitalId")
        self._counter.desk.institution(common["hospitalId"])
        self._app = admitted.app.app_id
        verb = service(asked, Asked(common["hospitalId"], self._request_id))
        place = asked if self._service == READING else {}
        caller = Caller(
            profile=PROFILE,
            app=admitted.app.app_id,
            institution=common["hospitalId"],
            terminal=str(place.get("terminalId") or ""),
            channel=str(place.get("channelCode") or ""),
            scopes=admitted.app.scopes,
        )
        quota = admitted.app.daily_quota
        admission = Admission(admitted.app.app_id, self._request_id, sent_ms, daily_quota=quota, nonce=True)
        return Call(allowed(caller, verb), cast(Verb, verb), admission)

    def answer(self, answer: Answer) -> Sent:
        """Result code 0 and the fields of rsp."""
        if self._service == TOKEN_SERVICE:
            self._tokens.forget(self._app)
        return self._sent("ok", ANSWERS[self._service](answer))

    def refuse(self, refusal: Refusal) -> Sent:
        """The refusal's own negative code and words; the field at fault stands in brackets."""
        return self._sent(refusal.id, {}, refusal.field)

    def _sent(self, outcome: str, fields: dict[str, Any], field: str = "") -> Sent:
        service = _known(self._service)
        codes = return_codes(PROFILE)
        code, words = codes.of(service, outcome).code, codes.words(service, outcome)
        told = Told(CommonOut(self._request_id, int(code), f"{words}（{field}）" if field else words), fields)
        return Sent(_json.encode(told), outcome=outcome, service=service)

    def _asked(self, message: Message) -> dict[str, Field]:
        try:
            asked = _asked.decode(message.req)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Refusal("request.malformed", "req") from None
        for rule in COMMON_RULES:
            # Both parts are signed as one: a second field of this name would stand for the first in the signature.
            if rule.field in asked:
                raise Refusal("request.unknown-field", rule.field)
        return asked

    def _sender(self, common: dict[str, str], asked: dict[str, Field]) -> Admitted:
        """The application that the token, or where one is asked for the request itself, names."""
        if self._service == TOKEN_SERVICE:
            return self._counter.desk.app(check_fields(field_rules(PROFILE, TOKEN_SERVICE), asked)["appId"], PROFILE)
        if not common["appToken"]:
            raise Refusal("request.empty-field", "appToken")
        app = self._tokens.app_of(self._counter.surroundings, common["appToken"], self._received.now_ms)
        return self._counter.desk.app(app, PROFILE)

    def _require_signature(self, message: Message, asked: dict[str, Field], admitted: Admitted) -> None:
        parts = signed_parts(message.commonIn, asked)
        right = signature(parts, admitted.secret)
        if not hmac.compare_digest(right.encode(), str(message.commonIn["sign"]).encode()):
            raise Refusal("request.wrong-signature", "sign")
        require_unambiguous(parts, _ambiguity(self._service))


def _known(service: str) -> str:
    """The name of a service for the table of return codes and for metrics; nothing that a request made up."""
    if service in REQUESTS:
        return service
    return UNOFFERED if service in NOT_OFFERED else "unknown"


@functools.cache
def _ambiguity(service: str) -> re.Pattern[str]:
    fields = [rule.field for rule in (*COMMON_RULES, *field_rules(PROFILE, service))]
    return ambiguity([*fields, *(part.field for part in part_rules(PROFILE, service))])


class Tencent:
    """The wire profile of Tencent's open platform."""

    id = PROFILE
    paths = (TOKEN_PATH, SERVICE_PATH + "*", *SETTINGS["other_paths"])

    def __init__(self) -> None:
        # By desk, which is one a worker: of several platforms in one process none knows another's tokens.
        self._tokens: WeakKeyDictionary[Desk, Tokens] = WeakKeyDictionary()

    def begin(self, received: Received, counter: Counter) -> TencentExchange:
        """An exchange for one request."""
        return TencentExchange(received, counter, self._tokens.setdefault(counter.desk, Tokens()))
