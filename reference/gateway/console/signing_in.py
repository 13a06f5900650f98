"""Signing in and out of the console, and its language."""

from __future__ import annotations

from starlette.responses import Response

from reference.access import operators
from reference.ecard.refusals import Refusal
from reference.gateway.console.asked import LANGUAGES, Asked
from reference.gateway.console.sessions import IDLE_MS

MINUTES = IDLE_MS // 60_000


def entrance(asked: Asked) -> Response:
    """To the search, or to sign in first."""
    return asked.go("/search" if asked.operator else "/sign-in")


def form(asked: Asked) -> Response:
    """The form to sign in."""
    if asked.operator:
        return asked.go("/search")
    return asked.page("sign_in.html.j2", failed=False, minutes=MINUTES)


def sign_in(asked: Asked) -> Response:
    """Sign in into a fresh session; the password is taken as it was typed, blanks included."""
    try:
        operator = operators.sign_in(
            asked.platform.surroundings, asked.field("user_name"), asked.form.get("password", "")
        )
    except Refusal:
        return asked.page("sign_in.html.j2", 401, failed=True, minutes=MINUTES)
    return asked.kept(asked.go("/search"), asked.sessions.begin(operator))


def sign_out(asked: Asked) -> Response:
    """End all sessions of the operator."""
    operators.sign_out(asked.platform.surroundings, asked.caller.operator)
    return asked.kept(asked.go("/sign-in"), asked.sessions.begin())


def language(asked: Asked) -> Response:
    """The same page in another language."""
    lang = asked.path["lang"]
    return asked.in_language(lang if lang in LANGUAGES else asked.lang)
