"""Sichuan ``X.M.0.1``: one path, a JSON envelope signed with SM3 and a body under SM4 of the application's secret.

Source: EC-SC (interface of the cities of Sichuan). Digest: SM3 over the fields sorted by name, ``k=v`` joined by ``&``,
the body in plain text, the application's secret last. Decisions where the source is silent: the secret is appended as
its hexadecimal text, the digest is written in upper-case hexadecimal, the body in Base64, padded as PKCS#7.
"""

from __future__ import annotations

import binascii
import functools
import hmac
import itertools
from collections.abc import Callable
from typing import Any

import msgspec

from reference.access.admission import Admission, check_window
from reference.crypto import engine
from reference.crypto.block_texts import UnreadableCipherText, decipher, encipher
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Answer, Caller, Verb
from reference.gateway.fields import QuickForm, check_fields, field_rules
from reference.gateway.profiles.sichuan_services import (
    ANSWERS,
    READING,
    REQUESTS,
    SETTINGS,
    read_fields,
    reading,
    reading_form,
)
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import Call, Counter, Received, Sent

PROFILE = "sichuan"
PATH = "/erhc/ehealthcard/business.do"
Scalar = str | int | None


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """The envelope as it arrives; every value is text."""

    app_id: str = ""
    method: str = ""
    term_id: str = ""
    version: str = ""
    timestamp: str = ""
    digest_type: str = ""
    enc_type: str = ""
    digest: str = ""
    biz_content: str = ""


class Sealed(msgspec.Struct, omit_defaults=True):
    """The answer's envelope."""

    code: str
    message: str
    biz_content: str = ""


_envelope_decoder = msgspec.json.Decoder(Envelope)
# No deeper than lists of records: the shape itself keeps nested bombs out.
_body = msgspec.json.Decoder(dict[str, Scalar | list[dict[str, Scalar]]])
_json = msgspec.json.Encoder()
_sm3 = engine().sm3
KNOWN_VALUES = {
    "version": (SETTINGS["version"],),
    "digest_type": tuple(SETTINGS["digest_types"]),
    "enc_type": tuple(SETTINGS["enc_types"]),
}
"""Fields of the envelope with a few values only."""


KNOWN_TOGETHER = frozenset(itertools.product(*KNOWN_VALUES.values()))


@functools.cache
def _envelope_form() -> QuickForm:
    return QuickForm(PROFILE, "*", others=False)


def digest_of(envelope: Envelope, plain: str, secret: str) -> str:
    """The digest of a request whose body reads ``plain``, 64 upper-case hexadecimal digits. See the module."""
    # The names in their order: a sort of constant names on every request is time for nothing.
    signed = (
        f"app_id={envelope.app_id}&biz_content={plain}&digest_type={envelope.digest_type}"
        f"&enc_type={envelope.enc_type}&method={envelope.method}&term_id={envelope.term_id}"
        f"&timestamp={envelope.timestamp}&version={envelope.version}{secret}"
    )
    return _sm3(signed.encode()).hex().upper()


