"""Statistics by day, domain and grade; search by what a desk knows."""

from __future__ import annotations

import pytest

from reference.index.counting import Registrations, Totals, registrations, totals
from reference.index.errors import IdentityRefused
from reference.index.merging import merge
from reference.index.registering import register, update
from reference.index.scoring import Grade
from reference.index.searching import Query, search
from reference.store import Store
from tests.reference.index.people import NOON, act, number, resident

DAY = 86_400_000


def test_registrations_are_counted_by_day_in_china_domain_and_grade(store: Store) -> None:
    late = NOON + 12 * 3_600_000
    with store.begin() as connection:
        register(connection, act(), resident("王小明"), "hospital-a", "1")
        register(connection, act(), resident("王小明"), "clinic", "2")
        register(connection, act(now_ms=late), resident("王晓明"), "clinic", "3")
        counted = registrations(connection, "2026-01-01", "2026-01-02")
        first_day = registrations(connection, "2026-01-01", "2026-01-01")
    assert counted == (
        Registrations("2026-01-01", "clinic", Grade.EXACT, 1),
        Registrations("2026-01-01", "hospital-a", Grade.NEW, 1),
        Registrations("2026-01-02", "clinic", Grade.PROBABLE, 1),
    )
    assert first_day == counted[:2]


def test_totals_tell_persons_aliases_and_duplicates_found(store: Store) -> None:
    with store.begin() as connection:
        one = register(connection, act(), resident("王小明"), "hospital-a", "1").index_id
        other = register(connection, act(), resident("王晓明"), "clinic", "2").index_id
        merge(connection, act(), merged=other, survivor=one, reason="same person")
        update(connection, act(), one, resident("王小茗"))
        assert totals(connection) == Totals(
            persons=1,
            aliases=2,
            references={"clinic": 1, "hospital-a": 1},
            duplicates_found=1,
            merges_undone=0,
            reviews_open=1,
            reviews_refused=0,
        )


@pytest.mark.parametrize(
    "query",
    [
        Query(id_number=number(birthday="19550307")),
        Query(id_number="110101550307101"),
        Query(name="王小"),
        Query(name="王晓明"),
        Query(phone="+86 138 0013 8000"),
        Query(birthday="19550307", domain="hospital-a"),
    ],
)
def test_a_person_is_found_by_whatever_is_known_even_a_former_name(store: Store, query: Query) -> None:
    with store.begin() as connection:
        old = resident("王小明", id_number=number(birthday="19550307"), phone="13800138000")
        new = resident("王晓明", id_number=number(birthday="19550307"), phone="13800138000")
        first = register(connection, act(), old, "hospital-a", "1").index_id
        valid = update(connection, act(), first, new).index_id
        assert [person.index_id for person in search(connection, query)] == [valid]


def test_signs_of_patterns_are_plain_text(store: Store) -> None:
    with store.begin() as connection:
        register(connection, act(), resident(), "hospital-a", "1")
        assert search(connection, Query(name="王_明")) == ()
        assert search(connection, Query(id_number="' OR '1'='1")) == ()


@pytest.mark.parametrize(
    "query", [Query(phone="none"), Query(name="王小明", phone="-"), Query(birthday="19550307", name="·")]
)
def test_a_phone_without_digits_or_a_name_without_characters_finds_nobody(store: Store, query: Query) -> None:
    with store.begin() as connection:
        register(connection, act(), resident(), "hospital-a", "1")
        with pytest.raises(IdentityRefused, match="names nothing in the field"):
            search(connection, query)


def test_an_empty_search_is_refused(store: Store) -> None:
    for query in (Query(), Query(domain="hospital-a"), Query(name="%")):
        with store.begin() as connection, pytest.raises(IdentityRefused, match="names nothing"):
            search(connection, query)
