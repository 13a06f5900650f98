"""Accounts follow the master index: alias after a merge, suspended after its undoing, one card a person throughout."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from reference.ecard.states import AccountState
from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    ApplyCode,
    BankCards,
    Code,
    LinkMedium,
    Media,
    Person,
    Query,
    Register,
    Restore,
    UnlinkMedium,
    Verified,
    Verify,
    Who,
)
from reference.index import cross_references, merging, persons, registering, reviews
from reference.index.acts import Act
from reference.index.identity import Identity, canonical
from reference.index.scoring import score
from reference.index.tables import weights
from reference.serving import RealNameResult, Surroundings
from reference.store.account_tables import accounts, applications
from tests.platform import ONLINE, ToldRealNameCheck, ask, citizen
from tests.reference.accounts.cards import actions, bound_bank_card, count, normal, refused, registered, who

OTHER = citizen(2, "测试甲甲")


def act(platform: Surroundings, operator: str = "clerk") -> Act:
    return Act(operator, platform.clock.now_ms(), platform.identifier)


def merge(platform: Surroundings, merged: str, survivor: str) -> str:
    with platform.store.begin() as connection:
        return merging.merge(connection, act(platform), merged=merged, survivor=survivor, reason="one person")


def undo(platform: Surroundings, merge_id: str) -> None:
    with platform.store.begin() as connection:
        merging.undo(connection, act(platform), merge_id, "two persons")


def state(platform: Surroundings, index_id: str) -> str:
    with platform.store.read() as connection:
        query = select(accounts.c.state).where(accounts.c.index_id == index_id)
        return str(connection.execute(query).scalar_one())


def known_elsewhere(platform: Surroundings, person: Person, local_id: str = "1") -> str:
    """A hospital registers a person who has no card; his index id."""
    identity = Identity(id_type=person.id_type, id_number=person.id_number, name=person.name)
    with platform.store.begin() as connection:
        return registering.register(connection, act(platform), identity, "hospital-a", local_id).index_id


def found(platform: Surroundings, who: Who) -> Account:
    return ask(platform, Query(who=who), AccountWithCodes).account


def test_a_merge_makes_the_account_an_alias_without_codes_and_bank_cards(platform: Surroundings) -> None:
    merged, survivor = normal(platform, OTHER), normal(platform)
    ask(platform, bound_bank_card(merged), BankCards)
    code = ask(platform, ApplyCode(who=who(merged), kind="dynamic"), Code)
    merge(platform, merged.index_id, survivor.index_id)
    assert state(platform, merged.index_id) == AccountState.ALIAS
    with refused("code.superseded"):
        ask(platform, Verify(text=code.text), Verified)
    assert actions(platform)[-3:-1] == ["account-merge", "index-merge"]


def test_every_way_to_the_merged_person_leads_to_the_survivor(platform: Surroundings) -> None:
    merged, survivor = normal(platform, OTHER), normal(platform)
    merge(platform, merged.index_id, survivor.index_id)
    ways = (
        who(merged),
        Who(ecard_id=merged.ecard_id),
        Who(id_type="01", id_number=OTHER.id_number),
        Who(code=f"{merged.ecard_id}:1"),
    )
    assert {found(platform, way).ecard_id for way in ways} == {survivor.ecard_id}


def test_whoever_was_merged_and_registers_again_gets_the_survivors_card(platform: Surroundings) -> None:
    merged, survivor = normal(platform, OTHER), normal(platform)
    merge(platform, merged.index_id, survivor.index_id)
    for person in (OTHER, citizen()):
        again = ask(platform, Register(person=person, proof=ONLINE), Account)
        assert (again.ecard_id, again.new) == (survivor.ecard_id, False)
    assert count(platform, accounts) == 2


def test_undoing_gives_the_account_back_suspended_until_its_holder_is_checked(platform: Surroundings) -> None:
    merged, survivor = normal(platform, OTHER), normal(platform)
    merge_id = merge(platform, merged.index_id, survivor.index_id)
    undo(platform, merge_id)
    assert state(platform, merged.index_id) == AccountState.SUSPENDED
    assert found(platform, who(merged)).ecard_id == merged.ecard_id
    restored = ask(platform, Restore(who=who(merged), proof=ONLINE), Account)
    assert restored.state == "normal"
    assert state(platform, survivor.index_id) == AccountState.NORMAL


def test_where_the_survivor_has_no_card_the_only_one_stays_and_is_found_under_both(platform: Surroundings) -> None:
    card = normal(platform, OTHER)
    survivor = known_elsewhere(platform, citizen())
    merge_id = merge(platform, card.index_id, survivor)
    assert found(platform, Who(index_id=survivor)).ecard_id == card.ecard_id
    for person in (OTHER, citizen()):
        again = ask(platform, Register(person=person, proof=ONLINE), Account)
        assert (again.ecard_id, again.new) == (card.ecard_id, False)
    undo(platform, merge_id)
    assert ask(platform, Register(person=citizen(), proof=ONLINE), Account).new is True


def test_a_merge_of_a_merge_is_followed_to_the_last_survivor_and_back(platform: Surroundings) -> None:
    card = normal(platform, OTHER)
    middle = known_elsewhere(platform, citizen(3, "测试甲丙"))
    survivor = normal(platform)
    merge(platform, card.index_id, middle)
    second = merge(platform, middle, survivor.index_id)
    assert state(platform, card.index_id) == AccountState.ALIAS
    assert found(platform, Who(index_id=middle)).ecard_id == survivor.ecard_id
    undo(platform, second)
    assert state(platform, card.index_id) == AccountState.SUSPENDED
    assert found(platform, Who(index_id=middle)).ecard_id == card.ecard_id


def test_an_application_of_a_merged_account_is_closed(platform: Surroundings, real_name: ToldRealNameCheck) -> None:
    survivor = normal(platform)
    real_name.says = RealNameResult.UNDECIDED
    waiting = registered(platform, OTHER)
    assert waiting.state == "awaiting-audit"
    merge(platform, waiting.index_id, survivor.index_id)
    with platform.store.read() as connection:
        (decision,) = connection.scalars(select(applications.c.decision))
    assert (decision, state(platform, waiting.index_id)) == ("refused", "alias")


def test_a_decision_in_the_manual_queue_reaches_the_accounts(platform: Surroundings) -> None:
    survivor = normal(platform, citizen(name="欧阳测试", phone="13800138000", address="测试路一号"))
    merged = normal(platform, citizen(2, "欧阳测试", phone="13800138000", address="测试路一号"))
    with platform.store.begin() as connection:
        one, other = (persons.person(connection, account.index_id).identity for account in (merged, survivor))
        review = reviews.submit(
            connection,
            act(platform, "machine"),
            reviews.Kind.LINKAGE,
            merged.index_id,
            survivor.index_id,
            score(one, other, weights()),
            again=True,
        )
        assert review is not None
        reviews.decide(connection, act(platform), review, same=True, note="the same person")
    assert state(platform, merged.index_id) == AccountState.ALIAS


# --- other cards in the index -----------------------------------------------------------------------------------------


def linked(account: Account, number: str = "C1") -> LinkMedium:
    return LinkMedium(who=who(account), medium="hospital", issuer="510100001", number=number)


def target(platform: Surroundings, number: str = "C1") -> str | None:
    with platform.store.read() as connection:
        return cross_references.target(connection, "hospital:510100001", number)


def test_a_linked_card_is_a_cross_reference_until_it_is_unlinked(platform: Surroundings) -> None:
    account = registered(platform)
    ask(platform, linked(account), Media)
    assert target(platform) == account.index_id
    ask(platform, UnlinkMedium(who=who(account), medium="hospital", issuer="510100001", number="C1"), Media)
    assert target(platform) is None


def test_a_number_that_the_index_knows_of_somebody_else_is_not_linked(platform: Surroundings) -> None:
    account = registered(platform)
    identity = Identity(id_type="01", id_number=OTHER.id_number, name=OTHER.name)
    with platform.store.begin() as connection:
        registering.register(connection, act(platform), identity, "hospital:510100001", "C1")
    with refused("media.linked-elsewhere", "number"):
        ask(platform, linked(account), Media)
    assert "account-link" not in actions(platform)


# --- the old citizen number -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["110101900101101", "990000850615123"])
def test_index_and_card_bring_an_old_number_to_the_same_form(platform: Surroundings, number: str) -> None:
    old = Person(id_type="01", id_number=number, name="测试老")
    account = registered(platform, old)
    own = canonical(Identity(id_type="01", id_number=number, name="测试老"))
    assert (account.person.id_number, account.index_id) == (own.id_number, own.index_id)
    whole = Person(id_type="01", id_number=own.id_number, name="测试老")
    again = ask(platform, Register(person=whole, proof=ONLINE), Account)
    assert (again.ecard_id, again.new) == (account.ecard_id, False)
    assert found(platform, Who(id_type="01", id_number=number)).index_id == own.index_id
