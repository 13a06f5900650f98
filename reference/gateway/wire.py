"""What a wire profile is to the gateway: it opens requests, and writes answers and refusals, each in its own form.

One core of verbs stands behind all profiles. A profile's field rules and return codes are rows of
`standard/ecard/wire_fields.csv` and `return_codes.csv`; its module holds the envelope: signing, enciphering, shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from reference.access.admission import Admission
from reference.access.desk import Desk
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Answer, Caller, Verb
from reference.serving import Surroundings


class Received(msgspec.Struct, frozen=True, gc=False):
    """An HTTP request as it arrived. Names of headers are in lower case."""

    method: str
    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes
    now_ms: int


class Sent(msgspec.Struct, frozen=True, gc=False):
    """An HTTP answer."""

    body: bytes
    content_type: bytes = b"application/json; charset=utf-8"
    status: int = 200
    outcome: str = "ok"
    """``ok`` or the id of the refusal: for metrics and logs, where nothing personal may stand."""
    service: str = ""
    """The profile's name of the service, for the same."""


class Call(msgspec.Struct, frozen=True, gc=False):
    """A request that its profile understood and whose sender is known."""

    caller: Caller
    verb: Verb
    admission: Admission


@dataclass(frozen=True)
class Counter:
    """Where requests are received: what a profile may look at."""

    surroundings: Surroundings
    desk: Desk
    path_prefix: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


class Exchange(Protocol):
    """One request and its answer. It keeps what it learnt on the way, so that a refusal is in the right form too."""

    def read(self) -> Call | Sent:
        """Open the envelope: parse, find the sender, check signature, time and fields.

        A `Sent` is the answer to something that asks nothing of the platform (a token, a description of services).
        Raises Refusal.
        """
        ...

    def answer(self, answer: Answer) -> Sent:
        """The answer in the profile's form."""
        ...

    def refuse(self, refusal: Refusal) -> Sent:
        """The refusal as the profile's own return code, as far as the envelope was understood."""
        ...


class WireProfile(Protocol):
    """A family of interfaces in use in a province."""

    @property
    def id(self) -> str:
        """``sichuan``, ``qinghai``, ``guangdong``, ``wenzhou`` or ``tencent``; an app belongs to one."""
        ...

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that it serves; one that ends in ``/*`` stands for everything below."""
        ...

    def begin(self, received: Received, counter: Counter) -> Exchange:
        """An exchange for a request to one of its paths."""
        ...


# --- the other side -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Credentials:
    """With what a client shows who it is. ``secret`` is the app's, bytes; the password is the institution's."""

    app: str = ""
    secret: bytes = b""
    institution: str = ""
    user_name: str = ""
    password: str = ""
    terminal: str = ""
    record_number: str = ""

    def __repr__(self) -> str:
        return f"«Credentials {self.app or self.institution}»"


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request to send."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class WireRefusal(Exception):
    """A refusal as a client sees it: the profile's code and words, and the ids of what it may mean."""

    def __init__(self, code: str, message: str, ids: frozenset[str]) -> None:
        super().__init__(f"{code} {message}".strip())
        self.code, self.message, self.ids = code, message, ids


class UnreadableAnswer(Exception):
    """An answer that is not in the profile's form: says what is wrong with it."""


class WireClient(Protocol):
    """A profile's client side: the same messages, written by who asks and read by who is answered."""

    @property
    def id(self) -> str:
        """The profile."""
        ...

    def write(self, verb: Verb, now_ms: int, nonce: bytes) -> Request:
        """The request for a verb, signed. ``nonce``: 16 fresh bytes, used where the profile has a nonce or serial.

        Raises UnsupportedVerb where the profile has no such service.
        """
        ...

    def read(self, verb: Verb, body: bytes) -> Answer:
        """The answer to a verb, with what the profile tells; what it leaves out is empty.

        Raises WireRefusal and UnreadableAnswer.
        """
        ...


class UnsupportedVerb(Exception):
    """The profile has no service for this verb."""
