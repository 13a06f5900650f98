"""Province and nation: ask, announce, broadcast; deltas that are damaged, replayed or out of order; conflicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from reference.index import counting, merging, persons, reviews
from reference.index.errors import ExchangeRefused
from reference.index.exchange import OUTBOX, ProvincialExchange, delta_of
from reference.index.identity import Identity, canonical
from reference.index.nation import NationalIndexOfOurs
from reference.index.neighbours import NeighbourOfOurs, regions_that_know
from reference.index.registering import register, update
from reference.index.taking_over import received
from reference.store import Store
from tests.databases import empty_sqlite
from tests.reference.index.people import NEW_ID, NOON, act, number, resident

LI = resident("李红", id_number=number(sequence="202"))


class Province:
    """A province with its store and its exchange with the nation."""

    def __init__(self, name: str, store: Store, nation: NationalIndexOfOurs) -> None:
        self.store = store
        self.exchange = ProvincialExchange(name, store, nation, lambda: NOON, NEW_ID)
        nation.admit(name)
        self.exchange.join()

    def register(self, identity: Identity, local_id: str) -> str:
        """Register a person in the province's hospital; returns the index id."""
        with self.store.begin() as connection:
            return register(connection, act(), identity, "hospital", local_id).index_id

    def current(self, index_id: str) -> str:
        """The index id that is valid in the province."""
        with self.store.read() as connection:
            return persons.current(connection, index_id)

    def merge(self, merged: str, survivor: str) -> str:
        """Merge two persons in the province; returns the merge's id."""
        with self.store.begin() as connection:
            return merging.merge(connection, act("officer"), merged=merged, survivor=survivor, reason="same person")

    def waiting(self) -> list[reviews.Kind]:
        """Why pairs wait in the province's queue."""
        with self.store.read() as connection:
            return [review.kind for review in reviews.queue(connection)]


@pytest.fixture
def nation_store(tmp_path: Path) -> Iterator[Store]:
    """The nation's own database."""
    yield from fresh(tmp_path / "nation.db")


@pytest.fixture
def nation(nation_store: Store) -> NationalIndexOfOurs:
    """The national index."""
    return NationalIndexOfOurs(nation_store, lambda: NOON, NEW_ID)


@pytest.fixture
def beijing(store: Store, nation: NationalIndexOfOurs) -> Province:
    """A province on either database."""
    return Province("beijing", store, nation)


@pytest.fixture
def hebei(tmp_path: Path, nation: NationalIndexOfOurs) -> Iterator[Province]:
    """A second province."""
    for store in fresh(tmp_path / "hebei.db"):
        yield Province("hebei", store, nation)


def fresh(path: Path) -> Iterator[Store]:
    """An empty SQLite store."""
    store = Store(empty_sqlite(path))
    yield store
    store.close()


def test_the_nation_assigns_and_returns_the_same_id(beijing: Province, hebei: Province) -> None:
    here, there = beijing.register(resident(), "1"), hebei.register(resident(), "9")
    first, second = beijing.exchange.consult(here), hebei.exchange.consult(there)
    assert first.index_id == second.index_id == here == there
    assert (first.provinces, second.provinces) == (("beijing",), ("beijing", "hebei"))


def test_changes_are_sent_once_and_acknowledged(beijing: Province, nation_store: Store) -> None:
    beijing.register(resident(), "1")
    beijing.register(LI, "2")
    assert beijing.exchange.push(limit=1) == 1
    assert beijing.exchange.push() == 1
    assert beijing.exchange.push() == 0
    with nation_store.read() as connection:
        assert counting.totals(connection).references == {"beijing": 2}
        assert received(connection, "beijing") == 2


def test_soft_particulars_reach_the_nation(beijing: Province, nation_store: Store) -> None:
    index_id = beijing.register(resident(), "1")
    with beijing.store.begin() as connection:
        update(connection, act(), index_id, resident(phone="13800138000"))
    beijing.exchange.push()
    with nation_store.read() as connection:
        assert persons.person(connection, index_id).identity.phone == "13800138000"


def test_a_corrected_name_travels_to_the_other_province(beijing: Province, hebei: Province) -> None:
    old = beijing.register(resident("王小明"), "1")
    hebei.register(resident("王小明"), "9")
    assert beijing.exchange.push() + hebei.exchange.push() == 2
    with beijing.store.begin() as connection:
        new = update(connection, act(), old, resident("王晓明")).index_id
    assert beijing.exchange.push() == 1
    assert hebei.exchange.pull() == 1
    assert hebei.current(old) == new
    hebei.exchange.push()
    assert hebei.exchange.pull() == beijing.exchange.pull() - 1 == 0


def test_a_provinces_merge_binds_the_nation_where_nobody_else_knows_the_two(
    beijing: Province, nation_store: Store
) -> None:
    one, other = beijing.register(resident("王小明"), "1"), beijing.register(resident("王晓明"), "2")
    merge_id = beijing.merge(other, one)
    beijing.exchange.push()
    with nation_store.read() as connection:
        assert persons.current(connection, other) == one
    with beijing.store.begin() as connection:
        merging.undo(connection, act(), merge_id, "two persons")
    beijing.exchange.push()
    with nation_store.read() as connection:
        assert persons.current(connection, other) == other


