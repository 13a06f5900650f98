"""The whole story in Guangdong's form: registered, a code, verified once, replay refused, cancelled, refused."""

from __future__ import annotations

import pytest

from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    ApplyCode,
    Batch,
    Cancel,
    Child,
    Claim,
    Code,
    Person,
    Prefabricate,
    Proof,
    Query,
    Register,
    Update,
    Verified,
    Verify,
    Who,
)
from reference.gateway.profiles.guangdong_client import GuangdongClient
from reference.gateway.return_codes import return_codes
from reference.gateway.wire import WireRefusal
from reference.store import Store
from tests.platform import WINDOW, citizen
from tests.reference.gateway.asking import asking
from tests.reference.gateway.serving import served

TRUSTED = Proof(way="trusted")


def code_of(refusal: str) -> str:
    return return_codes("guangdong").of("getPersonInfoByQrCode", refusal).code


def test_a_resident_from_registration_to_the_end_of_his_card(store: Store) -> None:
    province = asking(store, "guangdong")
    card = province.ask(Register(person=citizen(phone="13900000000"), proof=TRUSTED, mode="3"))
    assert isinstance(card, Account)
    assert card.new
    again = province.ask(Register(person=citizen(), proof=TRUSTED, mode="3"))
    assert isinstance(again, Account)
    assert (again.ecard_id, again.new) == (card.ecard_id, False)
    assert card.person.phone == "13900000000"

    code = province.ask(ApplyCode(who=Who(ecard_id=card.ecard_id)))
    assert isinstance(code, Code)
    assert code.kind == "dynamic"
    verified = province.ask(Verify(text=code.text, step="010101"))
    assert isinstance(verified, Verified)
    assert (verified.account.person.name, verified.uses_left) == ("测试甲", 0)
    with pytest.raises(WireRefusal) as consumed:
        province.ask(Verify(text=code.text, step="010101"))
    assert consumed.value.ids == {"code.consumed"}
    assert consumed.value.code == code_of("code.consumed")

    changed = province.ask(Update(who=Who(ecard_id=card.ecard_id), phone="13900000001"))
    assert isinstance(changed, Account)
    assert changed.person.phone == "13900000001"
    last = province.ask(ApplyCode(who=Who(ecard_id=card.ecard_id)))
    assert isinstance(last, Code)
    # The interface has no cancellation: the platform's own desk cancels.
    province.platform.perform(WINDOW, Cancel(who=Who(ecard_id=card.ecard_id)))
    with pytest.raises(WireRefusal) as cancelled:
        province.ask(Verify(text=last.text, step="010101"))
    assert cancelled.value.ids & {"account.cancelled", "code.revoked"}
    assert cancelled.value.code == code_of("account.cancelled")


def test_a_card_made_in_advance_is_claimed_by_its_holder_alone(store: Store) -> None:
    province = asking(store, "guangdong")
    made = province.ask(Prefabricate(persons=(citizen(),), source="hospital"))
    assert isinstance(made, Batch)
    (row,) = made.rows
    assert (row.state, row.problems) == ("pre-made", ())
    with pytest.raises(WireRefusal) as early:
        province.ask(ApplyCode(who=Who(ecard_id=row.ecard_id)))
    assert early.value.ids == {"account.not-claimed"}
    who = Who(id_type="01", id_number=citizen().id_number)
    with pytest.raises(WireRefusal) as wrong:
        province.ask(Claim(who=who, name="测试乙", proof=TRUSTED))
    assert wrong.value.ids == {"person.name-differs"}
    claimed = province.ask(Claim(who=who, name="测试甲", proof=TRUSTED))
    assert isinstance(claimed, Account)
    assert (claimed.ecard_id, claimed.state) == (row.ecard_id, "normal")
    found = province.ask(Query(who=who))
    assert isinstance(found, AccountWithCodes)
    assert found.account == claimed


def test_a_newborn_is_registered_through_its_mother(store: Store) -> None:
    province = asking(store, "guangdong")
    newborn = Person(id_type="08", id_number="A000000001", name="测试新生儿", sex="2", birthday="20251231")
    child = Child(guardian_id_type="01", guardian_id_number=citizen().id_number, mother_name="测试甲")
    order = Register(person=newborn, proof=TRUSTED, child=child, mode="3")
    with pytest.raises(WireRefusal) as alone:
        province.ask(order)
    assert alone.value.ids == {"person.guardian-missing"}
    province.ask(Register(person=citizen(), proof=TRUSTED, mode="3"))
    card = province.ask(order)
    assert isinstance(card, Account)
    assert (card.person, card.new, card.state) == (newborn, True, "normal")


def test_the_story_goes_over_real_http(store: Store) -> None:
    with served(store, "guangdong") as province:
        client = GuangdongClient(province.credentials)
        card = province.ask(client, Register(person=citizen(), proof=TRUSTED, mode="3"))
        assert isinstance(card, Account)
        code = province.ask(client, ApplyCode(who=Who(ecard_id=card.ecard_id)))
        assert isinstance(code, Code)
        verified = province.ask(client, Verify(text=code.text, step="010101"))
        assert isinstance(verified, Verified)
        assert verified.account.ecard_id == card.ecard_id
        with pytest.raises(WireRefusal, match=code_of("code.consumed")):
            province.ask(client, Verify(text=code.text, step="010101"))
