"""Qinghai, QWB 002-2017: ``RHCMessageServer(action, message)`` over SOAP, both parameters XML texts.

Source: EC-QH 4.2.1 (action), chapter 3 (services). Every answer has result, desc and resultCode; it is a SOAP answer
even where the request was none, so that clients read one form (decision). Decisions where the text is silent:

- User name and password are those of the institution; an application signs in with those of the institution that it
  belongs to. Exactly one of orgId and appCode is given.
- ``msgGuid`` is admitted once a sender and day, ``msgCreateTime`` within the window of all profiles.
- An institution that signs in by itself may use every service; applications have their scopes.
- The service description is given for ``?wsdl`` at the address under which it was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from reference.access.admission import Admission, check_window
from reference.ecard.moments import CHINA_OFFSET, DAY, Moment, UnreadableMoment, moment_of
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import AccountWithCodes, Answer, Caller
from reference.gateway.fields import check_fields, field_rules
from reference.gateway.profiles.qinghai_answers import content_of
from reference.gateway.profiles.qinghai_codes import code_of, success_of
from reference.gateway.profiles.qinghai_sealing import UnreadableField, institution_key, open_fields, seal_content
from reference.gateway.profiles.qinghai_services import PROFILE, REQUESTS, verb_of
from reference.gateway.profiles.qinghai_xml import (
    SETTINGS,
    Content,
    MalformedXml,
    read_call,
    read_fields,
    write_element,
    write_return,
)
from reference.gateway.return_codes import ReturnCode
from reference.gateway.wire import Call, Counter, Received, Sent

WSDL = Path(__file__).with_name("qinghai.wsdl").read_text("utf-8")
XML = b"text/xml; charset=utf-8"
EVERYTHING = frozenset({"*"})
HOST = re.compile(r"[0-9A-Za-z.:\[\]-]{1,255}")
_guid = re.compile(SETTINGS["guid"])
_service_code = re.compile(SETTINGS["service_code"])


class QinghaiExchange:
    """One request to Qinghai's interface."""

    __slots__ = ("_counter", "_key", "_received", "_service")

    def __init__(self, received: Received, counter: Counter) -> None:
        self._received, self._counter = received, counter
        self._service = "unknown"
        self._key = b""

    def read(self) -> Call | Sent:
        """Open envelope, action and message; see `Exchange`."""
        if self._received.method == "GET" and self._received.query.lower() == b"wsdl":
            return Sent(service_description(self._received), XML, service="wsdl")
        if self._received.method != "POST":
            raise Refusal("request.malformed")
        action_text, message = self._call()
        action = self._action(action_text)
        caller, key, quota = self._sender(action)
        created_ms = self._created(action["msgCreateTime"])
        if not message.strip():
            raise Refusal("request.empty-field", "message")
        fields = _fields(message, "message")
        if action["encryption"]:
            try:
                fields = open_fields(fields, key)
            except UnreadableField as error:
                raise Refusal("request.decryption-failed", error.field) from None
            self._key = key
        verb = verb_of(action["bussinessCode"], fields, action["msgGuid"])
        caller = Caller(
            profile=PROFILE,
            app=caller.app,
            institution=caller.institution,
            terminal=fields.get("sam", ""),
            channel=fields.get("channel_code", ""),
            scopes=caller.scopes,
        )
        sender = caller.app or caller.institution
        return Call(caller, verb, Admission(sender, action["msgGuid"], end_of_day(created_ms), daily_quota=quota))

    def answer(self, answer: Answer) -> Sent:
        """Success with the service's own code. Raises Refusal where a query found a card that does not hold."""
        content = content_of(self._service, answer)
        certified = isinstance(answer, AccountWithCodes) and answer.account.state == "certified"
        if self._key:
            content = seal_content(content, self._key)
        return self._sent("success", success_of(self._service, certified=certified), content, "ok")

    def refuse(self, refusal: Refusal) -> Sent:
        """Failure with the code of the service for this refusal."""
        return self._sent("failure", code_of(self._service, refusal), {}, refusal.id)

    def _sent(self, result: str, code: ReturnCode, content: Content, outcome: str) -> Sent:
        told = {"result": result, "desc": code.message, "resultCode": code.code}
        response = write_element("response", {**told, **content})
        return Sent(write_return(response), XML, outcome=outcome, service=self._service)

    def _call(self) -> tuple[str, str]:
        try:
            action, message = read_call(self._received.body)
        except MalformedXml:
            raise Refusal("request.malformed") from None
        if not action.strip():
            raise Refusal("request.empty-field", "action")
        return action, message

    def _action(self, text: str) -> dict[str, str]:
        """The fields of the action, all there and in order; what asks for no service that exists is noticed later."""
        given = _fields(text, "action")
        if given.get("bussinessCode") in REQUESTS:
            self._service = given["bussinessCode"]
        action = check_fields(field_rules(PROFILE, "*"), given, others=False)
        if not _service_code.fullmatch(action["bussinessCode"]):
            raise Refusal("request.field-malformed", "bussinessCode")
        if not _guid.fullmatch(action["msgGuid"]):
            raise Refusal("request.field-malformed", "msgGuid")
        for name, value in SETTINGS["constants"].items():
            if action[name] not in ("", value):
                raise Refusal("request.field-malformed", name)
        if bool(action["orgId"]) == bool(action["appCode"]):
            raise Refusal("request.institution-or-app", "orgId")
        return action

    def _sender(self, action: Mapping[str, str]) -> tuple[Caller, bytes, int]:
        """Who sends, the key of enciphered fields, and the daily quota."""
        user_name, password = action["userName"], action["userPwd"]
        if not action["appCode"]:
            code = action["orgId"]
            key = institution_key(code, user_name, password)
            caller, quota = Caller(profile=PROFILE, institution=code, scopes=EVERYTHING), 0
        else:
            admitted = self._counter.desk.app(action["appCode"], PROFILE)
            code, key, quota = admitted.app.institution, admitted.secret, admitted.app.daily_quota
            caller = Caller(profile=PROFILE, app=action["appCode"], institution=code, scopes=admitted.app.scopes)
        self._counter.desk.institution(code)
        self._counter.desk.sign_in(code, user_name, password)
        return caller, key, quota

    def _created(self, text: str) -> Moment:
        """When the message says that it was made, within the window. Raises Refusal."""
        try:
            created_ms = moment_of(text, SETTINGS["created"])
            check_window(created_ms, self._received.now_ms)
        except UnreadableMoment:
            raise Refusal("request.field-malformed", "msgCreateTime") from None
        except Refusal as refusal:
            raise Refusal(refusal.id, "msgCreateTime") from None
        return created_ms


