"""Registration: the same person gets the same id from everywhere, a probable one waits for a person's decision."""

from __future__ import annotations

import threading

import pytest

from reference.index import counting, cross_references, persons, reviews
from reference.index.errors import IdentityRefused, LocalIdTaken, MergeRefused, UnknownPerson
from reference.index.identity import canonical
from reference.index.merging import merge
from reference.index.registering import Linked, register, update
from reference.index.scoring import Grade
from reference.store import Store, audit
from tests.reference.index.people import act, counted_ids, number, resident

HOME = {"phone": "13800138000", "address": "北京市东城区长安街1号"}


def test_a_first_registration_is_new_and_gets_the_derived_id(store: Store) -> None:
    with store.begin() as connection:
        linked = register(connection, act(), resident(), "hospital-a", "1")
    assert linked == Linked(canonical(resident()).index_id, Grade.NEW, ())


def test_another_domain_finds_the_same_person_exactly(store: Store) -> None:
    with store.begin() as connection:
        first = register(connection, act(), resident(), "hospital-a", "1")
        second = register(connection, act(), resident(**HOME), "clinic", "77")
        person = persons.person(connection, first.index_id)
    assert (second.grade, second.index_id) == (Grade.EXACT, first.index_id)
    assert [(found.domain, found.local_id) for found in person.references] == [("clinic", "77"), ("hospital-a", "1")]


def test_the_same_submission_again_changes_nothing(store: Store) -> None:
    with store.begin() as connection:
        register(connection, act(), resident(), "hospital-a", "1")
        before = counting.totals(connection)
        again = register(connection, act(), resident(), "hospital-a", "1")
        assert counting.totals(connection) == before
        assert audit.check(connection) == 1
    assert again.grade is Grade.EXACT


def test_a_number_in_15_digits_finds_the_person_of_18(store: Store) -> None:
    with store.begin() as connection:
        first = register(connection, act(), resident(id_number=number(birthday="19550307")), "hospital-a", "1")
        second = register(connection, act(), resident(id_number="110101550307101"), "clinic", "2")
    assert second.index_id == first.index_id
    assert second.grade is Grade.EXACT


def test_a_probable_match_gets_his_own_id_and_waits(store: Store) -> None:
    with store.begin() as connection:
        first = register(connection, act(), resident("王小明", **HOME), "hospital-a", "1")
        second = register(connection, act(), resident("王晓明", **HOME), "clinic", "2")
        waiting = reviews.queue(connection)
        assert counting.totals(connection).persons == 2
    assert second.grade is Grade.PROBABLE
    assert second.index_id != first.index_id
    assert [found.index_id for found in second.candidates] == [first.index_id]
    assert second.candidates[0].probability > 0.9
    assert second.candidates[0].reasons
    assert [(review.index_id, review.candidate) for review in waiting] == [(second.index_id, second.candidates[0])]


@pytest.mark.parametrize(
    "changes",
    [
        {"id_number": number(sequence="103")},
        {"id_type": "03", "id_number": "E12345678", "birthday": "19900307"},
        {"name": "王明小"},
    ],
)
def test_slips_of_every_kind_are_found_again(store: Store, changes: dict[str, str]) -> None:
    with store.begin() as connection:
        first = register(connection, act(), resident(**HOME), "hospital-a", "1")
        second = register(connection, act(), resident(**HOME | changes), "clinic", "2")
    assert [found.index_id for found in second.candidates] == [first.index_id]


def test_a_domains_number_cannot_stand_for_two_persons(store: Store) -> None:
    with store.begin() as connection:
        register(connection, act(), resident(), "hospital-a", "1")
        with pytest.raises(LocalIdTaken, match="number 1 of the domain hospital-a"):
            register(connection, act(), resident("李红", id_number=number(sequence="202")), "hospital-a", "1")
        assert counting.totals(connection).persons == 1


@pytest.mark.parametrize(("domain", "local_id"), [("", "1"), ("a", ""), ("a", "x" * 65), ("a\n", "1")])
def test_a_domain_and_its_number_have_a_form(store: Store, domain: str, local_id: str) -> None:
    with store.begin() as connection, pytest.raises(IdentityRefused, match="1 to 64 printable"):
        register(connection, act(), resident(), domain, local_id)


