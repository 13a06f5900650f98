"""A platform behind one wire profile, in process: requests of its client, answers of its server, what was stored."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import func, select

from reference.ecard.refusals import Refusal
from reference.ecard.verbs import Answer, Verb
from reference.gateway.application import require_scope
from reference.gateway.demo import demo_credentials, furnish
from reference.gateway.profiles import ALL, CLIENTS
from reference.gateway.wire import Call, Counter, Credentials, Received, Request, Sent, WireClient, WireProfile
from reference.platform import Platform
from reference.store import Store, metadata
from tests.databases import empty_sqlite
from tests.platform import SettableClock, ToldRealNameCheck, surroundings

ROWS = select(
    *(
        select(func.count()).select_from(table).scalar_subquery().label(table.name)
        for table in metadata.sorted_tables
        if table.name not in ("requests_seen", "quota_used")
    )
)
"""Rows by table, but for the marks of requests that were seen: one query for all, for thousands of tests ask."""


@dataclass
class Asking:
    """One side asks, the other answers; each request has a nonce of its own."""

    platform: Platform
    clock: SettableClock
    profile: WireProfile
    client: WireClient
    real_name: ToldRealNameCheck
    settings: dict[str, str] = field(default_factory=dict)
    nonces: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def credentials(self) -> Credentials:
        """Those of the profile's demo client."""
        return demo_credentials(self.profile.id)

    def ask(self, verb: Verb) -> Answer:
        """The answer to a verb, through both codecs. Raises WireRefusal."""
        return self.client.read(verb, self.send(self.write(verb)).body)

    def write(self, verb: Verb) -> Request:
        """The client's request for a verb, now."""
        return self.client.write(verb, self.clock.now_ms(), next(self.nonces).to_bytes(16, "big"))

    def call(self, verb: Verb) -> Call:
        """What the server understands of the client's request. Raises Refusal."""
        call = self.profile.begin(self.received(self.write(verb)), self.counter).read()
        assert isinstance(call, Call)
        return call

    def send(self, request: Request, query: bytes = b"") -> Sent:
        """The server's answer to any request."""
        exchange = self.profile.begin(self.received(request, query), self.counter)
        try:
            call = exchange.read()
            if isinstance(call, Sent):
                return call
            require_scope(call)
            return exchange.answer(self.platform.perform(call.caller, call.verb, call.admission))
        except Refusal as refusal:
            return exchange.refuse(refusal)

    def post(self, body: bytes, path: str = "") -> Sent:
        """The server's answer to a body."""
        return self.send(Request("POST", path or self.profile.paths[0], {}, body))

    def refused(self, body: bytes) -> str:
        """The id of the refusal that a body meets, or ``ok``; and nothing is stored by a refusal.

        A verification that got as far as its code is in the use log, refused or not.
        """
        before = self.stored()
        sent = self.post(body)
        if sent.outcome.startswith(("request.", "person.")):
            assert self.stored() == before
        return sent.outcome

    def as_client(self, **changes: str | bytes) -> WireClient:
        """A client with other credentials."""
        return CLIENTS[self.profile.id](replace(self.credentials, **changes))  # type: ignore[arg-type]

    def stored(self) -> dict[str, int]:
        """Rows by table, but for the marks of requests that were seen."""
        with self.platform.surroundings.store.read() as connection:
            return dict(connection.execute(ROWS).mappings().one())

    @property
    def counter(self) -> Counter:
        """Where the server receives."""
        return Counter(self.platform.surroundings, self.platform.desk, settings=self.settings)

    def received(self, request: Request, query: bytes = b"") -> Received:
        """A request as it arrives."""
        headers = {name.encode(): value.encode() for name, value in request.headers.items()}
        return Received(request.method, request.path, query, headers, request.body, self.clock.now_ms())


def asking(store: Store, profile: str) -> Asking:
    """A furnished platform on the store, with both sides of a profile."""
    clock, real_name = SettableClock(), ToldRealNameCheck()
    around = surroundings(store, clock=clock, real_name=real_name)
    furnish(around)
    (server,) = (one for one in ALL if one.id == profile)
    return Asking(Platform(around), clock, server, CLIENTS[profile](demo_credentials(profile)), real_name)


@contextmanager
def asking_in(folder: Path, profile: str) -> Iterator[Asking]:
    """As `asking`, over an SQLite database of its own."""
    store = Store(empty_sqlite(folder / "platform.db"))
    yield asking(store, profile)
    store.close()