def end_of_day(moment: Moment) -> Moment:
    """The end of the moment's day in China.

    Marks count together with a time. Nothing is signed here, so that whoever repeats a message may change its time:
    with the end of the day in its place the message id alone counts, and is remembered beyond the window.
    """
    return ((moment + CHINA_OFFSET) // DAY + 1) * DAY - CHINA_OFFSET


def service_description(received: Received) -> bytes:
    """The WSDL with the address under which it was asked for; behind a proxy that ends TLS, its https address."""
    host = received.headers.get(b"host", b"").decode("latin-1")
    scheme = "https" if received.headers.get(b"x-forwarded-proto") == b"https" else "http"
    address = f"{scheme}://{host if HOST.fullmatch(host) else 'localhost'}{received.path}"
    return WSDL.replace("{namespace}", SETTINGS["namespace"]).replace("{address}", address).encode()


def _fields(text: str, parameter: str) -> dict[str, str]:
    try:
        return read_fields(text)
    except MalformedXml:
        raise Refusal("request.malformed", parameter) from None


class Qinghai:
    """The wire profile of Qinghai."""

    id = PROFILE
    paths = tuple(SETTINGS["paths"])

    def begin(self, received: Received, counter: Counter) -> QinghaiExchange:
        """An exchange for one request."""
        return QinghaiExchange(received, counter)
