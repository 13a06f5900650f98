"""Registration: one person, one card; field rules; children; what fails leaves nothing behind."""

from __future__ import annotations

import msgspec
import pytest

from reference.ecard.verbs import Account, Cancel, Child, Person, Proof, Register, Restore, Suspend, Update
from reference.ports import CryptoMachineUnavailable
from reference.serving import RealNameResult, Surroundings
from reference.store import Store
from reference.store.account_tables import accounts
from reference.store.audit import audit_lines
from reference.store.index_tables import index_persons
from tests.platform import (
    NOON_MS,
    ON_SITE,
    ONLINE,
    TRUSTED,
    ToldRealNameCheck,
    ask,
    citizen,
    citizen_number,
    surroundings,
)
from tests.reference.accounts.cards import actions, count, normal, refused, registered, who


def test_a_resident_gets_the_ids_of_the_published_derivation(platform: Surroundings) -> None:
    person = Person(id_type="01", id_number="990000199001010017", name="测试乙")
    account = ask(platform, Register(person=person, proof=ONLINE), Account)
    assert account.index_id == "579AE40F53E27F7F8DEE30F678496CDFF7FF380482D048B6FCBC13DB283031DA"
    assert account.ecard_id == "CDE1BABDE8F86793BFA9D55137F0C44B4F988E8247BDB047192641AB8028B9F6"
    assert (account.state, account.new, account.registered_ms) == ("certified", True, NOON_MS)
    assert (account.person.birthday, account.person.sex) == ("19900101", "1")
    assert actions(platform) == ["index-register", "account-register"]


@pytest.mark.parametrize("proof", [ONLINE, ON_SITE, TRUSTED], ids=lambda proof: proof.way)
def test_the_same_person_again_gets_the_same_card(platform: Surroundings, proof: Proof) -> None:
    first = registered(platform)
    again = ask(platform, Register(person=citizen(), proof=proof), Account)
    assert again == msgspec.structs.replace(first, new=False)
    assert count(platform, accounts) == 1


def test_an_old_number_of_15_digits_is_the_same_person(platform: Surroundings) -> None:
    first = registered(platform)
    short = first.person.id_number[:6] + first.person.id_number[8:17]
    again = registered(platform, Person(id_type="01", id_number=short, name="测试甲"))
    assert again.ecard_id == first.ecard_id


def test_a_strict_registration_refuses_a_known_person(platform: Surroundings) -> None:
    registered(platform)
    with refused("account.already-registered"):
        ask(platform, Register(person=citizen(), proof=ONLINE, strict=True), Account)


def test_the_same_document_with_another_name_is_refused(platform: Surroundings) -> None:
    registered(platform)
    with refused("person.name-differs", "name"):
        registered(platform, citizen(1, "测试丙"))


def test_the_clerk_is_kept_as_a_salted_digest_alone(platform: Surroundings) -> None:
    ask(platform, Register(person=citizen(), proof=ON_SITE), Account)
    with platform.store.read() as connection:
        clerk = connection.scalar(accounts.select().with_only_columns(accounts.c.clerk))
    assert clerk is not None
    assert len(clerk) == 16 + 1 + 64
    assert ON_SITE.clerk_id_number not in clerk


def test_on_site_the_clerk_must_be_named(platform: Surroundings) -> None:
    with refused("person.clerk-missing", "clerk_name"):
        ask(platform, Register(person=citizen(), proof=Proof(way="on-site", clerk_id_number="1")), Account)


def test_a_field_out_of_order_is_refused_and_nothing_is_stored(platform: Surroundings) -> None:
    with refused("person.check-digit", "id_number"):
        registered(platform, msgspec.structs.replace(citizen(), id_number="990000199001010018"))
    assert count(platform, accounts) == count(platform, index_persons) == count(platform, audit_lines) == 0


@pytest.mark.parametrize(
    ("photo", "reason"), [(b"GIF89a", "person.image-malformed"), (b"\xff\xd8\xff" * 70_000, "person.image-too-large")]
)
def test_a_photo_that_is_none_is_refused(platform: Surroundings, photo: bytes, reason: str) -> None:
    with refused(reason, "photo_front"):
        ask(platform, Register(person=citizen(), proof=Proof(way="online", photo_front=photo)), Account)


def test_a_person_who_is_somebody_else_is_refused(platform: Surroundings, real_name: ToldRealNameCheck) -> None:
    real_name.says = RealNameResult.DIFFERENT
    with refused("person.not-real-name"):
        registered(platform)
    assert count(platform, accounts) == 0


def test_a_silent_real_name_check_stores_nothing(platform: Surroundings, real_name: ToldRealNameCheck) -> None:
    real_name.available = False
    with refused("person.real-name-unavailable"):
        registered(platform)
    assert count(platform, accounts) == 0


