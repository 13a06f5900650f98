"""Access tokens (Tencent getAppToken): one an application, two hours, a new one voids the old.

The database keeps the token's digest only. A worker trusts what it looked up for as long as the desk does: elsewhere a
new token voids the old within that time, in the same worker at once.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from reference.access.desk import KEPT_MS
from reference.ecard.refusals import Refusal
from reference.serving import Surroundings
from reference.store import lock
from reference.store.access_tables import access_tokens


def issue(surroundings: Surroundings, app_id: str) -> tuple[str, int]:
    """A new token (32 hexadecimal digits) and the seconds for which it holds; the one before is void."""
    token = surroundings.identifier()
    seconds = surroundings.tables.limit("app-token-seconds")
    expires = surroundings.clock.now_ms() + seconds * 1000

    def work(connection: Connection) -> None:
        lock(connection, "token", app_id)
        connection.execute(delete(access_tokens).where(access_tokens.c.app == app_id))
        connection.execute(insert(access_tokens).values(app=app_id, token_digest=_digest(token), expires_ms=expires))

    surroundings.store.transact(work)
    return token, seconds


class _Held(NamedTuple):
    """A token that was looked up: whose, for how long it is trusted, and when it ends."""

    app: str
    trusted_ms: int
    expires_ms: int


class Tokens:
    """Looks up who holds a token. One a worker; keeps one token an application, and nothing of what was not found."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._digests: dict[str, str] = {}

    def app_of(self, surroundings: Surroundings, token: str, now_ms: int) -> str:
        """The application that holds the token. Raises Refusal ``request.token-invalid``."""
        digest = _digest(token)
        held = self._held.get(digest)
        if held is None or held.trusted_ms <= now_ms:
            held = self._looked_up(surroundings, digest, now_ms)
        if now_ms >= held.expires_ms:
            raise Refusal("request.token-invalid", "appToken")
        return held.app

    def forget(self, app: str) -> None:
        """Look the application's token up anew: it has got another one."""
        self._held.pop(self._digests.pop(app, ""), None)

    def _looked_up(self, surroundings: Surroundings, digest: str, now_ms: int) -> _Held:
        self._held.pop(digest, None)
        query = select(access_tokens.c.app, access_tokens.c.expires_ms).where(access_tokens.c.token_digest == digest)
        with surroundings.store.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise Refusal("request.token-invalid", "appToken")
        self.forget(row.app)
        held = self._held[digest] = _Held(row.app, now_ms + KEPT_MS, row.expires_ms)
        self._digests[row.app] = digest
        return held


def _digest(token: str) -> str:
    return hashlib.new("sm3", token.encode()).hexdigest()
