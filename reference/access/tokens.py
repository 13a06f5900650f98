"""Access tokens (Tencent getAppToken): one an application, two hours, a new one voids the old.

The database keeps the token's digest only.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, delete, insert, select

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


def app_of(connection: Connection, token: str, now_ms: int) -> str:
    """The application that holds the token. Raises Refusal ``request.token-invalid``."""
    where = access_tokens.c.token_digest == _digest(token)
    row = connection.execute(select(access_tokens.c.app, access_tokens.c.expires_ms).where(where)).one_or_none()
    if row is None or now_ms >= row.expires_ms:
        raise Refusal("request.token-invalid", "appToken")
    return str(row.app)


def _digest(token: str) -> str:
    return hashlib.new("sm3", token.encode()).hexdigest()
