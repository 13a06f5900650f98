"""Finding accounts by document, ids and code text, and counting them."""

from __future__ import annotations

import msgspec
import pytest

from reference.ecard.verbs import AccountWithCodes, ApplyCode, Code, Count, CountCards, Query, Who
from reference.serving import Surroundings
from tests.platform import WINDOW, SettableClock, ask, citizen
from tests.reference.accounts.cards import normal, refused, registered, static_code, who


def test_an_account_is_found_by_each_of_its_names(platform: Surroundings) -> None:
    account = registered(platform)
    code = static_code(platform, account)
    number = account.person.id_number
    for named in (
        Who(id_type="01", id_number=number),
        Who(id_type="01", id_number=number[:6] + number[8:17]),
        Who(ecard_id=account.ecard_id),
        Who(index_id=account.index_id),
        Who(code=code.text),
    ):
        assert ask(platform, Query(who=named), AccountWithCodes).account.ecard_id == account.ecard_id


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        (Who(), "request.empty-field"),
        (Who(ecard_id="0" * 64, index_id="0" * 64), "request.field-malformed"),
        (Who(id_type="01"), "request.field-malformed"),
        (Who(id_type="01", id_number="99000019900101005x"), "person.id-number-lower-case"),
        (Who(id_type="01", id_number=citizen().id_number), "account.unregistered"),
        (Who(index_id="0" * 64), "account.unregistered"),
        (Who(code="not a code"), "code.garbled"),
    ],
)
def test_who_is_named_by_nothing_known_is_refused(platform: Surroundings, named: Who, reason: str) -> None:
    with refused(reason):
        ask(platform, Query(who=named), AccountWithCodes)


def test_the_codes_that_hold_are_told_and_no_others(platform: Surroundings, clock: SettableClock) -> None:
    account = normal(platform)
    ask(platform, ApplyCode(who=who(account), kind="dynamic"), Code)
    kinds = [code.kind for code in ask(platform, Query(who=who(account)), AccountWithCodes).codes]
    assert kinds == ["static", "dynamic"]
    clock.advance(days=1)
    kinds = [code.kind for code in ask(platform, Query(who=who(account)), AccountWithCodes).codes]
    assert kinds == ["static"]


def test_cards_are_counted_by_institution_and_day_in_china(platform: Surroundings, clock: SettableClock) -> None:
    registered(platform, citizen(1))
    clock.at_ms += 12 * 3_600_000 - 1
    registered(platform, citizen(2, "测试乙"))
    clock.at_ms += 1
    registered(platform, citizen(3, "测试丙"))
    registered(platform, citizen(4, "测试丁"), msgspec.structs.replace(WINDOW, institution="510100002"))

    def counted(first: str, last: str) -> int:
        verb = CountCards(institution=WINDOW.institution, first_date=first, last_date=last)
        return ask(platform, verb, Count).count

    assert [counted("20260101", "20260101"), counted("20260102", "20260102")] == [2, 1]
    assert counted("20260101", "20260102") == 3
    with refused("request.field-malformed", "last_date"):
        counted("20260102", "20260101")
    with refused("request.field-malformed", "first_date"):
        counted("2026-01-01", "20260101")
