"""Sessions of operators: a cookie that says who signed in and when, signed with a secret that all workers share.

The cookie is HMAC-SM3 over what it says; it holds no personal data. It ends after `IDLE_MS` without a request, after
`LONGEST_MS` in any case, and when the operator signs out, is suspended or gets a new password (its epoch is over).
Form tokens (CSRF) are made of the session's nonce, so that none fits another session. Times: decision.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hmac
from typing import Final

import msgspec

from reference.access import operators
from reference.access.lives import OPERATOR
from reference.access.operators import Operator
from reference.serving import Surroundings

COOKIE: Final = "healthcard_console"
IDLE_MS: Final = 15 * 60_000
LONGEST_MS: Final = 8 * 60 * 60_000
SECRET_NAME: Final = "console-session"  # noqa: S105 - the name, not the secret
NONCE_BYTES: Final = 16


class Session(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a cookie says. ``operator`` is empty before sign-in: such a session only guards the sign-in form."""

    operator: str
    epoch: int
    nonce: str
    started_ms: int
    seen_ms: int


class Sessions:
    """Writes and reads cookies of one platform."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    def begin(self, operator: Operator | None = None) -> Session:
        """A new session with a nonce of its own: nobody signs in into a session that another could know."""
        now = self._surroundings.clock.now_ms()
        nonce = self._surroundings.randomness.bytes(NONCE_BYTES).hex()
        if operator is None:
            return Session("", 0, nonce, now, now)
        return Session(operator.user_name, operator.epoch, nonce, now, now)

    def written(self, session: Session) -> str:
        """The cookie of a session, seen now."""
        seen = msgspec.structs.replace(session, seen_ms=self._surroundings.clock.now_ms())
        said = base64.urlsafe_b64encode(msgspec.json.encode(seen)).decode()
        return f"{said}.{self._mac('cookie', said)}"

    def read(self, cookie: str) -> Session | None:
        """The session of a cookie; None for one that we did not sign or whose time is over."""
        said, _, mac = cookie.partition(".")
        if not hmac.compare_digest(self._mac("cookie", said).encode(), mac.encode()):
            return None
        try:
            session = msgspec.json.decode(base64.urlsafe_b64decode(said), type=Session)
        except (msgspec.MsgspecError, binascii.Error):
            return None
        now = self._surroundings.clock.now_ms()
        in_time = now - session.seen_ms < IDLE_MS and now - session.started_ms < LONGEST_MS
        return session if in_time else None

    def operator(self, session: Session) -> Operator | None:
        """The operator who signed in, when he may still work and has not signed out since."""
        if not session.operator:
            return None
        with self._surroundings.store.read() as connection:
            operator = operators.find(connection, session.operator)
        holds = operator is not None and operator.state in OPERATOR.working and operator.epoch == session.epoch
        return operator if holds else None

    def form_token(self, session: Session) -> str:
        """What every form of the session carries."""
        return self._mac("form", session.nonce)

    def fits(self, session: Session, token: str) -> bool:
        """Whether a form is one of the session's own."""
        return hmac.compare_digest(self.form_token(session).encode(), token.encode())

    def _mac(self, use: str, text: str) -> str:
        return hmac.digest(self._key, f"{use}\n{text}".encode(), "sm3").hex()

    @functools.cached_property
    def _key(self) -> bytes:
        return operators.shared_secret(self._surroundings, SECRET_NAME)
