"""Who asks is looked up beside the event loop: a standing database or a lost crypto machine holds up nobody else."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from reference.access.at_hand import NotAtHand, at_hand
from reference.access.desk import KEPT_MS, Desk
from reference.ecard.verbs import Query, Who
from reference.gateway import application
from reference.gateway.application import Gateway
from reference.gateway.demo import demo_app_id
from reference.gateway.profiles.sichuan import PATH
from reference.gateway.return_codes import return_codes
from reference.keys.key_file import demo_keys
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.languages import say
from reference.platform import Platform
from reference.ports import CURRENT, CryptoMachineUnavailable, ProductUnreachable
from reference.serving import Surroundings
from reference.store import Store
from tests.reference.gateway.asking import Asking, asking_in

QUERY = Query(who=Who(ecard_id="A" * 64))
LIMIT = 30.0


class StandingStore(Store):
    """A store whose readers wait for a gate, and fail on request."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.gate, self.asked = threading.Event(), threading.Event()
        self.failure: Exception | None = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self.asked.set()
        assert self.gate.wait(LIMIT)
        if self.failure is not None:
            raise self.failure
        with super().read() as connection:
            yield connection


class LostMachine(SoftwareCryptoMachine):
    """A crypto machine that deciphers nothing any more; counts how often it is asked to."""

    lost = True
    asked = 0

    def decrypt(self, data: bytes, factors: tuple[bytes, ...] = (), version: int = CURRENT) -> bytes:
        self.asked += 1
        if self.lost:
            raise CryptoMachineUnavailable(say("Crypto machines"), say("The pool is closed."), say("Ctrl-C ends it."))
        return super().decrypt(data, factors, version)


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Asking]:
    with asking_in(tmp_path, "sichuan") as asking:
        yield asking


def gateway_with(province: Asking, **changes: Any) -> tuple[Gateway, Surroundings]:
    surroundings = dataclasses.replace(province.platform.surroundings, **changes)
    return Gateway(Platform(surroundings), [province.profile]), surroundings


async def told(gateway: Gateway, province: Asking) -> str:
    """The body of the answer to a query."""
    body = province.write(QUERY).body
    answers: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        answers.append(dict(message))

    await gateway({"type": "http", "method": "POST", "path": PATH, "query_string": b"", "headers": []}, receive, send)
    return str(answers[1]["body"].decode())


def words(refusal: str) -> str:
    """A refusal in the profile's words, where the service is not known yet."""
    return return_codes("sichuan").words("unknown", refusal)


def test_the_loop_lives_on_while_the_database_stands_still(province: Asking) -> None:
    store = StandingStore(province.platform.surroundings.store.address)
    gateway, _ = gateway_with(province, store=store)

    async def story() -> tuple[bool, str]:
        waiting = asyncio.create_task(told(gateway, province))
        await asyncio.to_thread(store.asked.wait, LIMIT)
        early = waiting.done()
        store.gate.set()
        async with asyncio.timeout(LIMIT):
            answer = await waiting
        await gateway.platform.stop()
        return early, answer

    early, answer = asyncio.run(story())
    assert not early
    assert return_codes("sichuan").words("ehc.ehealthcode.query", "account.unregistered") in answer
    store.close()


def test_a_look_up_that_takes_too_long_is_told_as_busy(province: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "SLOWEST_LOOK_UP", 0.01)
    store = StandingStore(province.platform.surroundings.store.address)
    gateway, _ = gateway_with(province, store=store)

    async def story() -> str:
        answer = await told(gateway, province)
        store.gate.set()
        await gateway.platform.stop()
        return answer

    assert words("system.busy") in asyncio.run(story())
    store.close()


def test_a_database_that_is_gone_is_told_as_such(province: Asking) -> None:
    store = StandingStore(province.platform.surroundings.store.address)
    store.failure = ProductUnreachable(say("The database {address}", address="x"), "gone.", "Wait.")
    store.gate.set()
    gateway, _ = gateway_with(province, store=store)
    assert words("system.store") in asyncio.run(told(gateway, province))
    store.close()


def test_a_lost_crypto_machine_is_told_as_such_and_opens_a_secret_once(province: Asking) -> None:
    machine = LostMachine(demo_keys())
    gateway, surroundings = gateway_with(province, machine=machine)
    assert words("system.crypto-machine") in asyncio.run(told(gateway, province))
    machine.lost = False
    desk = Desk(surroundings)
    app = demo_app_id("sichuan")
    secret = desk.app(app, "sichuan").secret
    opened = machine.asked
    province.clock.at_ms += KEPT_MS
    machine.lost = True
    assert desk.app(app, "sichuan").secret == secret
    assert machine.asked == opened


def test_at_hand_is_what_was_looked_up_and_nothing_else(province: Asking) -> None:
    surroundings = province.platform.surroundings
    desk = Desk(surroundings)
    bare, quick = at_hand(surroundings, desk)
    app = demo_app_id("sichuan")
    with pytest.raises(NotAtHand):
        quick.app(app, "sichuan")
    found = desk.app(app, "sichuan")
    assert quick.app(app, "sichuan") is found
    for ask in (bare.store.read, bare.store.begin, bare.store.writing, lambda: bare.store.transact(lambda _: None)):
        with pytest.raises(NotAtHand):
            ask()
