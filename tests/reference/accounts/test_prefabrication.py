"""Batch prefabrication: states of rows, repair, the same batch again, and the claim of a card."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from reference.ecard.verbs import (
    Account,
    ApplyCode,
    Batch,
    Cancel,
    Claim,
    Code,
    FindByMedium,
    Person,
    Prefabricate,
    QueryBatch,
    RepairRow,
    Who,
)
from reference.serving import RealNameResult, Surroundings
from reference.store.account_tables import accounts, prefabrication_batches, prefabrication_rows
from tests.platform import ONLINE, WINDOW, ToldRealNameCheck, ask, citizen
from tests.reference.accounts.cards import count, refused, registered, who

OTHER_HOSPITAL = msgspec.structs.replace(WINDOW, institution="510100002")


def batch_of(platform: Surroundings, *persons: Person, media: tuple[str, ...] = ()) -> Batch:
    return ask(platform, Prefabricate(persons=persons, source="hospital", media=media), Batch)


def claimed(platform: Surroundings, ecard_id: str, name: str = "测试甲") -> Account:
    return ask(platform, Claim(who=Who(ecard_id=ecard_id), name=name, proof=ONLINE), Account)


def test_each_row_has_its_state_and_its_problem(platform: Surroundings) -> None:
    present = registered(platform, citizen(1))
    cancelled = registered(platform, citizen(2, "测试乙"))
    ask(platform, Cancel(who=who(cancelled)), Account)
    batch = batch_of(
        platform,
        citizen(3, "测试丙"),
        citizen(1),
        citizen(2, "测试乙"),
        citizen(1, "别人"),
        citizen(4, ""),
        citizen(3, "测试丙"),
        Person(id_type="08", id_number="A000000001", name="测试之子"),
    )
    assert [(row.state, row.problems) for row in batch.rows] == [
        ("pre-made", ()),
        ("present", ()),
        ("refused", ("account.cancelled",)),
        ("repair", ("person.name-differs",)),
        ("repair", ("request.empty-field",)),
        ("present", ()),
        ("refused", ("person.guardian-missing",)),
    ]
    assert batch.rows[1].ecard_id == present.ecard_id


def test_the_same_batch_again_gives_the_same_answer(platform: Surroundings) -> None:
    persons = tuple(citizen(number, f"测试{number}") for number in range(1, 6))
    first = batch_of(platform, *persons)
    assert batch_of(platform, *persons) == first
    assert count(platform, prefabrication_batches) == 1
    assert count(platform, accounts) == 5


def test_a_batch_has_at_most_500_rows(platform: Surroundings) -> None:
    with refused("request.batch-too-large", "persons"):
        batch_of(platform, *[citizen()] * 501)
    with refused("request.empty-field", "persons"):
        batch_of(platform)


def test_the_old_cards_of_a_batch_are_linked_with_the_new_ones(platform: Surroundings) -> None:
    batch = batch_of(platform, citizen(1), citizen(2, "测试乙"), media=("H1", ""))
    found = ask(platform, FindByMedium(medium="hospital", issuer=WINDOW.institution, number="H1"), Account)
    assert found.ecard_id == batch.rows[0].ecard_id
    with refused("request.field-malformed", "media"):
        batch_of(platform, citizen(3), media=("H3", "H4"))


def test_an_old_card_of_somebody_else_parks_the_row_and_makes_no_card(platform: Surroundings) -> None:
    batch = batch_of(platform, citizen(1), citizen(2, "测试乙"), media=("H1", "H1"))
    assert [(row.state, row.problems) for row in batch.rows][1] == ("repair", ("media.linked-elsewhere",))
    assert count(platform, accounts) == 1


def test_a_parked_row_is_mended(platform: Surroundings) -> None:
    batch = batch_of(platform, citizen(1), citizen(2, "测试<"), media=("H1", "H2"))
    verb = RepairRow(batch_id=batch.batch_id, row=1, person=citizen(2, "测试乙"))
    assert [row.state for row in ask(platform, verb, Batch).rows] == ["pre-made", "pre-made"]
    assert ask(platform, FindByMedium(medium="hospital", issuer=WINDOW.institution, number="H2"), Account).new is False
    with refused("prefabrication.not-in-repair", "row"):
        ask(platform, verb, Batch)


def test_nothing_personal_of_a_row_is_kept_once_its_card_is_made(platform: Surroundings) -> None:
    batch_of(platform, citizen(1), citizen(2, "测试<"))
    with platform.store.read() as connection:
        kept = connection.scalars(select(prefabrication_rows.c.person).order_by(prefabrication_rows.c.row)).all()
    assert kept[0] == ""
    assert "测试" in kept[1]


def test_a_batch_belongs_to_the_institution_that_sent_it(platform: Surroundings) -> None:
    batch = batch_of(platform, citizen(1), citizen(2, "测试<"))
    assert ask(platform, QueryBatch(batch_id=batch.batch_id), Batch) == batch
    with refused("prefabrication.unknown-batch"):
        ask(platform, QueryBatch(batch_id=batch.batch_id), Batch, OTHER_HOSPITAL)
    with refused("prefabrication.unknown-batch"):
        verb = RepairRow(batch_id=batch.batch_id, row=1, person=citizen(2, "测试乙"))
        ask(platform, verb, Batch, OTHER_HOSPITAL)


def test_a_pre_made_card_holds_only_once_it_is_claimed(platform: Surroundings) -> None:
    batch = batch_of(platform, citizen())
    ecard_id = batch.rows[0].ecard_id
    with refused("account.not-claimed"):
        ask(platform, ApplyCode(who=Who(ecard_id=ecard_id), kind="static"), Code)
    assert claimed(platform, ecard_id).state == "normal"
    assert ask(platform, QueryBatch(batch_id=batch.batch_id), Batch).rows[0].state == "claimed"
    with refused("account.wrong-state"):
        claimed(platform, ecard_id)


def test_registering_claims_a_pre_made_card(platform: Surroundings) -> None:
    batch = batch_of(platform, citizen())
    account = registered(platform)
    assert (account.ecard_id, account.state, account.new) == (batch.rows[0].ecard_id, "normal", False)


def test_a_claim_needs_the_registered_name(platform: Surroundings) -> None:
    batch = batch_of(platform, citizen())
    with refused("person.name-differs", "name"):
        claimed(platform, batch.rows[0].ecard_id, "测试乙")


def test_a_claim_needs_the_holder(platform: Surroundings, real_name: ToldRealNameCheck) -> None:
    batch = batch_of(platform, citizen())
    real_name.says = RealNameResult.DIFFERENT
    with refused("person.not-real-name"):
        claimed(platform, batch.rows[0].ecard_id)


def test_nobody_claims_a_card_that_there_is_not(platform: Surroundings) -> None:
    with refused("account.unregistered"):
        ask(platform, Claim(who=Who(ecard_id="0" * 64), name="测试甲", proof=ONLINE), Account)