class SilentMachine:
    """A crypto machine that falls silent after so many calls."""

    def __init__(self, platform: Surroundings, calls: int) -> None:
        self.machine, self.calls = platform.machine, calls

    def __getattr__(self, name: str) -> object:
        self.calls -= 1
        if self.calls < 0:
            raise CryptoMachineUnavailable("crypto machine", "does not answer", "start it")
        return getattr(self.machine, name)


@pytest.mark.parametrize("calls", [0, 1, 2])
def test_a_silent_crypto_machine_stores_nothing(store: Store, calls: int) -> None:
    platform = surroundings(store)
    halting = surroundings(store, machine=SilentMachine(platform, calls))  # type: ignore[arg-type]
    with refused("system.crypto-machine"):
        registered(halting)
    assert count(platform, accounts) == count(platform, index_persons) == count(platform, audit_lines) == 0


def test_a_cancelled_card_comes_back_with_the_same_ids(platform: Surroundings) -> None:
    first = registered(platform)
    ask(platform, Cancel(who=who(first)), Account)
    again = registered(platform)
    assert (again.ecard_id, again.state, again.new) == (first.ecard_id, "certified", False)


def test_a_suspended_card_does_not_come_back_by_registration(platform: Surroundings) -> None:
    account = normal(platform)
    ask(platform, Suspend(who=who(account)), Account)
    with refused("account.suspended"):
        registered(platform)
    assert ask(platform, Restore(who=who(account), proof=ONLINE), Account).state == "normal"


def newborn(order: int = 0, number: str = "A000000001", id_type: str = "08") -> tuple[Person, Child]:
    guardian = citizen()
    child = Child(
        guardian_id_type="01",
        guardian_id_number=guardian.id_number,
        multiple_birth=order > 0,
        birth_order=order,
    )
    person = Person(id_type=id_type, id_number=number, name=f"测试之子{order}", sex="1", birthday="20251231")
    return person, child


def test_a_newborn_is_registered_under_its_guardian(platform: Surroundings) -> None:
    guardian = registered(platform)
    person, child = newborn()
    account = ask(platform, Register(person=person, proof=ON_SITE, child=child), Account)
    with platform.store.read() as connection:
        row = connection.execute(accounts.select().where(accounts.c.index_id == account.index_id)).one()
    assert (row.kind, row.guardian_index_id, row.birth_order) == ("child", guardian.index_id, 0)


def test_a_newborn_named_by_type_99_is_taken_as_qinghai_sends_it(platform: Surroundings) -> None:
    registered(platform)
    person, child = newborn(id_type="99")
    assert ask(platform, Register(person=person, proof=ON_SITE, child=child), Account).new


def test_twins_get_a_card_each(platform: Surroundings) -> None:
    registered(platform)
    for order in (1, 2):
        person, child = newborn(order, f"A00000000{order}")
        assert ask(platform, Register(person=person, proof=ON_SITE, child=child), Account).new
    assert count(platform, accounts) == 3


def test_twins_of_one_sex_share_their_parents_number_with_their_order_behind(platform: Surroundings) -> None:
    guardian = registered(platform)
    first, child = newborn(1, guardian.person.id_number + "z", "99")
    ask(platform, Register(person=first, proof=ON_SITE, child=child), Account)
    second, child = newborn(2, guardian.person.id_number + "z-2", "99")
    account = ask(platform, Register(person=second, proof=ON_SITE, child=child), Account)
    assert account.person.id_number == guardian.person.id_number + "Z-2"


def test_the_letter_of_a_childs_number_must_agree_with_its_sex(platform: Surroundings) -> None:
    guardian = registered(platform)
    person, child = newborn(0, guardian.person.id_number + "n", "99")
    with refused("person.sex-differs"):
        ask(platform, Register(person=person, proof=ON_SITE, child=child), Account)


def test_a_child_takes_its_own_number_later(platform: Surroundings) -> None:
    guardian = registered(platform)
    person, child = newborn(0, guardian.person.id_number + "z", "99")
    before = ask(platform, Register(person=person, proof=ON_SITE, child=child), Account)
    own = citizen_number(3, birthday="20251231")
    after = ask(platform, Update(who=who(before), id_type="01", id_number=own, proof=ON_SITE), Account)
    assert (after.person.id_number, after.person.birthday) == (own, "20251231")


@pytest.mark.parametrize("child", [None, Child(), Child(guardian_id_type="01", guardian_id_number=citizen_number(99))])
def test_a_newborn_without_a_guardian_who_has_a_card_is_refused(platform: Surroundings, child: Child | None) -> None:
    person, _ = newborn()
    with refused("person.guardian-missing"):
        ask(platform, Register(person=person, proof=ON_SITE, child=child), Account)
    assert count(platform, accounts) == 0


def test_an_unknown_mode_of_application_is_refused(platform: Surroundings) -> None:
    with refused("person.unknown-code", "mode"):
        ask(platform, Register(person=citizen(), proof=ONLINE, mode="0"), Account)
