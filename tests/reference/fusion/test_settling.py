"""Settlement: all payers or none, whatever falls silent or dies on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from reference.ecard.verbs import Entry, FinishSettlement, QueryEntry, Settle, Settlement, Share
from reference.fusion import settling
from reference.store.consistency import inconsistencies
from reference.store.fusion_tables import money_movements, settlements
from simulators.partners import SimulatedPayer
from tests.platform import ask
from tests.reference.accounts.cards import actions, count, refused
from tests.reference.fusion.conftest import HOSPITAL, Hospital

FULL = (100_000, 50_000)
CALLS = ("reserve", "pay", "release")


def finish(hospital: Hospital, settlement: Settlement) -> Settlement:
    return ask(hospital.platform, FinishSettlement(settlement_id=settlement.settlement_id), Settlement, HOSPITAL)


def states(settlement: Settlement) -> set[str]:
    return {movement.state for movement in settlement.movements}


def test_a_bill_is_paid_by_all_its_payers_and_joined_to_the_flow_of_money(hospital: Hospital) -> None:
    entry = hospital.entered()
    paid = hospital.settle(entry)
    assert (paid.state, states(paid), hospital.balances()) == ("paid", {"paid"}, (93_000, 47_000))
    after = ask(hospital.platform, QueryEntry(entry_id=entry.entry_id), Entry, HOSPITAL)
    assert {one.part for one in after.joined if one.flow == "money"} == {"insurance", "payment"}
    assert after.settlements == (paid,)
    assert actions(hospital.platform)[-3:] == ["settlement.begin", "settlement.paying", "settlement.paid"]


def test_where_one_payer_refuses_nobody_pays(hospital: Hospital) -> None:
    hospital.payers["payment"].balance = 2999
    released = hospital.settle(hospital.entered())
    assert (released.state, states(released)) == ("released", {"released"})
    assert released.reason == "payment: E51 balance too low"
    assert hospital.balances() == (100_000, 2999)


def test_a_payer_who_is_silent_before_the_decision_makes_nobody_pay(hospital: Hospital) -> None:
    hospital.payers["payment"].silent_at.add("reserve")
    released = hospital.settle(hospital.entered())
    assert (released.state, released.reason) == ("released", "payment: no answer")
    assert hospital.balances() == FULL


def test_a_reservation_whose_answer_was_lost_is_given_back(hospital: Hospital) -> None:
    hospital.payers["payment"].lost_at.add("reserve")
    assert hospital.settle(hospital.entered()).state == "released"
    assert hospital.balances() == FULL


def test_a_payer_who_is_silent_after_the_decision_is_asked_until_he_pays(hospital: Hospital) -> None:
    hospital.payers["payment"].silent_at.add("pay")
    left = hospital.settle(hospital.entered())
    assert (left.state, states(left)) == ("paying", {"paid", "reserved"})
    assert finish(hospital, left).state == "paying"
    with hospital.platform.store.read() as connection:
        assert settling.unfinished(connection, hospital.clock.now_ms() + 1) == [left.settlement_id]
        assert settling.unfinished(connection, hospital.clock.now_ms()) == []
    hospital.payers["payment"].silent_at.clear()
    assert finish(hospital, left).state == "paid"
    assert hospital.balances() == (93_000, 47_000)
    with hospital.platform.store.read() as connection:
        assert settling.unfinished(connection, hospital.clock.now_ms() + 1) == []


def test_a_payer_who_is_silent_when_money_is_given_back_is_asked_again(hospital: Hospital) -> None:
    hospital.payers["payment"].balance = 0
    hospital.payers["insurance"].silent_at.add("release")
    left = hospital.settle(hospital.entered())
    assert left.state == "releasing"
    hospital.payers["insurance"].silent_at.clear()
    assert finish(hospital, left).state == "released"
    assert hospital.balances() == (100_000, 0)


def test_the_same_bill_again_is_told_and_moves_no_money(hospital: Hospital) -> None:
    entry = hospital.entered()
    paid = hospital.settle(entry)
    assert hospital.settle(entry) == paid
    assert hospital.balances() == (93_000, 47_000)
    with refused("settlement.conflict", "bill"):
        hospital.settle(entry, insurance=6000, payment=4000)


@pytest.mark.parametrize(
    ("shares", "total"),
    [
        ((), 0),
        ((("insurance", 0), ("payment", 100)), 100),
        ((("insurance", -50), ("payment", 150)), 100),
        ((("insurance", 40), ("payment", 50)), 100),
        ((("payment", 50), ("payment", 50)), 100),
        ((("payment", settling.MOST + 1),), settling.MOST + 1),
    ],
)
def test_shares_that_do_not_make_up_the_bill_are_refused(
    hospital: Hospital, shares: tuple[tuple[str, int], ...], total: int
) -> None:
    entry = hospital.entered()
    told = tuple(Share(payer=payer, amount=amount) for payer, amount in shares)  # type: ignore[arg-type]
    with refused("settlement.shares", "shares"):
        verb = Settle(entry_id=entry.entry_id, bill="B-1", total=total, shares=told)
        ask(hospital.platform, verb, Settlement, HOSPITAL)
    assert count(hospital.platform, settlements) == 0


def test_who_has_not_accepted_his_part_is_not_asked_for_money(hospital: Hospital) -> None:
    hospital.owners["insurance"].available = False
    entry = hospital.entered()
    with refused("settlement.not-accepted", "shares"):
        hospital.settle(entry)
    with refused("settlement.not-accepted", "shares"):
        shares = (Share(payer="drugs", amount=1),)
        verb = Settle(entry_id=entry.entry_id, bill="B-1", total=1, shares=shares)
        ask(hospital.platform, verb, Settlement, HOSPITAL)
    assert hospital.balances() == FULL


def test_a_settlement_is_unknown_to_other_institutions(hospital: Hospital) -> None:
    entry = hospital.entered()
    paid = hospital.settle(entry)
    with refused("settlement.unknown", "settlement_id"):
        ask(hospital.platform, FinishSettlement(settlement_id=paid.settlement_id), Settlement)
    with refused("settlement.unknown", "settlement_id"):
        ask(hospital.platform, FinishSettlement(settlement_id="nothing"), Settlement, HOSPITAL)


def test_a_payer_who_was_disconnected_leaves_the_settlement_on_its_way(hospital: Hospital) -> None:
    hospital.payers["payment"].silent_at.add("pay")
    left = hospital.settle(hospital.entered())
    whole = hospital.platform
    hospital.platform = replace(whole, payers={"insurance": hospital.payers["insurance"]})
    assert finish(hospital, left).state == "paying"
    hospital.platform = whole
    hospital.payers["payment"].silent_at.clear()
    assert finish(hospital, left).state == "paid"


class Crash(BaseException):
    """The process dies."""


class DyingPayer(SimulatedPayer):
    """Dies at its n-th call, before or after it has done what it was asked."""

    calls_left = 0
    afterwards = False

    def _answer(self, call: str) -> None:
        self._die(before=True)

    def _lose(self, call: str) -> None:
        self._die(before=False)

    def _die(self, *, before: bool) -> None:
        if before:
            self.calls_left -= 1
        if self.calls_left == 0 and before != self.afterwards:
            raise Crash


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(("insurance", "payment")), st.integers(1, 3), st.booleans(), st.booleans())
def test_dying_at_any_call_of_a_payer_never_leaves_a_half_settled_bill(
    hospital: Hospital, who: str, at: int, afterwards: bool, is_poor: bool
) -> None:
    if hospital.payers["payment"].shares:
        hospital.payers["insurance"], hospital.payers["payment"] = SimulatedPayer(100_000), SimulatedPayer(50_000)
    dying = DyingPayer(hospital.payers[who].balance)
    dying.calls_left, dying.afterwards = at, afterwards
    hospital.payers[who] = dying
    if is_poor:
        hospital.payers["payment"].balance = 0
    before = hospital.balances()
    number = count(hospital.platform, settlements)
    entry = hospital.entered()
    try:
        hospital.settle(entry, bill=f"B-{number}")
    except Crash:
        dying.calls_left = -1
    became = hospital.settle(entry, bill=f"B-{number}")
    assert became.state == ("released" if is_poor else "paid")
    assert states(became) == {became.state}
    spent = (0, 0) if is_poor else (7000, 3000)
    assert hospital.balances() == (before[0] - spent[0], before[1] - spent[1])


def test_a_half_settled_bill_would_be_found_in_the_database(hospital: Hospital) -> None:
    paid = hospital.settle(hospital.entered())
    store = hospital.platform.store
    with store.begin() as connection:
        connection.execute(update(money_movements).where(money_movements.c.payer == "payment").values(state="reserved"))
    with store.read() as connection:
        found = inconsistencies(connection)
    assert found == [f"settlement in the state paid with a movement in another: {paid.settlement_id}"]
    with store.begin() as connection:
        connection.execute(update(money_movements).values(state="paid"))