def test_a_merge_of_persons_known_elsewhere_waits_in_the_nations_queue_and_is_broadcast_when_approved(
    beijing: Province, hebei: Province, nation_store: Store
) -> None:
    one, other = beijing.register(resident("王小明"), "1"), beijing.register(LI, "2")
    hebei.register(LI, "9")
    hebei.exchange.push()
    beijing.merge(other, one)
    beijing.exchange.push()
    with nation_store.begin() as connection:
        assert persons.current(connection, other) == other
        (review,) = reviews.queue(connection)
        assert (review.kind, review.submitter) == (reviews.Kind.NATIONAL, "beijing")
        reviews.decide(connection, act("national officer"), review.review_id, same=True, note="both documents seen")
    hebei.exchange.pull()
    assert hebei.current(other) == one
    assert beijing.exchange.pull() > 0
    assert beijing.current(other) == one


def test_a_merge_that_the_province_judged_otherwise_is_asked_again(
    beijing: Province, hebei: Province, nation_store: Store
) -> None:
    one, other = hebei.register(resident("王小明"), "1"), hebei.register(resident("王晓明"), "2")
    hebei.exchange.push()
    with hebei.store.begin() as connection:
        (review,) = reviews.queue(connection)
        reviews.decide(connection, act("officer"), review.review_id, same=False, note="twins")
    with nation_store.begin() as connection:
        merging.merge(connection, act("national officer"), merged=other, survivor=one, reason="same person")
    hebei.exchange.pull()
    assert hebei.current(other) == other
    assert hebei.waiting() == [reviews.Kind.NATIONAL]


def test_an_id_that_the_nation_knows_otherwise_goes_into_the_queue(
    beijing: Province, hebei: Province, nation_store: Store
) -> None:
    old = beijing.register(resident("王小明"), "1")
    beijing.exchange.push()
    with nation_store.begin() as connection:
        new = update(connection, act(), old, resident("王晓明")).index_id
    hebei.register(resident("王小明"), "9")
    answer = hebei.exchange.consult(old)
    assert answer.index_id == new
    assert hebei.current(old) == old
    assert hebei.waiting() == [reviews.Kind.PROBABLE]


def test_a_replayed_delta_changes_nothing(beijing: Province, nation: NationalIndexOfOurs, nation_store: Store) -> None:
    beijing.register(resident(), "1")
    with beijing.store.read() as connection:
        delta = delta_of(connection, "beijing", OUTBOX, 0)
    assert nation.announce(delta) == 1
    with nation_store.read() as connection:
        before = counting.totals(connection)
    assert nation.announce(delta) == 1
    with nation_store.read() as connection:
        assert counting.totals(connection) == before


@pytest.mark.parametrize("damage", ["count", "digest", "change", "gap", "shortened"])
def test_a_damaged_delta_is_refused_whole(
    beijing: Province, nation: NationalIndexOfOurs, nation_store: Store, damage: str
) -> None:
    beijing.register(resident(), "1")
    beijing.register(LI, "2")
    with beijing.store.read() as connection:
        delta = delta_of(connection, "beijing", OUTBOX, 0)
        later = delta_of(connection, "beijing", OUTBOX, 1)
    other = msgspec.structs.replace(delta.changes[0], identity=canonical(LI))
    damaged = {
        "count": msgspec.structs.replace(delta, count=3),
        "digest": msgspec.structs.replace(delta, digest="0" * 64),
        "change": msgspec.structs.replace(delta, changes=(other, *delta.changes[1:])),
        "gap": later,
        "shortened": msgspec.structs.replace(delta, count=1, changes=delta.changes[:1]),
    }[damage]
    with pytest.raises(ExchangeRefused):
        nation.announce(damaged)
    with nation_store.read() as connection:
        assert counting.totals(connection).persons == 0


def test_a_delta_survives_the_wire(beijing: Province, nation: NationalIndexOfOurs) -> None:
    beijing.register(resident(), "1")
    with beijing.store.read() as connection:
        delta = delta_of(connection, "beijing", OUTBOX, 0)
    assert nation.announce(msgspec.json.decode(msgspec.json.encode(delta), type=type(delta))) == 1


def test_a_province_that_was_not_admitted_gets_no_answer(nation: NationalIndexOfOurs) -> None:
    with pytest.raises(ExchangeRefused, match="Admit it first"):
        nation.ask("elsewhere", resident())
    with pytest.raises(ExchangeRefused, match="elsewhere takes no part"):
        nation.broadcast("elsewhere", 0, 10)


def test_neighbours_are_asked_by_the_id_alone(beijing: Province, hebei: Province) -> None:
    index_id = beijing.register(resident("王小明"), "1")
    with beijing.store.begin() as connection:
        valid = update(connection, act(), index_id, resident("王晓明")).index_id
    neighbours = {"beijing": NeighbourOfOurs(beijing.store), "hebei": NeighbourOfOurs(hebei.store)}
    assert regions_that_know(neighbours, index_id) == {"beijing": valid}
