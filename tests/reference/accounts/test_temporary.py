"""Temporary cards: in the issuing institution alone, for their time, until bound to a formal card."""

from __future__ import annotations

import msgspec
import pytest

from reference.ecard.verbs import Account, ApplyTemporary, BindTemporary, Cancel, Temporary, VerifyTemporary, Who
from reference.serving import Surroundings
from reference.store.account_tables import temporary_cards
from tests.platform import NOON_MS, WINDOW, SettableClock, ask, citizen
from tests.reference.accounts.cards import count, refused, registered, who

ELSEWHERE = msgspec.structs.replace(WINDOW, institution="510100002")
APPLICATION = ApplyTemporary(name="无名氏", sex="1", age=40, clinic_ms=NOON_MS)


def test_a_temporary_card_can_be_read_where_it_was_issued(platform: Surroundings) -> None:
    card = ask(platform, APPLICATION, Temporary)
    assert len(card.number) <= 20
    assert ask(platform, VerifyTemporary(number=card.number), Temporary) == card


def test_a_temporary_card_cannot_be_read_elsewhere(platform: Surroundings) -> None:
    card = ask(platform, APPLICATION, Temporary)
    with refused("temporary.elsewhere"):
        ask(platform, VerifyTemporary(number=card.number), Temporary, ELSEWHERE)
    with refused("temporary.unknown"):
        ask(platform, VerifyTemporary(number="T0"), Temporary)


def test_a_temporary_card_expires(platform: Surroundings, clock: SettableClock) -> None:
    card = ask(platform, APPLICATION, Temporary)
    clock.at_ms = card.expires_ms
    assert ask(platform, VerifyTemporary(number=card.number), Temporary) == card
    clock.at_ms += 1
    with refused("temporary.expired"):
        ask(platform, VerifyTemporary(number=card.number), Temporary)


def test_a_temporary_card_is_bound_to_one_formal_card_even_after_its_time(
    platform: Surroundings, clock: SettableClock
) -> None:
    card = ask(platform, APPLICATION, Temporary)
    clock.advance(days=3)
    account = registered(platform)
    verb = BindTemporary(number=card.number, who=who(account))
    assert ask(platform, verb, Account).ecard_id == account.ecard_id
    assert ask(platform, verb, Account).ecard_id == account.ecard_id
    other = registered(platform, citizen(2, "测试乙"))
    with refused("temporary.bound"):
        ask(platform, BindTemporary(number=card.number, who=who(other)), Account)


def test_a_bound_temporary_card_tells_whose_it_is(platform: Surroundings) -> None:
    card = ask(platform, APPLICATION, Temporary)
    account = registered(platform)
    ask(platform, BindTemporary(number=card.number, who=who(account)), Account)
    assert ask(platform, VerifyTemporary(number=card.number), Temporary).index_id == account.index_id


def test_a_temporary_card_is_not_bound_to_a_card_that_does_not_hold(platform: Surroundings) -> None:
    card = ask(platform, APPLICATION, Temporary)
    account = registered(platform)
    ask(platform, Cancel(who=who(account)), Account)
    with refused("account.cancelled"):
        ask(platform, BindTemporary(number=card.number, who=who(account)), Account)


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"name": ""}, "request.empty-field", "name"),
        ({"name": "<b>"}, "request.forbidden-character", "name"),
        ({"sex": "5"}, "person.unknown-code", "sex"),
        ({"age": -1}, "request.field-malformed", "age"),
        ({"age": 151}, "request.field-malformed", "age"),
    ],
)
def test_an_application_out_of_order_is_refused(
    platform: Surroundings, fields: dict[str, object], reason: str, field: str
) -> None:
    with refused(reason, field):
        ask(platform, msgspec.structs.replace(APPLICATION, **fields), Temporary)
    assert count(platform, temporary_cards) == 0


def test_an_application_needs_its_institution(platform: Surroundings) -> None:
    with refused("request.empty-field", "institution"):
        ask(platform, APPLICATION, Temporary, msgspec.structs.replace(WINDOW, institution=""))


def test_code_and_document_of_two_residents_bind_nothing(platform: Surroundings) -> None:
    card = ask(platform, APPLICATION, Temporary)
    one, other = registered(platform), registered(platform, citizen(2, "测试乙"))
    also = Who(id_type="01", id_number=other.person.id_number)
    with refused("account.identity-mismatch", "also"):
        ask(platform, BindTemporary(number=card.number, who=who(one), also=also), Account)
    assert ask(platform, VerifyTemporary(number=card.number), Temporary).index_id == ""
    bound = ask(platform, BindTemporary(number=card.number, who=who(other), also=also), Account)
    assert bound.index_id == other.index_id
