"""The gateway (网关): one HTTP application for every wire profile, with health, metrics and console beside them.

Requests to a profile's paths are read whole, opened by the profile, performed by the platform, written by the profile;
verifications may come by `short_way`, past ASGI. Everything else goes to Starlette. Nothing personal is logged:
profile, service, outcome, milliseconds.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from reference.access.at_hand import NotAtHand, at_hand
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Verified, Verify
from reference.gateway.metrics import Metrics
from reference.gateway.together import Together
from reference.gateway.wire import Call, Counter, Exchange, Received, Sent, WireProfile
from reference.platform import Platform
from reference.ports import CryptoMachineRefused, CryptoMachineUnavailable, ProductUnreachable
from reference.retention import Retention

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes of a request's body at most: three photos in base64 with room to spare. Source: decision."""
SLOWEST_BODY = 30.0
"""Seconds in which a request's body has to arrive. Source: decision."""
SLOWEST_LOOK_UP = 5.0
"""Seconds in which it is known who asks; a database that stands still must not keep everybody. Source: decision."""

log = structlog.get_logger("healthcard.gateway")


class Gateway:
    """The ASGI application of one worker."""

    def __init__(
        self, platform: Platform, profiles: Iterable[WireProfile], routes: Iterable[BaseRoute] = (), **settings: str
    ) -> None:
        self.platform = platform
        self.metrics = Metrics()
        self._retention = Retention(platform.surroundings)
        self._counter = Counter(platform.surroundings, platform.desk, settings=settings)
        self._at_hand = Counter(*at_hand(platform.surroundings, platform.desk), settings=settings)
        self._exact: dict[str, WireProfile] = {}
        self._below: list[tuple[str, WireProfile]] = []
        for profile in profiles:
            for path in profile.paths:
                if path.endswith("/*"):
                    self._below.append((path[:-1], profile))
                else:
                    self._exact[path] = profile
        self._short = frozenset(path.encode() for path in self._exact)
        self._short_below = tuple(prefix.encode() for prefix, _ in self._below)
        self.opening, self.writing = Together(), Together()
        """Requests on the short way are opened together, and their answers written."""
        self._others = Starlette(routes=[*routes, *self.metrics.routes(platform)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call: a request, or the start and end of the worker."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        profile = self._profile(scope["path"]) if scope["type"] == "http" else None
        if profile is None:
            await self._others(scope, receive, send)
            return
        started = time.perf_counter()
        sent = await self._exchange(profile, scope, receive)
        await send(
            {
                "type": "http.response.start",
                "status": sent.status,
                "headers": [
                    (b"content-type", sent.content_type),
                    (b"content-length", str(len(sent.body)).encode()),
                    (b"cache-control", b"no-store"),
                ],
            }
        )
        await send({"type": "http.response.body", "body": sent.body})
        self.metrics.note(profile.id, sent.service, sent.outcome, time.perf_counter() - started)

    def may_be_short(self, target: bytes) -> bool:
        """Whether POSTs to this target of a request line may be given to `at_once`: the path of a profile alone."""
        if target in self._short:
            return True
        return target.startswith(self._short_below) and b"?" not in target and b"%" not in target

    def at_once(
        self, path: str, headers: Iterable[tuple[bytes, bytes]], body: bytes, write: Callable[[Sent], None]
    ) -> bool:
        """Take a POST to a path that `may_be_short` if it verifies or is refused; False: nothing was done.

        ``write`` is called once, later in the event loop.
        """
        profile = self._profile(path)
        assert profile is not None, "paths of profiles alone are short"
        started = time.perf_counter()
        received = Received("POST", path, b"", dict(headers), body, self.platform.surroundings.clock.now_ms())
        exchange = profile.begin(received, self._at_hand)
        done = _Answering(self, exchange, profile.id, started, write)
        try:
            call = self._opened(exchange, self._at_hand)
        except Refusal as refusal:
            done.send(exchange.refuse(refusal))
            return True
        except Exception:
            return False  # what is not at hand is looked up there, what fails is told of there
        if isinstance(call, Sent):
            done.send(call)
            return True
        if not isinstance(call.verb, Verify):
            return False
        self.platform.enter(call.caller, call.verb, call.admission, done.answer)
        return True

    def _profile(self, path: str) -> WireProfile | None:
        found = self._exact.get(path)
        if found is not None:
            return found
        return next((profile for prefix, profile in self._below if path.startswith(prefix)), None)

    async def _exchange(self, profile: WireProfile, scope: Scope, receive: Receive) -> Sent:
        try:
            body = await _whole_body(scope, receive)
            refused = None
        except Refusal as refusal:
            body, refused = b"", refusal
        received = Received(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"],
            headers=dict(scope["headers"]),
            body=body,
            now_ms=self.platform.surroundings.clock.now_ms(),
        )
        exchange = profile.begin(received, self._at_hand)
        if refused is not None:
            return exchange.refuse(refused)
        try:
            try:
                call = self._opened(exchange, self._at_hand)
            except NotAtHand:
                exchange = profile.begin(received, self._counter)
                call = await self._opened_in_time(exchange)
            if isinstance(call, Sent):
                return call
            return exchange.answer(await self.platform.ask(call.caller, call.verb, call.admission))
        except Refusal as refusal:
            return exchange.refuse(refusal)
        except (CryptoMachineUnavailable, CryptoMachineRefused):
            return exchange.refuse(Refusal("system.crypto-machine"))
        except (ProductUnreachable, SQLAlchemyError) as error:
            log.warning("store failed", profile=profile.id, reason=type(error).__name__)
            return exchange.refuse(Refusal("system.store"))
        except Exception:
            # The last line of defence: the client gets the profile's own failure code, the operator the traceback.
            log.exception("request failed", profile=profile.id)
            return exchange.refuse(Refusal("system.failure"))

    async def _opened_in_time(self, exchange: Exchange) -> Call | Sent:
        """As `_opened`, where something has to be looked up: in a thread. Raises Refusal ``system.busy`` too."""
        try:
            async with asyncio.timeout(SLOWEST_LOOK_UP):
                return await asyncio.to_thread(self._opened, exchange, self._counter)
        except TimeoutError:
            raise Refusal("system.busy") from None

    def _opened(self, exchange: Exchange, counter: Counter) -> Call | Sent:
        """What is asked for, by somebody who may ask for it. Raises Refusal."""
        call = exchange.read()
        if isinstance(call, Sent):
            return call
        require_scope(call)
        if call.caller.terminal and isinstance(call.verb, Verify):
            _require_working_terminal(counter, call.caller.terminal)
        return call

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._retention.begin()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._retention.end()
                await self.platform.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


class _Answering:
    """What becomes of a request that nobody waits for."""

    __slots__ = ("_exchange", "_gateway", "_profile", "_started", "_write")

    def __init__(
        self, gateway: Gateway, exchange: Exchange, profile: str, started: float, write: Callable[[Sent], None]
    ) -> None:
        self._gateway, self._exchange, self._profile, self._started = gateway, exchange, profile, started
        self._write = write

    def answer(self, answer: Verified | Refusal) -> None:
        """Answer in the profile's form."""
        try:
            sent = self._exchange.refuse(answer) if isinstance(answer, Refusal) else self._exchange.answer(answer)
        except Exception:
            log.exception("request failed", profile=self._profile)
            sent = self._exchange.refuse(Refusal("system.failure"))
        self.send(sent)

    def send(self, sent: Sent) -> None:
        """Write it once all of its group are ready, and count it."""
        self._gateway.writing.add(functools.partial(self._send, sent))

    def _send(self, sent: Sent) -> None:
        self._write(sent)
        self._gateway.metrics.note(self._profile, sent.service, sent.outcome, time.perf_counter() - self._started)


def _require_working_terminal(counter: Counter, terminal_id: str) -> None:
    """A terminal that is registered must be in service; whether others may read is the operator's setting."""
    try:
        counter.desk.terminal(terminal_id)
    except Refusal as refusal:
        if refusal.id != "request.unknown-terminal" or counter.settings.get("terminals") == "registered":
            raise


def require_scope(call: Call) -> None:
    """Raise Refusal ``request.not-allowed`` unless the sender may ask for this; ``*`` stands for everything."""
    if "*" not in call.caller.scopes and type(call.verb).__name__ not in call.caller.scopes:
        raise Refusal("request.not-allowed")


async def _whole_body(scope: Scope, receive: Receive) -> bytes:
    """The body in one piece. Raises Refusal ``request.too-large`` or ``request.malformed`` (cut short, too slow)."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise Refusal("request.too-large")
        return body
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            while True:
                if message["type"] == "http.disconnect":
                    raise Refusal("request.malformed")
                part = message.get("body", b"")
                length += len(part)
                if length > LARGEST_BODY:
                    raise Refusal("request.too-large")
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
                message = await receive()
    except TimeoutError:
        raise Refusal("request.malformed") from None
