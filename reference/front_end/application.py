"""The front-end over HTTP: JSON in, JSON out, on the institution's own network.

``POST /codes/read``, ``/codes/apply``, ``/cards/register``, ``/cards/query``, ``/cards/temporary``, ``/uses`` and
``/read`` (the field call, EC 4.10); ``GET /health``. Requests pass a queue of bounded length; who finds it full is told
so at once. Nothing personal is logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import re
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from reference.front_end.facts import limits
from reference.front_end.messages import (
    ApplyForCode,
    FieldCall,
    QueryResident,
    Read,
    ReadCode,
    RegisterResident,
    Said,
    TellUses,
    TemporaryCard,
)
from reference.front_end.reading import OK
from reference.front_end.refusals import FrontEndRefusal
from reference.front_end.service import FrontEnd
from reference.front_end.uploading import Uploader
from reference.languages import Text

log = structlog.get_logger("healthcard.front_end")

DONE = Text("Done.", "成功")
BEARER = "Bearer "
AT_FAULT = re.compile(r"at `(\$[^`]*)`$|missing required field `([^`]*)`$")
"""Where the decoder's words name the field at fault; its value never stands in them."""


class LocalQueue:
    """Lets so many requests through at once; the others wait in order, not too many and not too long."""

    def __init__(self, at_once: int, waiting: int, seconds: float) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="front-end")
        self._most, self._seconds, self.waiting = waiting, seconds, 0

    async def run(self, work: Callable[[], Any]) -> Any:
        """The result of ``work``, done in a thread. Raises FrontEndRefusal ``front-end.busy``."""
        if self._turns.locked() and self.waiting >= self._most:
            raise FrontEndRefusal("front-end.busy")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._turns.acquire()
        except TimeoutError:
            raise FrontEndRefusal("front-end.busy") from None
        finally:
            self.waiting -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._turns.release()

    def close(self) -> None:
        """Take no more; what is under way is finished."""
        self._threads.shutdown()


class InHouseService:
    """The ASGI application of a front-end; ``token`` is asked of every in-house system, where one is set.

    ``end`` is called when the service has ended, to close what it used.
    """

    def __init__(
        self, front_end: FrontEnd, uploader: Uploader, token: str = "", end: Callable[[], None] = lambda: None
    ) -> None:
        self._front_end, self._uploader, self._token, self._end = front_end, uploader, token, end
        self._queue = LocalQueue(limits()["asked-at-once"], limits()["waiting"], limits()["waiting-seconds"])
        services: Mapping[str, tuple[type, Callable[[Any], Any]]] = {
            "/codes/read": (ReadCode, front_end.read),
            "/codes/apply": (ApplyForCode, front_end.apply),
            "/cards/register": (RegisterResident, front_end.register),
            "/cards/query": (QueryResident, front_end.query),
            "/cards/temporary": (TemporaryCard, front_end.temporary),
            "/uses": (TellUses, front_end.tell),
            "/read": (FieldCall, front_end.field_call),
        }
        routes = [Route(path, self._endpoint(*service), methods=["POST"]) for path, service in services.items()]
        routes.append(Route("/health", self._health))
        self.application = Starlette(
            routes=routes, lifespan=self._live, exception_handlers={404: _unknown_service, 405: _unknown_service}
        )

    def _endpoint(self, form: type, work: Callable[[Any], Any]) -> Callable[[Request], Any]:
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(form)

        async def answer(request: Request) -> Response:
            try:
                self._require_token(request)
                asked = _decoded(decoder, await _body(request))
                return _told(await self._queue.run(lambda: work(asked)))
            except FrontEndRefusal as refusal:
                return _refused(refusal)
            except Exception:
                # The last line of defence: the in-house system gets a code, the operator the traceback.
                log.exception("request failed", path=request.url.path)
                return _refused(FrontEndRefusal("front-end.failure"))

        return answer

    def _require_token(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        right = given.startswith(BEARER) and hmac.compare_digest(
            given.removeprefix(BEARER).encode(), self._token.encode()
        )
        if self._token and not right:
            raise FrontEndRefusal("front-end.wrong-token")

    async def _health(self, request: Request) -> Response:
        state = await asyncio.to_thread(self._front_end.state)
        state["queue"] = self._queue.waiting
        status = 503 if state["platform"] == "away" else 200
        return Response(msgspec.json.encode(state), status, media_type="application/json")

    @contextlib.asynccontextmanager
    async def _live(self, application: Starlette) -> AsyncIterator[None]:
        self._uploader.start()
        clock = asyncio.create_task(self._watch_clock())
        try:
            yield
        finally:
            clock.cancel()
            self._queue.close()
            await asyncio.to_thread(self._uploader.stop)
            self._end()

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.to_thread(self._front_end.check_clock)
            await asyncio.sleep(limits()["clock-check-seconds"])


async def _body(request: Request) -> bytes:
    """The whole body. Raises FrontEndRefusal ``front-end.too-large``, ``front-end.malformed`` (too slow, cut off)."""
    body = bytearray()
    try:
        async with asyncio.timeout(limits()["body-seconds"]):
            async for piece in request.stream():
                body += piece
                if len(body) > limits()["body-bytes"]:
                    raise FrontEndRefusal("front-end.too-large")
    except (TimeoutError, ClientDisconnect):
        raise FrontEndRefusal("front-end.malformed") from None
    return bytes(body)


def _decoded(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        found = AT_FAULT.search(str(error))
        raise FrontEndRefusal("front-end.malformed", found[1] or found[2] if found else "") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise FrontEndRefusal("front-end.malformed") from None


def _told(answer: Any) -> Response:
    if isinstance(answer, Read) and answer.outcome != OK:
        return _refused(FrontEndRefusal(answer.outcome), answer)
    return _response(200, Said(OK, DONE.zh, DONE.en, answer))


def _refused(refusal: FrontEndRefusal, data: Read | None = None) -> Response:
    code, words = refusal.platform
    platform = {"code": code, "message": words} if code else {}
    text = refusal.text
    return _response(refusal.status, Said(refusal.id, text.zh, text.en, data, refusal.field, platform))


def _response(status: int, said: Said) -> Response:
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(said), status, headers, media_type="application/json; charset=utf-8")


async def _unknown_service(request: Request, error: Exception) -> Response:
    return _refused(FrontEndRefusal("front-end.unknown-service"))
