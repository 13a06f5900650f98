"""The front-end before a real platform in every wire profile: register, apply, read, query, uses, clock."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from reference.ecard.verbs import Person
from reference.front_end.composing import FrontEndSettings, front_end
from reference.front_end.facts import carried_by
from reference.gateway.profiles import CLIENTS
from reference.operating_system import SystemClock
from simulators.clients.residents import photographed, resident
from tests.platform import citizen_number
from tests.reference.front_end.pieces import TERMINAL
from tests.reference.front_end.serving import in_house
from tests.simulators.clients.platform_process import demo_platform

TELLS_TIME = {"wenzhou"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with demo_platform(tmp_path_factory.mktemp("platform")) as address:
        yield address


@pytest.fixture(params=sorted(CLIENTS))
def profile(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def http(platform: str, profile: str, tmp_path: Path) -> Iterator[httpx.Client]:
    settings = FrontEndSettings(platform, profile, None, None, tmp_path / "front-end.db", demo=True)
    with in_house(front_end(settings)) as client:
        yield client


@pytest.fixture
def person(profile: str) -> Person:
    return resident("测试甲", citizen_number(1 + 2 * sorted(CLIENTS).index(profile)))


def asked(http: httpx.Client, path: str, **body: object) -> dict[str, object]:
    answer: dict[str, object] = http.post(path, json={"terminal": TERMINAL, **body}).json()
    return answer


def data(answer: dict[str, object]) -> dict[str, object]:
    assert answer["code"] == "ok", answer
    found = answer["data"]
    assert isinstance(found, dict)
    return found


def test_a_resident_is_registered_shown_and_read(http: httpx.Client, profile: str, person: Person) -> None:
    carries = carried_by(profile)
    photos = photographed()
    proof: dict[str, object] = {"way": carries.app_proof}
    if carries.app_proof == "online":
        names = ("photo_front", "photo_back", "photo_face")
        proof |= {name: base64.b64encode(getattr(photos, name)).decode() for name in names}
    account = data(asked(http, "/cards/register", person=msgspec.to_builtins(person), proof=proof))
    who = (
        {"ecard_id": account["ecard_id"]}
        if carries.named_by == "card"
        else {"id_type": "01", "id_number": person.id_number}
    )
    code = data(asked(http, "/codes/apply", who=who, kind="dynamic", refresh=True))
    read = data(asked(http, "/codes/read", text=code["text"], step="010101", request="1"))
    assert (read["outcome"], read["repeated"]) == ("ok", False)
    assert data(asked(http, "/codes/read", text=code["text"], step="010101", request="1"))["repeated"] is True
    assert asked(http, "/codes/read", text=code["text"], step="010101", request="2")["code"] == "code.consumed"
    assert data(asked(http, "/cards/query", who=who))["account"]["ecard_id"] == account["ecard_id"]  # type: ignore[index]
    standing = http.get("/health").json()["clock"]["standing"]
    assert standing == "right" if profile in TELLS_TIME else standing in ("unchecked", "right")


def test_uses_are_taken_where_the_profile_carries_them(http: httpx.Client, profile: str) -> None:
    use = {"serial": "1", "card": "A" * 64, "used_ms": SystemClock().now_ms(), "step": "010101"}
    answer = asked(http, "/uses", uses=[use])
    carried = carried_by(profile)
    expected = "ok" if carried.uses and carried.uses_medium == "any" else "front-end.unsupported"
    assert answer["code"] == expected
