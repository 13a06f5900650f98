"""Other cards of the same person: linked to one person, found by their number, unlinked."""

from __future__ import annotations

import pytest

from reference.ecard.verbs import Account, Cancel, FindByMedium, LinkMedium, Media, UnlinkMedium, Update
from reference.serving import Surroundings
from tests.platform import ON_SITE, ask, citizen
from tests.reference.accounts.cards import actions, refused, registered, who


def link(account: Account, number: str = "C1", medium: str = "physical", issuer: str = "510100001") -> LinkMedium:
    return LinkMedium(who=who(account), medium=medium, issuer=issuer, number=number)


def find(number: str = "C1") -> FindByMedium:
    return FindByMedium(medium="physical", issuer="510100001", number=number)


def test_a_linked_card_leads_to_the_account_even_under_a_new_name(platform: Surroundings) -> None:
    account = registered(platform)
    ask(platform, link(account), Media)
    assert ask(platform, find(), Account).ecard_id == account.ecard_id
    after = ask(platform, Update(who=who(account), name="测试新", proof=ON_SITE), Account)
    assert ask(platform, find(), Account).ecard_id == after.ecard_id


def test_linking_again_changes_nothing(platform: Surroundings) -> None:
    account = registered(platform)
    first = ask(platform, link(account), Media)
    assert ask(platform, link(account), Media) == first
    assert actions(platform).count("account-link") == 1


def test_a_card_is_linked_to_one_person(platform: Surroundings) -> None:
    ask(platform, link(registered(platform)), Media)
    with refused("media.linked-elsewhere", "number"):
        ask(platform, link(registered(platform, citizen(2, "测试乙"))), Media)


def test_a_link_is_taken_away(platform: Surroundings) -> None:
    account = registered(platform)
    ask(platform, link(account), Media)
    ask(platform, link(account, "C2"), Media)
    verb = UnlinkMedium(who=who(account), medium="physical", issuer="510100001", number="C1")
    assert [medium.number for medium in ask(platform, verb, Media).media] == ["C2"]
    with refused("media.not-linked"):
        ask(platform, verb, Media)
    with refused("media.not-linked"):
        ask(platform, find(), Account)


@pytest.mark.parametrize(
    ("verb", "reason", "field"),
    [
        ({"medium": "library"}, "person.unknown-code", "medium"),
        ({"number": ""}, "request.empty-field", "number"),
        ({"number": "1" * 65}, "request.field-too-long", "number"),
        ({"issuer": "<"}, "request.forbidden-character", "issuer"),
    ],
)
def test_a_link_out_of_order_is_refused(platform: Surroundings, verb: dict[str, str], reason: str, field: str) -> None:
    with refused(reason, field):
        ask(platform, link(registered(platform), **verb), Media)


def test_nothing_is_linked_to_a_cancelled_card(platform: Surroundings) -> None:
    account = registered(platform)
    ask(platform, Cancel(who=who(account)), Account)
    with refused("account.cancelled"):
        ask(platform, link(account), Media)
