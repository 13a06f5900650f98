"""One request to the console: who asks, in which language, with which form; and its answer as a page.

Pages are Jinja2 templates with autoescape and load nothing from elsewhere; they work without scripts. Every answer
forbids scripts, frames, caching and sniffing by its headers.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

import jinja2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reference.access.operators import Operator
from reference.ecard.moments import china_text
from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Caller
from reference.gateway.console.sessions import COOKIE, Session, Sessions
from reference.languages import Text, say
from reference.platform import Platform

ROOT: Final = "/console"
LANGUAGES: Final = ("zh", "en")
LANGUAGE_COOKIE: Final = "healthcard_console_language"
LARGEST_FORM: Final = 16 * 1024
PLACE: Final = re.compile(r"/console(?:/[A-Za-z0-9_-]+)*")
MOMENT: Final = "yyyy-MM-dd HH:mm:ss"
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class NotSignedIn(Exception):
    """Nobody has signed in, or the session is over."""


class ForeignForm(Exception):
    """A form without the token of this session: another page sent it, or the session has changed."""


@dataclass(frozen=True)
class Asked:
    """A request, read. Its views run in a thread of their own."""

    platform: Platform
    sessions: Sessions
    session: Session
    operator: Operator | None
    lang: str
    method: str
    place: str
    secure: bool
    path: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def caller(self) -> Caller:
        """The operator as one who asks the platform. Raises NotSignedIn."""
        self.require_operator()
        assert self.operator is not None, "it was required"
        return Caller(profile="core", operator=self.operator.user_name, scopes=self.operator.scopes)

    def require_operator(self) -> None:
        """Raise NotSignedIn unless an operator has signed in."""
        if self.operator is None:
            raise NotSignedIn

    def may(self, right: str) -> bool:
        """Whether the operator has a right, which is the name of a verb."""
        return not {"*", right}.isdisjoint(self.caller.scopes)

    def require(self, right: str) -> None:
        """Raise Refusal ``request.not-allowed`` unless the operator has the right."""
        if not self.may(right):
            raise Refusal("request.not-allowed")

    def field(self, name: str) -> str:
        """A field of the form without blanks around it; empty where there is none."""
        return self.form.get(name, "").strip()

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page for this operator."""
        values = {
            "lang": self.lang,
            "other_lang": LANGUAGES[self.lang == "zh"],
            "operator": self.operator,
            "token": self.sessions.form_token(self.session),
            "place": self.place,
            "may": self.may if self.operator else None,
        } | values
        text = templates(self.lang).get_template(template).render(values)
        return self.kept(Response(text, status, HEADERS, "text/html; charset=utf-8"))

    def image(self, content: bytes, media_type: str) -> Response:
        """An image for this operator."""
        return self.kept(Response(content, 200, HEADERS, media_type))

    def go(self, place: str) -> Response:
        """On to another page of the console, by GET."""
        return self.kept(RedirectResponse(ROOT + place, 303, HEADERS))

    def kept(self, response: Response, session: Session | None = None) -> Response:
        """The answer with the cookie of the session, its time begun anew."""
        self._keep(response, COOKIE, self.sessions.written(session or self.session))
        return response

    def in_language(self, lang: str) -> Response:
        """Back to where the operator was, in another language from now on."""
        response = self.kept(RedirectResponse(self.place, 303, HEADERS))
        self._keep(response, LANGUAGE_COOKIE, lang)
        return response

    def _keep(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(name, value, path=ROOT, httponly=True, samesite="strict", secure=self.secure)


async def read(request: Request, platform: Platform, sessions: Sessions) -> Asked:
    """The request as far as it can be read without the database; `identified` does the rest."""
    session = sessions.read(request.cookies.get(COOKIE, "")) or sessions.begin()
    place = request.query_params.get("place", request.url.path)
    return Asked(
        platform=platform,
        sessions=sessions,
        session=session,
        operator=None,
        lang=_language(request),
        method=request.method,
        place=place if PLACE.fullmatch(place) else ROOT,
        secure=_is_secure(request),
        path={name: str(value) for name, value in request.path_params.items()},
        form=await _form(request) if request.method == "POST" else {},
    )


def _is_secure(request: Request) -> bool:
    """Whether the browser speaks TLS, to us or to a proxy that says so; a liar loses his own cookie alone."""
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", "").lower())


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises Refusal ``request.too-large``; fields that cannot be read are left out."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            raise Refusal("request.too-large")
    fields = parse_qs(body.decode("latin-1"), keep_blank_values=True, max_num_fields=50, errors="replace")
    return {name: values[-1] for name, values in fields.items()}


def _language(request: Request) -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


@functools.cache
def templates(lang: str) -> jinja2.Environment:
    """The templates in one language."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def inside(message: str, /, **values: object) -> str:
        return say(message, **values).inside(lang)

    def told(text: Text) -> str:
        return text.inside(lang)

    environment.globals["say"] = inside
    environment.filters["told"] = told
    environment.filters["moment"] = lambda ms: china_text(ms, MOMENT)
    return environment
