"""The console (管理控制台): a page for operators to find an account, see it, and act on it, each act confirmed.

`routes` joins it to the gateway. It asks the platform for the same verbs as every wire profile does, as the operator
who signed in. Source: P-CITY-05 (audit), P-CITY-06 (operation), P-CITY-09 (login, rights, log).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from reference.ecard.refusals import Refusal
from reference.gateway.console import accounts, acting, audits, signing_in
from reference.gateway.console.asked import HEADERS, ROOT, Asked, ForeignForm, NotSignedIn, read
from reference.gateway.console.sessions import Sessions
from reference.languages import Text, say
from reference.platform import Platform
from reference.ports import ProductUnreachable

View = Callable[[Asked], Response]
STATUS = {"request.not-allowed": 403, "account.unregistered": 404, "request.too-large": 413}
"""HTTP status of refusals; 409 for all others."""

log = structlog.get_logger("healthcard.console")


def routes(platform: Platform) -> list[BaseRoute]:
    """The routes of the console over a platform; everything below ``/console``."""
    sessions = Sessions(platform.surroundings)

    def route(path: str, view: View, *methods: str) -> Route:
        async def endpoint(request: Request) -> Response:
            return await _answer(request, platform, sessions, view)

        return Route(path, endpoint, methods=methods or ("GET",))

    account, act = "/accounts/{index_id}", "/accounts/{index_id}/{act}"
    below = [
        route("/", signing_in.entrance),
        Route("/style.css", _file("style.css", "text/css; charset=utf-8")),
        Route("/icon.svg", _file("icon.svg", "image/svg+xml")),
        route("/sign-in", signing_in.form),
        route("/sign-in", signing_in.sign_in, "POST"),
        route("/sign-out", signing_in.sign_out, "POST"),
        route("/language/{lang}", signing_in.language),
        route("/search", accounts.search_form),
        route("/search", accounts.search, "POST"),
        route("/audits", audits.pending),
        route("/audits/{application_id}", audits.form),
        route("/audits/{application_id}", audits.decide, "POST"),
        route(account, accounts.shown),
        route(f"{account}/show", accounts.revealed, "POST"),
        route(f"{account}/codes/{{code_id:int}}", accounts.code),
        route(f"{account}/codes/{{code_id:int}}.{{form}}", accounts.code_image),
        route(act, acting.form),
        route(act, acting.perform, "POST"),
    ]
    return [route(ROOT, signing_in.entrance), Mount(ROOT, routes=below)]


async def _answer(request: Request, platform: Platform, sessions: Sessions, view: View) -> Response:
    try:
        asked = await read(request, platform, sessions)
    except Refusal as refusal:
        return Response(refusal.explained().en, STATUS[refusal.id], HEADERS, "text/plain; charset=utf-8")
    return await run_in_threadpool(_viewed, asked, view)


def _viewed(asked: Asked, view: View) -> Response:
    try:
        asked = replace(asked, operator=asked.sessions.operator(asked.session))
        if asked.method == "POST" and not asked.sessions.fits(asked.session, asked.field("token")):
            raise ForeignForm
        return view(asked)
    except NotSignedIn:
        return asked.go("/sign-in")
    except ForeignForm:
        text = say("This form is not of your session, which may have ended. Nothing was changed: begin again.")
        return _problem(asked, text, 403)
    except Refusal as refusal:
        return _problem(asked, refusal.explained(), STATUS.get(refusal.id, 409))
    except ProductUnreachable as error:
        log.warning("console cannot answer", reason=str(error))
        return _unavailable()


def _problem(asked: Asked, text: Text, status: int) -> Response:
    return asked.page("problem.html.j2", status, text=text)


def _unavailable() -> Response:
    """Without the database there is no page: not even the session can be read."""
    text = say("The platform's database or crypto machine does not answer. Try again in a moment.")
    return Response(f"{text.zh}\n{text.en}\n", 503, HEADERS, "text/plain; charset=utf-8")


def _file(name: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    content = Path(__file__).with_name(name).read_bytes()

    async def endpoint(request: Request) -> Response:
        return Response(content, 200, HEADERS | {"Cache-Control": "max-age=3600"}, media_type)

    return endpoint
