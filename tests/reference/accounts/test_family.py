"""Family: at most five members, each with a card of his own, bound by a holder with a normal card."""

from __future__ import annotations

from reference.ecard.verbs import (
    Account,
    BindMember,
    Cancel,
    Child,
    Done,
    FindNewborn,
    ListMembers,
    Members,
    Person,
    Proof,
    UnbindMember,
    Who,
)
from reference.serving import RealNameResult, Surroundings
from reference.store.account_tables import accounts, members
from tests.platform import ON_SITE, ONLINE, SettableClock, ToldRealNameCheck, ask, citizen
from tests.reference.accounts.cards import count, normal, refused, registered, who


def bound(
    platform: Surroundings,
    holder: Account,
    number: int,
    relation: str = "1",
    child: Child | None = None,
    proof: Proof = ONLINE,
) -> Account:
    member = citizen(number, f"测试家属{number}")
    verb = BindMember(who=who(holder), member=member, relation=relation, proof=proof, child=child)
    return ask(platform, verb, Account)


def test_a_member_without_a_card_is_registered_and_bound_at_once(platform: Surroundings) -> None:
    holder = normal(platform)
    member = bound(platform, holder, 2)
    assert member.new
    [listed] = ask(platform, ListMembers(who=who(holder)), Members).members
    assert (listed.account.ecard_id, listed.relation) == (member.ecard_id, "1")


def test_a_member_with_a_card_keeps_it(platform: Surroundings) -> None:
    holder = normal(platform)
    there = registered(platform, citizen(2, "测试家属2"))
    member = bound(platform, holder, 2)
    assert (member.ecard_id, member.new) == (there.ecard_id, False)


def test_the_sixth_member_is_refused_and_not_even_registered(platform: Surroundings, clock: SettableClock) -> None:
    holder = normal(platform)
    for number in range(2, 7):
        clock.advance(seconds=1)
        bound(platform, holder, number)
    with refused("family.full"):
        bound(platform, holder, 7)
    assert count(platform, accounts) == 6
    listed = ask(platform, ListMembers(who=who(holder)), Members).members
    assert [member.account.person.name for member in listed] == [f"测试家属{number}" for number in range(2, 7)]


def test_a_member_is_not_bound_twice(platform: Surroundings) -> None:
    holder = normal(platform)
    bound(platform, holder, 2)
    with refused("family.already-bound", "member"):
        bound(platform, holder, 2)


def test_the_holder_needs_a_normal_card(platform: Surroundings) -> None:
    with refused("family.own-account", "who"):
        bound(platform, registered(platform), 2)
    unknown = BindMember(who=Who(index_id="0" * 64), member=citizen(2), relation="1", proof=ONLINE)
    with refused("family.own-account", "who"):
        ask(platform, unknown, Account)


def test_the_holder_is_no_member_of_his_own(platform: Surroundings) -> None:
    holder = normal(platform)
    with refused("request.field-malformed", "relation"):
        bound(platform, holder, 2, relation="0")
    with refused("request.field-malformed", "member"):
        ask(platform, BindMember(who=who(holder), member=citizen(), relation="1", proof=ONLINE), Account)


def test_an_unknown_relation_is_refused(platform: Surroundings) -> None:
    with refused("person.unknown-code", "relation"):
        bound(platform, normal(platform), 2, relation="9")


def test_a_member_who_is_not_real_is_not_bound(platform: Surroundings, real_name: ToldRealNameCheck) -> None:
    holder = normal(platform)
    real_name.says = RealNameResult.DIFFERENT
    with refused("person.not-real-name"):
        bound(platform, holder, 2)
    assert count(platform, members) == 0


def test_a_member_is_unbound_and_keeps_his_card(platform: Surroundings) -> None:
    holder = normal(platform)
    member = bound(platform, holder, 2)
    assert ask(platform, UnbindMember(who=who(holder), member=who(member)), Done) == Done()
    assert ask(platform, ListMembers(who=who(holder)), Members).members == ()
    with refused("family.not-bound", "member"):
        ask(platform, UnbindMember(who=who(holder), member=who(member)), Done)
    with refused("family.member-unregistered", "member"):
        ask(platform, UnbindMember(who=who(holder), member=Who(index_id="0" * 64)), Done)


def test_a_cancelled_member_comes_back_when_he_is_bound(platform: Surroundings) -> None:
    holder = normal(platform)
    member = registered(platform, citizen(2, "测试家属2"))
    ask(platform, Cancel(who=who(member)), Account)
    assert bound(platform, holder, 2).state == "certified"


def test_a_newborn_is_found_by_its_guardian_and_birthday(platform: Surroundings) -> None:
    mother = normal(platform)
    for number, birthday in (("A000000001", "20251201"), ("A000000002", "20241201")):
        baby = Person(id_type="08", id_number=number, name=f"测试之子{number[-1]}", sex="2", birthday=birthday)
        verb = BindMember(who=who(mother), member=baby, relation="3", proof=ON_SITE, child=Child())
        ask(platform, verb, Account)
    every = ask(platform, FindNewborn(guardian=who(mother)), Members).members
    assert [(found.account.person.birthday, found.relation) for found in every] == [
        ("20241201", "3"),
        ("20251201", "3"),
    ]
    [one] = ask(platform, FindNewborn(guardian=who(mother), birthday="20251201"), Members).members
    assert one.account.person.name == "测试之子1"
    with refused("person.birthday-malformed", "birthday"):
        ask(platform, FindNewborn(guardian=who(mother), birthday="2025"), Members)
