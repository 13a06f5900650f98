"""The register of cards: look-ups agree with the platform, and deltas rebuild it wherever they are received."""

from __future__ import annotations

import pytest

from reference.ecard.verbs import (
    Account,
    ApplyCode,
    Cancel,
    Code,
    LinkMedium,
    Media,
    Proof,
    UnlinkMedium,
    Update,
    Who,
)
from reference.registry import Delta, Holdings, changes, holder_of, holdings
from reference.registry.feed import digest
from reference.serving import Surroundings
from reference.store import Store
from tests.platform import ask, citizen, surroundings
from tests.reference.accounts.cards import registered, who

PHYSICAL = {"medium": "physical", "issuer": "510100001", "number": "A12345678"}


@pytest.fixture
def platform(store: Store) -> Surroundings:
    return surroundings(store)


def held(platform: Surroundings, named: Who) -> Holdings | None:
    with platform.store.read() as connection:
        return holdings(connection, named, platform.tables)


def fed(platform: Surroundings, after: int = 0, most: int = 500) -> Delta:
    with platform.store.read() as connection:
        return changes(connection, after, most)


def received(platform: Surroundings, most: int) -> dict[str, Holdings]:
    """The register as a tier above has it that asks for deltas until nothing is new."""
    register: dict[str, Holdings] = {}
    last = 0
    while (delta := fed(platform, last, most)).last > last:
        assert delta.digest == digest(delta.after, delta.changes)
        for change in delta.changes:
            register.pop(change.previous, None)
            if change.holdings is not None:
                register[change.index_id] = change.holdings
            else:
                register.pop(change.index_id, None)
        last = delta.last
    return register


def test_a_resident_without_card_holds_nothing(platform: Surroundings) -> None:
    assert held(platform, Who(id_type="01", id_number=citizen().id_number)) is None


def test_both_cards_of_a_resident_stand_together_under_every_name(platform: Surroundings) -> None:
    account = registered(platform)
    ask(platform, LinkMedium(who=who(account), **PHYSICAL), Media)
    found = held(platform, who(account))
    assert found is not None
    assert (found.electronic.ecard_id, found.electronic.state) == (account.ecard_id, "certified")
    assert [(one.medium, one.number, one.state) for one in found.others] == [("physical", "A12345678", "linked")]
    assert held(platform, Who(ecard_id=account.ecard_id)) == found
    with platform.store.read() as connection:
        assert holder_of(connection, **PHYSICAL) == found


def test_an_unlinked_physical_card_is_held_by_nobody(platform: Surroundings) -> None:
    account = registered(platform)
    ask(platform, LinkMedium(who=who(account), **PHYSICAL), Media)
    ask(platform, UnlinkMedium(who=who(account), **PHYSICAL), Media)
    with platform.store.read() as connection:
        assert holder_of(connection, **PHYSICAL) is None


def test_a_cancelled_card_stays_in_the_register_as_cancelled(platform: Surroundings) -> None:
    account = registered(platform)
    ask(platform, Cancel(who=who(account)), Account)
    found = held(platform, who(account))
    assert found is not None
    assert found.electronic.state == "cancelled"


def test_after_a_change_of_name_old_ids_lead_to_the_new_card(platform: Surroundings) -> None:
    before = registered(platform)
    after = ask(platform, Update(who=who(before), name="测试改", proof=Proof(way="trusted")), Account)
    found = held(platform, Who(index_id=before.index_id))
    assert found is not None
    assert (found.index_id, found.former_index_ids) == (after.index_id, (before.index_id,))
    assert found.electronic.former == (before.ecard_id,)


@pytest.mark.parametrize("most", [1, 3, 500])
def test_deltas_of_any_size_rebuild_the_register(platform: Surroundings, most: int) -> None:
    kept, renamed, cancelled = (registered(platform, citizen(number)) for number in (1, 2, 3))
    ask(platform, LinkMedium(who=who(kept), **PHYSICAL), Media)
    ask(platform, ApplyCode(who=who(kept), kind="static"), Code)
    renamed = ask(platform, Update(who=who(renamed), name="测试改", proof=Proof(way="trusted")), Account)
    ask(platform, Cancel(who=who(cancelled)), Account)
    expected = {account.index_id: held(platform, who(account)) for account in (kept, renamed, cancelled)}
    assert received(platform, most) == expected


def test_a_delta_may_be_asked_for_twice_and_ends_empty(platform: Surroundings) -> None:
    registered(platform)
    first = fed(platform)
    assert first == fed(platform)
    assert first.count == len(first.changes) > 0
    assert fed(platform, first.last).changes == ()


def test_a_shortened_delta_is_known_by_its_digest(platform: Surroundings) -> None:
    registered(platform)
    registered(platform, citizen(2))
    delta = fed(platform)
    assert digest(delta.after, delta.changes[:-1]) != delta.digest


def test_nothing_personal_is_fed(platform: Surroundings) -> None:
    person = citizen(7, "独特姓名")
    registered(platform, person)
    told = repr(fed(platform))
    assert person.name not in told
    assert person.id_number not in told
