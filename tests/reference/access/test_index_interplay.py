"""Through the access platform: an application registers a resident into the master index, within its rights alone."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from reference.access import apps
from reference.ecard.verbs import Account, Cancel, Register, Verb, Who
from reference.gateway import demo
from reference.gateway.application import Gateway
from reference.gateway.profiles import ALL
from reference.gateway.profiles.sichuan_client import SichuanClient
from reference.gateway.wire import WireRefusal
from reference.index import searching
from reference.index.persons import Reference
from reference.platform import Platform
from reference.serving import Surroundings
from tests.platform import TRUSTED, SettableClock, citizen

SICHUAN = [profile for profile in ALL if profile.id == "sichuan"]


def asked(around: Surroundings, *verbs: Verb) -> list[object]:
    """The answers to verbs, asked one after another by the demo application of Sichuan."""

    async def ask() -> list[object]:
        gateway = Gateway(Platform(around), SICHUAN)
        client = SichuanClient(demo.demo_credentials("sichuan"))
        transport = httpx.ASGITransport(app=gateway)
        answers: list[object] = []
        async with httpx.AsyncClient(transport=transport, base_url="http://platform") as http:
            for number, verb in enumerate(verbs):
                request = client.write(verb, around.clock.now_ms(), number.to_bytes(16, "big"))
                answer = await http.post(request.path, headers=dict(request.headers), content=request.body)
                answers.append(client.read(verb, answer.content))
        await gateway.platform.stop()
        return answers

    return asyncio.run(ask())


def test_a_registration_through_the_access_platform_enters_the_master_index(around: Surroundings) -> None:
    demo.furnish(around)
    person = citizen(phone="13800000001")
    (account,) = asked(around, Register(person=person, proof=TRUSTED, mode="1"))
    assert isinstance(account, Account)
    with around.store.read() as connection:
        (found,) = searching.search(connection, searching.Query(id_number=person.id_number))
    assert found.index_id == account.index_id
    assert found.references == (Reference("ecard", account.ecard_id),)


def test_an_application_asks_for_what_it_was_granted_alone(around: Surroundings, clock: SettableClock) -> None:
    demo.furnish(around)
    app_id = demo.demo_app_id("sichuan")
    apps.grant(around, app_id, "clerk", scopes={"Register"}, daily_quota=0, valid_until_ms=None)
    (account,) = asked(around, Register(person=citizen(), proof=TRUSTED, mode="1"))
    assert isinstance(account, Account)
    clock.advance(seconds=1)
    with pytest.raises(WireRefusal) as caught:
        asked(around, Cancel(who=Who(ecard_id=account.ecard_id)))
    assert "request.not-allowed" in caught.value.ids