class SichuanExchange:
    """One request to Sichuan's interface."""

    __slots__ = ("_counter", "_envelope", "_received", "_secret")

    def __init__(self, received: Received, counter: Counter) -> None:
        self._received, self._counter = received, counter
        self._envelope = Envelope()
        self._secret = b""

    def read(self) -> Call | Sent:
        """Open envelope and body; see `Exchange`."""
        if self._received.method != "POST":
            raise Refusal("request.malformed")
        envelope = self._opened()
        admitted = self._counter.desk.app(envelope.app_id, PROFILE)
        self._secret = admitted.secret
        content, plain = self._plain(envelope)
        expected = digest_of(envelope, plain, admitted.secret.hex())
        if not hmac.compare_digest(expected.encode(), envelope.digest.encode()):
            self._secret = b""  # who cannot sign gets no enciphered answer either
            raise Refusal("request.wrong-signature", "digest")
        sent_ms = int(envelope.timestamp)
        check_window(sent_ms, self._received.now_ms)
        app = admitted.app
        if app.institution:
            self._counter.desk.institution(app.institution)
        verb, terminal, channel = self._verb(content, plain)
        caller = Caller(
            profile=PROFILE,
            app=envelope.app_id,
            institution=app.institution,
            terminal=terminal or envelope.term_id,
            channel=channel,
            scopes=app.scopes,
        )
        return Call(caller, verb, Admission(envelope.app_id, envelope.digest, sent_ms, daily_quota=app.daily_quota))

    def _opened(self) -> Envelope:
        """The envelope, its fields checked."""
        envelope = _envelope_form().read(self._received.body)
        if envelope is None:
            try:
                envelope = _envelope_decoder.decode(self._received.body)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise Refusal("request.malformed") from None
            self._envelope = envelope
            check_fields(field_rules(PROFILE, "*"), msgspec.structs.asdict(envelope))
        self._envelope = envelope
        if (envelope.version, envelope.digest_type, envelope.enc_type) not in KNOWN_TOGETHER:
            wrong = next(name for name, known in KNOWN_VALUES.items() if getattr(envelope, name) not in known)
            raise Refusal("request.field-malformed", wrong)
        return envelope

    def _verb(self, content: bytes, plain: str) -> tuple[Verb, str, str]:
        """What is asked for, with terminal and channel where the body tells them."""
        method = self._envelope.method
        if method == READING:
            form: Any = reading_form().read(content)  # the hot path, in one go where nothing is amiss
            if form is None:
                form = read_fields(_body_of(plain))
            return reading(form), form.terminalcode, form.channelcode
        service = REQUESTS.get(method)
        if service is None:
            raise Refusal("request.unknown-verb", "method")
        return service(_body_of(plain), self._received.now_ms), "", ""

    def answer(self, answer: Answer) -> Sent:
        """Code 10 and the enciphered body."""
        write: Callable[[Any], dict[str, Any]] = ANSWERS[type(answer)]
        content = _json.encode(write(answer))
        code = return_codes(PROFILE).of(self._envelope.method, "ok")
        sealed = binascii.b2a_base64(encipher(self._secret, content), newline=False).decode()
        return Sent(_json.encode(Sealed(code.code, code.message, sealed)), service=self._envelope.method)

    def refuse(self, refusal: Refusal) -> Sent:
        """Code 00 and the reason in words; the field at fault stands in brackets."""
        method = self._envelope.method if self._envelope.method in REQUESTS else "unknown"
        codes = return_codes(PROFILE)
        message = codes.words(method, refusal.id)
        if refusal.field:
            message = f"{message}（{refusal.field}）"
        return Sent(
            _json.encode(Sealed(codes.of(method, refusal.id).code, message)), outcome=refusal.id, service=method
        )

    def _plain(self, envelope: Envelope) -> tuple[bytes, str]:
        """The body in plain, as bytes and as text."""
        try:
            content = decipher(self._secret, binascii.a2b_base64(envelope.biz_content, strict_mode=True))
            return content, content.decode()
        except (binascii.Error, UnreadableCipherText, UnicodeDecodeError):
            self._secret = b""
            check_fields(field_rules(PROFILE, "*"), msgspec.structs.asdict(envelope))
            raise Refusal("request.decryption-failed", "biz_content") from None


def _body_of(plain: str) -> dict[str, Any]:
    try:
        return _body.decode(plain)
    except (msgspec.DecodeError, RecursionError):
        raise Refusal("request.malformed", "biz_content") from None


class Sichuan:
    """The wire profile of Sichuan, the platform's default."""

    id = PROFILE
    paths = (PATH,)

    def begin(self, received: Received, counter: Counter) -> SichuanExchange:
        """An exchange for one request."""
        return SichuanExchange(received, counter)
