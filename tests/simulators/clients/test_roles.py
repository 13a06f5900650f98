"""Every role in every wire profile, over real HTTP against a platform in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reference.ecard.verbs import Person
from reference.gateway.profiles import CLIENTS
from reference.gateway.wire import UnsupportedVerb, WireRefusal
from reference.operating_system import SystemClock, SystemRandomness
from reference.ports import ProductUnreachable
from simulators.clients.app import FullFamily, ResidentApp
from simulators.clients.connecting import Connection, connect
from simulators.clients.counter import Counter, Kiosk, Window, drawn
from simulators.clients.readers import NotOurCode, QrTerminal, Workstation
from simulators.clients.residents import resident
from tests.platform import citizen_number

WITH_TEMPORARY_CARDS = {"qinghai", "wenzhou"}


@pytest.fixture(params=sorted(CLIENTS))
def connection(request: pytest.FixtureRequest, platform: str) -> Connection:
    return connect(request.param, platform, SystemClock(), SystemRandomness())


@pytest.fixture
def person(numbers: Iterator[int]) -> Person:
    return resident("测试甲", citizen_number(next(numbers)))


def test_an_app_registers_and_its_code_is_accepted_once_by_a_terminal(connection: Connection, person: Person) -> None:
    phone = ResidentApp(connection)
    account = phone.register(person)
    shown = phone.show_code()
    terminal = QrTerminal(connection)
    scanned = terminal.read_image(drawn(shown.code))
    assert scanned.verified is not None
    assert (scanned.verified.account.ecard_id, scanned.verified.kind) == (account.ecard_id, "dynamic")
    assert scanned.verified.account.person.name == person.name
    with pytest.raises(WireRefusal) as caught:
        terminal.read_image(drawn(shown.code))
    assert "code.consumed" in caught.value.ids


def test_registering_again_gives_the_same_card(connection: Connection, person: Person) -> None:
    phone = ResidentApp(connection)
    assert phone.register(person).ecard_id == phone.register(person).ecard_id


def test_a_renewed_code_takes_the_place_of_the_shown_one(connection: Connection, person: Person) -> None:
    phone = ResidentApp(connection)
    phone.register(person)
    old, new = phone.show_code(), phone.show_code()
    with pytest.raises(WireRefusal) as caught:
        QrTerminal(connection).read(old.code.text)
    assert "code.superseded" in caught.value.ids
    assert QrTerminal(connection).read(new.code.text).verified is not None


def test_a_code_is_renewed_before_it_expires(connection: Connection, person: Person) -> None:
    phone = ResidentApp(connection)
    phone.register(person)
    before_ms = SystemClock().now_ms()
    shown = phone.show_code()
    assert before_ms < shown.renew_ms
    assert shown.code.expires_ms is None or shown.renew_ms < shown.code.expires_ms


def test_a_member_of_the_family_has_a_code_on_the_holders_phone(
    connection: Connection, person: Person, numbers: Iterator[int]
) -> None:
    phone = ResidentApp(connection)
    phone.register(person)
    member = resident("测试乙", citizen_number(next(numbers)))
    account = phone.add_member(member, "2")
    assert [(card.name, card.relation) for card in phone.members] == [("测试乙", "2")]
    scanned = QrTerminal(connection).read_image(drawn(phone.show_code(phone.members[0]).code))
    assert scanned.verified is not None
    assert scanned.verified.account.ecard_id == account.ecard_id


@pytest.mark.parametrize("counter", [Kiosk, Window])
def test_a_code_printed_on_site_is_accepted(connection: Connection, person: Person, counter: type[Counter]) -> None:
    issued = counter(connection).issue(person)
    assert issued.code.kind == ("static" if connection.carries.static else "dynamic")
    scanned = QrTerminal(connection).read_image(issued.image)
    assert scanned.verified is not None
    assert scanned.verified.account.ecard_id == issued.account.ecard_id


def test_a_doctor_receives_a_patient_and_sees_the_account(connection: Connection, person: Person) -> None:
    phone = ResidentApp(connection)
    account = phone.register(person)
    found = Workstation(connection).receive(drawn(phone.show_code().code))
    assert (found.account.ecard_id, found.account.state) == (account.ecard_id, "normal")


def test_a_window_issues_a_temporary_card_where_the_profile_knows_them(connection: Connection) -> None:
    window = Window(connection)
    if connection.carries.id not in WITH_TEMPORARY_CARDS:
        with pytest.raises(UnsupportedVerb):
            window.temporary("无名", "1", 30)
        return
    _, image = window.temporary("无名", "1", 30)
    scanned = QrTerminal(connection).read_image(image)
    assert scanned.temporary is not None
    assert (scanned.temporary.name, scanned.temporary.age) == ("无名", 30)


def test_a_wrong_document_number_is_the_platforms_to_refuse(connection: Connection) -> None:
    with pytest.raises(WireRefusal) as caught:
        ResidentApp(connection).register(resident("测试甲", "990000199001010011"))
    assert "person.check-digit" in caught.value.ids


def test_a_foreign_code_never_leaves_the_terminal(connection: Connection) -> None:
    nowhere = connect(connection.carries.id, "http://127.0.0.1:1", SystemClock(), SystemRandomness())
    with pytest.raises(NotOurCode) as caught:
        QrTerminal(nowhere).read("424" + "0" * 25)
    assert caught.value.found.owner == "medical-insurance"
    with pytest.raises(ProductUnreachable):
        QrTerminal(nowhere).read("A" * 64 + ":1")


def test_a_phone_holds_five_members(platform: str, numbers: Iterator[int]) -> None:
    phone = ResidentApp(connect("sichuan", platform, SystemClock(), SystemRandomness()))
    with pytest.raises(ValueError, match="nobody is registered"):
        phone.show_code()
    people = [resident("测试甲", citizen_number(next(numbers))) for _ in range(7)]
    phone.register(people[0])
    for person in people[1:6]:
        phone.add_member(person, "8")
    phone.add_member(people[5], "7")
    with pytest.raises(FullFamily):
        phone.add_member(people[6], "8")
    assert len(phone.members) == 5