def test_soft_particulars_change_without_a_new_id(store: Store) -> None:
    with store.begin() as connection:
        first = register(connection, act(), resident(), "hospital-a", "1")
        updated = update(connection, act(now_ms=2_000), first.index_id, resident(**HOME))
        person = persons.person(connection, first.index_id)
    assert updated.index_id == updated.previous == first.index_id
    assert person.identity.phone == HOME["phone"]
    assert person.aliases == ()


def test_a_corrected_name_gives_a_new_id_and_the_old_one_leads_to_it(store: Store) -> None:
    with store.begin() as connection:
        first = register(connection, act(), resident("王小明"), "hospital-a", "1")
        updated = update(connection, act(), first.index_id, resident("王晓明"))
        person = persons.person(connection, first.index_id)
        by_old_name = register(connection, act(), resident("王小明"), "clinic", "2")
        by_number = cross_references.look_up(connection, "hospital-a", "1")
    assert updated.index_id == canonical(resident("王晓明")).index_id != first.index_id
    assert (person.index_id, person.aliases) == (updated.index_id, (first.index_id,))
    assert (by_old_name.index_id, by_old_name.grade) == (updated.index_id, Grade.EXACT)
    assert by_number.index_id == updated.index_id


def test_a_name_may_be_corrected_back(store: Store) -> None:
    with store.begin() as connection:
        first = register(connection, act(), resident("王小明"), "hospital-a", "1").index_id
        second = update(connection, act(), first, resident("王晓明")).index_id
        back = update(connection, act(), second, resident("王小明"))
        person = persons.person(connection, second)
    assert (back.index_id, person.index_id, person.aliases) == (first, first, (second,))


def test_an_identity_of_somebody_else_is_not_taken_but_asked_about(store: Store) -> None:
    with store.begin() as connection:
        one = register(connection, act(), resident("王小明"), "hospital-a", "1").index_id
        other = register(connection, act(), resident("李红", id_number=number(sequence="202")), "hospital-a", "2")
        updated = update(connection, act(), other.index_id, resident("王小明"))
        waiting = reviews.queue(connection)
    assert updated.index_id == other.index_id
    assert [(review.review_id, review.kind) for review in waiting] == [(updated.review_id, reviews.Kind.IDENTITY_TAKEN)]
    assert waiting[0].candidate.index_id == one


def test_the_identity_of_a_merged_person_is_not_taken(store: Store) -> None:
    with store.begin() as connection:
        one = register(connection, act(), resident("王小明"), "hospital-a", "1").index_id
        other = register(connection, act(), resident("王晓明"), "hospital-a", "2").index_id
        merge(connection, act(), merged=other, survivor=one, reason="same person")
        with pytest.raises(MergeRefused, match="other way round"):
            update(connection, act(), one, resident("王晓明"))


def test_an_unknown_person_cannot_be_updated(store: Store) -> None:
    with store.begin() as connection, pytest.raises(UnknownPerson, match="Register the person"):
        update(connection, act(), "0" * 64, resident())


def test_numbers_are_translated_from_domain_to_domain(store: Store) -> None:
    with store.begin() as connection:
        register(connection, act(), resident(), "hospital-a", "1")
        register(connection, act(), resident(), "clinic", "77")
        assert cross_references.translate(connection, "hospital-a", "1", "clinic") == ("77",)
        assert cross_references.translate(connection, "hospital-a", "1", "school") == ()
        with pytest.raises(UnknownPerson, match="hospital-a has registered no number 9"):
            cross_references.look_up(connection, "hospital-a", "9")


def test_one_person_submitted_by_many_at_once_is_registered_once(store: Store) -> None:
    found: list[Linked] = []
    new_id = counted_ids()

    def submit(domain: str) -> None:
        found.append(
            store.transact(lambda connection: register(connection, act(domain), resident(**HOME), domain, new_id()))
        )

    threads = [threading.Thread(target=submit, args=(f"domain-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with store.read() as connection:
        totals = counting.totals(connection)
    assert sorted(linked.grade for linked in found) == [Grade.EXACT] * 7 + [Grade.NEW]
    assert (totals.persons, sum(totals.references.values())) == (1, 8)
