"""A platform served over HTTP on a free loopback port, in a thread of the test, ended by it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from reference.ecard.verbs import Answer, Verb
from reference.gateway.application import Gateway
from reference.gateway.demo import demo_credentials, furnish
from reference.gateway.profiles import ALL
from reference.gateway.wire import Credentials, WireClient
from reference.platform import Platform
from reference.store import Store
from tests.platform import SettableClock, surroundings
from tests.reference.serving import SECONDS, listening


@dataclass
class Served:
    """The address of a served platform, and how it is asked."""

    address: str
    credentials: Credentials
    clock: SettableClock
    http: httpx.Client
    nonces: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def ask(self, client: WireClient, verb: Verb) -> Answer:
        """The answer to a verb. Raises WireRefusal."""
        request = client.write(verb, self.clock.now_ms(), next(self.nonces).to_bytes(16, "big"))
        answer = self.http.request(
            request.method, self.address + request.path, headers=dict(request.headers), content=request.body
        )
        assert answer.status_code == 200
        return client.read(verb, answer.content)


@contextmanager
def served(store: Store, profile: str) -> Iterator[Served]:
    """A platform with demo data that speaks one profile."""
    clock = SettableClock()
    around = surroundings(store, clock=clock)
    furnish(around)
    gateway = Gateway(Platform(around), [one for one in ALL if one.id == profile])
    with listening(gateway) as address, httpx.Client(timeout=SECONDS, trust_env=False) as http:
        yield Served(address, demo_credentials(profile), clock, http)
