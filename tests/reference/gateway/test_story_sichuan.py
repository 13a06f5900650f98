"""The whole story in Sichuan's form, over real HTTP: a served platform of its own process, ended by its id."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    AddInstitution,
    Answer,
    ApplyCode,
    Cancel,
    Code,
    Institution,
    Proof,
    Query,
    QueryInstitution,
    Register,
    Reported,
    ReportedUse,
    ReportUses,
    Update,
    UpdateInstitution,
    Verb,
    Verified,
    Verify,
    Who,
)
from reference.gateway import composing, demo
from reference.gateway.profiles.sichuan import PATH
from reference.gateway.profiles.sichuan_client import SichuanClient
from reference.gateway.settings import ENVIRONMENT, ServeSettings
from reference.gateway.wire import WireRefusal
from reference.store import Store
from tests.platform import citizen
from tests.reference.gateway.asking import asking

TRUSTED = Proof(way="trusted")
SECONDS = 60
SERVE = """
import msgspec, os, socket, sys
from reference.gateway import composing
from reference.gateway.settings import ENVIRONMENT, ServeSettings
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    composing.run(msgspec.json.decode(os.environ[ENVIRONMENT], type=ServeSettings), listener)
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A platform with demo data, served by one worker process on a free port."""
    database = tmp_path_factory.mktemp("served") / "platform.db"
    settings = ServeSettings(database=f"sqlite:///{database}", demo=True)
    composing.check(settings)
    store = composing.open_store(settings)
    demo.furnish(composing.surroundings_of(settings, store))
    store.close()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        cwd=Path(__file__).parents[3],
        env=os.environ | {ENVIRONMENT: msgspec.json.encode(settings).decode()},
        stdout=subprocess.PIPE,
        text=True,
    )
    ends = threading.Timer(SECONDS, process.kill)
    ends.start()
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()
        process.wait(SECONDS)
    finally:
        ends.cancel()
        if process.poll() is None:
            process.kill()
            process.wait(SECONDS)
        if process.stdout is not None:
            process.stdout.close()


class Counter:
    """A client at a hospital's counter."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address, timeout=SECONDS, trust_env=False)
        self.client = SichuanClient(demo.demo_credentials("sichuan"))
        self._nonces = itertools.count(time.time_ns())

    def ask(self, verb: Verb) -> Answer:
        """The answer to a verb. Raises WireRefusal."""
        request = self.client.write(verb, time.time_ns() // 1_000_000, next(self._nonces).to_bytes(16, "big"))
        answer = self.http.post(request.path, headers=dict(request.headers), content=request.body)
        assert answer.status_code == 200
        return self.client.read(verb, answer.content)


@pytest.fixture
def counter(address: str) -> Iterator[Counter]:
    made = Counter(address)
    yield made
    made.http.close()


def test_a_resident_from_registration_to_the_end_of_his_card(counter: Counter) -> None:
    card = counter.ask(Register(person=citizen(1), proof=TRUSTED, mode="3"))
    assert isinstance(card, Account)
    assert (card.new, card.state, card.person.name) == (True, "certified", "测试甲")
    code = counter.ask(ApplyCode(who=Who(ecard_id=card.ecard_id), kind="dynamic"))
    assert isinstance(code, Code)
    verified = counter.ask(Verify(text=code.text, step="010101"))
    assert isinstance(verified, Verified)
    assert (verified.account.ecard_id, verified.account.state, verified.uses_left) == (card.ecard_id, "normal", 0)
    with pytest.raises(WireRefusal, match=r"^00 二维码已使用") as replayed:
        counter.ask(Verify(text=code.text, step="010101"))
    assert replayed.value.ids == {"code.consumed"}
    last = counter.ask(ApplyCode(who=Who(ecard_id=card.ecard_id), kind="dynamic"))
    assert isinstance(last, Code)
    closed = counter.ask(Cancel(who=Who(ecard_id=card.ecard_id)))
    assert isinstance(closed, Account)
    assert closed.state == "cancelled"
    with pytest.raises(WireRefusal) as cancelled:
        counter.ask(Verify(text=last.text, step="010101"))
    assert cancelled.value.ids == {"account.cancelled"}
    found = counter.ask(Query(who=Who(ecard_id=card.ecard_id)))
    assert isinstance(found, AccountWithCodes)
    assert (found.account.state, found.codes) == ("cancelled", ())


def test_a_request_sent_twice_is_performed_once(counter: Counter) -> None:
    verb = Register(person=citizen(2), proof=TRUSTED, mode="3")
    request = counter.client.write(verb, time.time_ns() // 1_000_000, os.urandom(16))
    answers = [counter.http.post(request.path, content=request.body).content for _ in range(2)]
    account = counter.client.read(verb, answers[0])
    assert isinstance(account, Account)
    assert account.new
    with pytest.raises(WireRefusal) as replayed:
        counter.client.read(verb, answers[1])
    assert replayed.value.ids == {"request.replayed"}


def test_health_and_metrics_stand_beside_the_interface(counter: Counter) -> None:
    assert counter.http.post(PATH, content=b"").json()["code"] == "00"
    assert counter.http.get("/health").json()["status"] == "ok"
    metrics = counter.http.get("/metrics").text
    assert 'healthcard_answers_total{outcome="request.malformed",profile="sichuan",service="unknown"}' in metrics
    assert citizen(1).id_number not in metrics


def test_the_rest_of_the_interface_works_on_either_database(store: Store) -> None:
    province = asking(store, "sichuan")
    card = province.ask(Register(person=citizen(3, sex="1"), proof=TRUSTED, mode="3"))
    assert isinstance(card, Account)
    who = Who(ecard_id=card.ecard_id)
    changed = province.ask(Update(who=who, phone="13900000001"))
    assert isinstance(changed, Account)
    assert (changed.person.phone, changed.ecard_id) == ("13900000001", card.ecard_id)
    renamed = province.ask(Update(who=who, name="测试乙", proof=TRUSTED))
    assert isinstance(renamed, Account)
    assert renamed.ecard_id != card.ecard_id
    static = province.ask(ApplyCode(who=Who(ecard_id=renamed.ecard_id), kind="static"))
    assert isinstance(static, Code)
    with pytest.raises(WireRefusal) as again:
        province.ask(ApplyCode(who=Who(ecard_id=renamed.ecard_id), kind="static"))
    assert again.value.ids == {"code.static-exists"}
    found = province.ask(Query(who=Who(id_type="01", id_number=citizen(3).id_number)))
    assert isinstance(found, AccountWithCodes)
    assert (found.account.person.name, [code.text for code in found.codes]) == ("测试乙", [static.text])

    use = ReportedUse(serial="1", card=renamed.ecard_id, used_ms=province.clock.now_ms(), step="010105")
    told = [province.ask(ReportUses(uses=(use,))) for _ in range(2)]
    assert told == [Reported(kept=1, known=0), Reported(kept=0, known=1)]

    institution = Institution(code="510100002", name="第二人民医院", level="3")
    assert province.ask(AddInstitution(institution=institution)) == institution
    with pytest.raises(WireRefusal) as twice:
        province.ask(AddInstitution(institution=institution))
    assert twice.value.ids == {"registry.already-registered"}
    suspended = Institution(code="510100002", name="", state="suspended")
    province.ask(UpdateInstitution(institution=suspended))
    known = province.ask(QueryInstitution(code="510100002"))
    assert isinstance(known, Institution)
    assert (known.name, known.state) == ("第二人民医院", "suspended")
