"""Cancellation, suspension, restoration: codes and bank bindings end at once, cards come back by a real-name check."""

from __future__ import annotations

import pytest

from reference.ecard.verbs import (
    Account,
    AccountWithCodes,
    ApplyCode,
    BankCards,
    Cancel,
    Code,
    Query,
    Restore,
    Suspend,
    Who,
)
from reference.serving import RealNameResult, Surroundings
from reference.store.account_tables import bank_cards
from reference.store.audit import audit_lines
from reference.store.code_tables import codes
from tests.platform import ON_SITE, ONLINE, SettableClock, ToldRealNameCheck, ask, citizen
from tests.reference.accounts.cards import bound_bank_card, count, normal, refused, registered, static_code, who


@pytest.mark.parametrize("reason", ["holder", "death", "duplicate", "fraud"])
def test_a_card_is_cancelled_for_a_known_reason(platform: Surroundings, reason: str) -> None:
    assert ask(platform, Cancel(who=who(registered(platform)), reason=reason), Account).state == "cancelled"


def test_a_card_is_not_cancelled_for_other_reasons(platform: Surroundings) -> None:
    with refused("person.unknown-code", "reason"):
        ask(platform, Cancel(who=who(registered(platform)), reason="whim"), Account)


@pytest.mark.parametrize("end", [Cancel, Suspend])
def test_codes_and_bank_bindings_end_with_the_card(platform: Surroundings, end: type[Cancel] | type[Suspend]) -> None:
    account = normal(platform)
    ask(platform, ApplyCode(who=who(account), kind="dynamic"), Code)
    ask(platform, bound_bank_card(account), BankCards)
    ask(platform, end(who=who(account)), Account)
    assert ask(platform, Query(who=who(account)), AccountWithCodes).codes == ()
    assert count(platform, bank_cards) == 0
    with platform.store.read() as connection:
        assert set(connection.scalars(codes.select().with_only_columns(codes.c.state))) == {"dead"}


def test_the_rows_of_a_cancelled_card_stay_as_its_history(platform: Surroundings, clock: SettableClock) -> None:
    account = normal(platform)
    clock.advance(days=1)
    ask(platform, Cancel(who=who(account)), Account)
    after = ask(platform, Query(who=who(account)), AccountWithCodes).account
    assert (after.ecard_id, after.registered_ms) == (account.ecard_id, account.registered_ms)
    assert count(platform, codes) == 1


def test_ones_own_code_cancels_a_card(platform: Surroundings) -> None:
    account = registered(platform)
    code = static_code(platform, account)
    named = Who(id_type="01", id_number=account.person.id_number)
    assert ask(platform, Cancel(who=named, code=code.text), Account).state == "cancelled"


def test_somebody_elses_code_cancels_nothing(platform: Surroundings) -> None:
    account = registered(platform)
    other = static_code(platform, registered(platform, citizen(2, "测试乙")))
    with refused("account.identity-mismatch", "code"):
        ask(platform, Cancel(who=who(account), code=other.text), Account)


def test_a_code_that_was_never_issued_cancels_nothing(platform: Surroundings) -> None:
    account = registered(platform)
    with refused("account.identity-mismatch", "code"):
        ask(platform, Cancel(who=who(account), code=f"{account.ecard_id}:1"), Account)


def test_a_cancelled_card_is_not_cancelled_again(platform: Surroundings) -> None:
    account = registered(platform)
    ask(platform, Cancel(who=who(account)), Account)
    with refused("account.cancelled"):
        ask(platform, Cancel(who=who(account)), Account)


def test_a_suspended_card_can_be_cancelled(platform: Surroundings) -> None:
    account = normal(platform)
    ask(platform, Suspend(who=who(account), reason="lost-phone"), Account)
    assert ask(platform, Cancel(who=who(account)), Account).state == "cancelled"


def test_only_a_normal_card_is_suspended(platform: Surroundings) -> None:
    with refused("account.wrong-state"):
        ask(platform, Suspend(who=who(registered(platform))), Account)


def test_words_of_ones_own_do_not_reach_the_audit_log(platform: Surroundings) -> None:
    ask(platform, Suspend(who=who(normal(platform)), reason="the phone of 测试甲 is gone"), Account)
    with platform.store.read() as connection:
        kept = connection.scalars(audit_lines.select().with_only_columns(audit_lines.c.details)).all()
    assert '"reason":"other"' in kept[-1]
    assert not any("测试甲" in line for line in kept)


@pytest.mark.parametrize(("end", "state"), [(Suspend, "normal"), (Cancel, "certified")])
def test_a_real_name_check_brings_a_card_back_without_its_codes(
    platform: Surroundings, end: type[Cancel] | type[Suspend], state: str
) -> None:
    account = normal(platform)
    ask(platform, end(who=who(account)), Account)
    assert ask(platform, Restore(who=who(account), proof=ONLINE), Account).state == state
    assert ask(platform, Query(who=who(account)), AccountWithCodes).codes == ()
    assert static_code(platform, account).ecard_id == account.ecard_id


def test_a_card_does_not_come_back_to_somebody_else(platform: Surroundings, real_name: ToldRealNameCheck) -> None:
    account = normal(platform)
    ask(platform, Suspend(who=who(account)), Account)
    real_name.says = RealNameResult.DIFFERENT
    with refused("person.not-real-name"):
        ask(platform, Restore(who=who(account), proof=ON_SITE), Account)


def test_a_card_that_holds_is_not_restored(platform: Surroundings) -> None:
    with refused("account.wrong-state"):
        ask(platform, Restore(who=who(normal(platform)), proof=ONLINE), Account)
