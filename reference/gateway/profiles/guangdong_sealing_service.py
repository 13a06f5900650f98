"""Guangdong's helpers ``/api/encrypt``, ``/api/deciphering`` and ``/api/sign``, for clients without the ciphers.

Source: EC-GD: ``{key, mode, params}`` or ``{key, mode, body}`` in, ``{code, message, result}`` out. A service that
deciphers is an oracle, hence these decisions: the caller names its application (``appId``) and shows that application's
own secret (``key``), compared in constant time; what is computed is computed with the shown secret alone, so that
nobody learns anything he could not compute himself. Nothing is stored, nothing is logged but the outcome. Because the
secret travels, a platform offers the helpers inside the institution's own network only (setting ``helpers`` = ``off``
closes them).
"""

from __future__ import annotations

import hmac

import msgspec

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Answer
from reference.gateway.fields import check_fields, field_rules
from reference.gateway.profiles.guangdong_sealing import conceal, reveal, sign
from reference.gateway.profiles.guangdong_services import PROFILE, SETTINGS
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Call, Counter, Received, Sent

PREFIX = "/api/"
SERVICES = ("encrypt", "deciphering", "sign")
PATHS = tuple(PREFIX + service for service in SERVICES)


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """What is asked: ``params`` to encrypt and deciphering, ``body`` to sign."""

    appId: str = ""
    key: str = ""
    mode: str = ""
    params: str = ""
    body: dict[str, str | int] = {}


class Result(msgspec.Struct):
    """The answer."""

    code: int
    message: str
    result: str = ""


_order = msgspec.json.Decoder(Order)
_json = msgspec.json.Encoder()


class SealingExchange:
    """One request to a helper; it asks nothing of the platform."""

    __slots__ = ("_counter", "_received", "_service")

    def __init__(self, received: Received, counter: Counter) -> None:
        self._received, self._counter = received, counter
        self._service = received.path.removeprefix(PREFIX)

    def read(self) -> Call | Sent:
        """The answer at once; see `Exchange`."""
        if self._counter.settings.get("helpers") == "off":
            raise Refusal("request.not-allowed")
        try:
            order = _order.decode(self._received.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Refusal("request.malformed") from None
        shown = {name: getattr(order, name) for name in ("appId", "key", "mode", "params")}
        check_fields(field_rules(PROFILE, self._service), shown)
        secret = self._counter.desk.app(order.appId, PROFILE).secret
        if not hmac.compare_digest(secret.hex().encode(), order.key.lower().encode()):
            raise Refusal("request.wrong-signature", "key")
        return self._sent("ok", self._computed(order, secret))

    def answer(self, answer: Answer) -> Sent:
        """Never called: `read` has answered."""
        raise Refusal("system.failure")

    def refuse(self, refusal: Refusal) -> Sent:
        """The refusal's code and words."""
        return self._sent(refusal.id, "")

    def _computed(self, order: Order, secret: bytes) -> str:
        modes = SETTINGS["sign_modes"] if self._service == "sign" else SETTINGS["encrypt_modes"]
        if order.mode not in modes:
            raise Refusal("request.field-malformed", "mode")
        if self._service == "sign":
            return sign(order.body, secret, order.mode)
        if self._service == "encrypt":
            return conceal(order.params, secret)
        return reveal(order.params, secret, "params")

    def _sent(self, outcome: str, result: str) -> Sent:
        codes = return_codes(PROFILE)
        code, words = codes.of(self._service, outcome).code, codes.words(self._service, outcome)
        return Sent(_json.encode(Result(int(code), words, result)), outcome=outcome, service=self._service)
