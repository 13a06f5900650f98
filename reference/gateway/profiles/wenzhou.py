"""Wenzhou's trade codes over SOAP: one operation, a header and a body as XML texts, an answer likewise.

Source: EC-WZ. Decisions where the source is silent: ``token`` names the application; ``guarantee_code`` signs header
and body with HMAC over SM3 under the application's secret, so that no secret travels; a request is admitted once by
that signature (decisions, platform: a profile without nonce). Who asks for the server's time (10001) is not held
against the time, since he asks because his clock may be wrong.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import msgspec

from reference.access.admission import Admission, check_window
from reference.access.desk import Admitted
from reference.ecard.moments import moment_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Answer, Caller, Temporary, Verb
from reference.gateway.fields import check_fields, field_rules
from reference.gateway.profiles.card_with_code import CardWithCode, allowed
from reference.gateway.profiles.wenzhou_services import ANSWERS, PROFILE, REQUESTS, SETTINGS
from reference.gateway.profiles.wenzhou_temporary import require_text
from reference.gateway.profiles.wenzhou_xml import NAMESPACE, document, read_call, read_fields, write_return
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Call, Counter, Received, Sent

PATH: str = SETTINGS["path"]
XML = b"text/xml; charset=utf-8"
SERVER_TIME = "10001"
SIGNATURE = "guarantee_code"
WSDL = Path(__file__).with_name("wenzhou.wsdl").read_text("utf-8")
HOST = re.compile(r"[0-9A-Za-z.:\[\]-]{1,255}")
HEADER_RULES = field_rules(PROFILE, "*")


def signature_of(header: Mapping[str, str], body: str, secret: bytes) -> str:
    """The signature of a request: 64 upper-case hexadecimal digits over the header's other fields and the body."""
    signed = "&".join(f"{name}={header[name]}" for name in sorted(header) if header[name] and name != SIGNATURE)
    return hmac.digest(secret, f"{signed}&body={body}".encode(), "sm3").hex().upper()


class WenzhouExchange:
    """One request to Wenzhou's interface."""

    __slots__ = ("_counter", "_received", "_trade", "_values", "_verb")

    def __init__(self, received: Received, counter: Counter) -> None:
        self._received, self._counter = received, counter
        self._trade = "unknown"
        self._values: dict[str, str] = {}
        self._verb: Verb | CardWithCode | None = None

    def read(self) -> Call | Sent:
        """Open the call, its header and its body; see `Exchange`."""
        if self._received.method == "GET" and self._received.query.lower() == b"wsdl":
            return Sent(service_description(self._received), XML, service="wsdl")
        if self._received.method != "POST":
            raise Refusal("request.malformed")
        header_text, body_text = read_call(self._received.body)
        given = read_fields(header_text, "header")
        header = check_fields(HEADER_RULES, given)
        admitted = self._counter.desk.app(header["token"], PROFILE)
        expected = signature_of(given, body_text, admitted.secret)
        if not hmac.compare_digest(expected.encode(), header[SIGNATURE].encode()):
            raise Refusal("request.wrong-signature", SIGNATURE)
        trade = SETTINGS["aliases"].get(header["tradecode"], header["tradecode"])
        service = REQUESTS.get(trade)
        if service is None:
            raise Refusal("request.unknown-verb", "tradecode")
        self._trade = trade
        sent_ms = moment_of(header["request_time"], SETTINGS["time"])
        if trade != SERVER_TIME:
            self._require_time(sent_ms)
        self._values = check_fields(field_rules(PROFILE, trade), read_fields(body_text, "body"))
        caller = self._caller(admitted, header)
        verb = self._verb = service(self._values, header, self._received.now_ms)
        if isinstance(verb, CardWithCode):
            caller = msgspec.structs.replace(caller, scopes=allowed(caller, verb.card))
        mark = "" if trade == SERVER_TIME else header[SIGNATURE]
        admission = Admission(header["token"], mark, sent_ms, daily_quota=admitted.app.daily_quota)
        return Call(caller, cast(Verb, verb), admission)

    def answer(self, answer: Answer) -> Sent:
        """Code 1 and the fields. Raises Refusal ``code.grafted`` for a temporary code with another deadline."""
        if isinstance(answer, Temporary) and "qrcode_info" in self._values:
            require_text(self._values["qrcode_info"], answer)
        message = ANSWERS[type(answer)](answer)
        who = getattr(self._verb, "who", None)
        if who is not None and who.index_id:
            message.setdefault("empi", who.index_id)
        return self._sent("ok", {"msg": message})

    def refuse(self, refusal: Refusal) -> Sent:
        """The refusal's own code and words; the field at fault stands in brackets."""
        return self._sent(refusal.id, {}, refusal.field)

    def _sent(self, outcome: str, message: dict[str, dict[str, str]], field: str = "") -> Sent:
        codes = return_codes(PROFILE)
        words = codes.words(self._trade, outcome)
        result = {
            "tradecode": self._trade,
            "return_code": codes.of(self._trade, outcome).code,
            "return_info": f"{words}（{field}）" if field else words,
        }
        text = document("body", {"result": result} | message)
        return Sent(write_return(text), XML, outcome=outcome, service=self._trade)

    def _require_time(self, sent_ms: int) -> None:
        try:
            check_window(sent_ms, self._received.now_ms)
        except Refusal as refusal:
            raise Refusal(refusal.id, "request_time") from None

    def _caller(self, admitted: Admitted, header: Mapping[str, str]) -> Caller:
        institution = header["organization_id"]
        if admitted.app.institution not in ("", institution):
            raise Refusal("request.unknown-institution", "organization_id")
        self._counter.desk.institution(institution)
        return Caller(
            profile=PROFILE,
            app=header["token"],
            institution=institution,
            channel=self._values.get("terminal_type", ""),
            operator=header["operator_code"],
            scopes=admitted.app.scopes,
        )


def service_description(received: Received) -> bytes:
    """The WSDL with the address under which it was asked for."""
    host = received.headers.get(b"host", b"").decode("latin-1")
    address = f"http://{host if HOST.fullmatch(host) else 'localhost'}{received.path}"
    return WSDL.replace("{namespace}", NAMESPACE).replace("{address}", address).encode()


class Wenzhou:
    """The wire profile of Wenzhou."""

    id = PROFILE
    paths = (PATH,)

    def begin(self, received: Received, counter: Counter) -> WenzhouExchange:
        """An exchange for one request."""
        return WenzhouExchange(received, counter)
