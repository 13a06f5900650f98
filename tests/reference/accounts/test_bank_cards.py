"""Bank cards: verified by the bank, kept masked, left with the holder's confirmation and without debts."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from reference.accounts.bank_cards import masked
from reference.ecard.verbs import BankCards, UnbindBankCard, Who
from reference.serving import Surroundings
from reference.store.account_tables import bank_cards
from tests.platform import SettableClock, ToldBank, ask, citizen
from tests.reference.accounts.cards import bound_bank_card, count, normal, refused, registered, who

SECOND = "6222020000000000002"


def test_only_the_masked_number_and_the_banks_token_are_kept(platform: Surroundings) -> None:
    account = normal(platform)
    [card] = ask(platform, bound_bank_card(account), BankCards).cards
    assert (card.masked_number, card.preferred) == ("622202*********0001", True)
    with platform.store.read() as connection:
        row = connection.execute(select(bank_cards)).one()
    assert not any("6222020000000000001" in str(value) for value in row)
    assert row.bank_token == "9999-token-000001"


def test_the_preferred_card_comes_first(platform: Surroundings, clock: SettableClock) -> None:
    account = normal(platform)
    ask(platform, bound_bank_card(account), BankCards)
    clock.advance(seconds=1)
    cards = ask(platform, bound_bank_card(account, SECOND, preferred=True), BankCards).cards
    assert [(card.masked_number[-1], card.preferred) for card in cards] == [("2", True), ("1", False)]


def test_the_card_that_stays_becomes_the_preferred_one(platform: Surroundings) -> None:
    account = normal(platform)
    [first] = ask(platform, bound_bank_card(account), BankCards).cards
    ask(platform, bound_bank_card(account, SECOND), BankCards)
    verb = UnbindBankCard(who=who(account), binding_id=first.binding_id, confirmed=True)
    [rest] = ask(platform, verb, BankCards).cards
    assert (rest.masked_number[-1], rest.preferred) == ("2", True)


def test_a_card_that_the_bank_does_not_confirm_is_not_bound(platform: Surroundings, bank: ToldBank) -> None:
    account = normal(platform)
    bank.confirms = False
    with refused("bank.not-verified"):
        ask(platform, bound_bank_card(account), BankCards)
    bank.available = False
    with refused("bank.unavailable"):
        ask(platform, bound_bank_card(account), BankCards)
    assert count(platform, bank_cards) == 0


def test_a_card_is_not_bound_twice(platform: Surroundings) -> None:
    account = normal(platform)
    ask(platform, bound_bank_card(account), BankCards)
    with refused("bank.already-bound"):
        ask(platform, bound_bank_card(account), BankCards)


def test_only_a_normal_account_binds_a_card(platform: Surroundings) -> None:
    with refused("account.wrong-state"):
        ask(platform, bound_bank_card(registered(platform)), BankCards)


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"number": "6222"}, "request.field-malformed", "number"),
        ({"phone": "1"}, "request.field-malformed", "phone"),
        ({"bank": ""}, "request.empty-field", "bank"),
        ({"one_time_code": ""}, "request.empty-field", "one_time_code"),
    ],
)
def test_a_binding_out_of_order_is_refused(
    platform: Surroundings, fields: dict[str, str], reason: str, field: str
) -> None:
    verb = msgspec.structs.replace(bound_bank_card(registered(platform)), **fields)
    with refused(reason, field):
        ask(platform, verb, BankCards)


def test_unbinding_needs_confirmation_and_no_debt(platform: Surroundings, bank: ToldBank) -> None:
    account = normal(platform)
    [card] = ask(platform, bound_bank_card(account), BankCards).cards
    verb = UnbindBankCard(who=who(account), binding_id=card.binding_id, confirmed=True)
    with refused("bank.not-confirmed"):
        ask(platform, msgspec.structs.replace(verb, confirmed=False), BankCards)
    bank.debts.add("9999-token-000001")
    with refused("bank.debt-open"):
        ask(platform, verb, BankCards)
    bank.debts.clear()
    assert ask(platform, verb, BankCards).cards == ()
    with refused("bank.not-bound"):
        ask(platform, verb, BankCards)


def test_nobody_unbinds_the_card_of_another(platform: Surroundings) -> None:
    account = normal(platform)
    [card] = ask(platform, bound_bank_card(account), BankCards).cards
    other = normal(platform, citizen(2, "测试乙"))
    with refused("bank.not-bound"):
        ask(
            platform,
            UnbindBankCard(who=Who(index_id=other.index_id), binding_id=card.binding_id, confirmed=True),
            BankCards,
        )


def test_a_mask_hides_all_but_the_first_six_and_last_four_digits() -> None:
    assert masked("123456789012") == "123456**9012"
