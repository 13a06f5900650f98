"""A code says where the account of its card lies; only time is lost where it says nothing, or something wrong."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from sqlalchemy import Connection, select, update

from reference.qr import looking_up
from reference.qr.looking_up import AccountRow, codes_with_accounts
from reference.serving import Surroundings
from reference.store.account_tables import accounts
from reference.store.code_tables import codes
from tests.reference.qr.residents import PAY, REGISTER, dynamic, outcome, resident, set_state, static, token


def point(platform: Surroundings, card: str, at: int | None) -> None:
    """Make the codes of a card say that their account lies there."""
    with platform.store.begin() as connection:
        connection.execute(update(codes).where(codes.c.ecard_id == card).values(account_id=at))


def place_of(platform: Surroundings, card: str) -> int:
    """Where the account of a card lies."""
    with platform.store.read() as connection:
        return int(connection.execute(select(accounts.c.account_id).where(accounts.c.ecard_id == card)).scalar_one())


@pytest.mark.parametrize("kind", ["static", "dynamic"])
def test_the_account_of_a_code_is_found_without_a_search_by_card_id(
    platform: Surroundings, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    known, foreign = resident(platform, 1), resident(platform, 2)
    code = static(platform, known) if kind == "static" else dynamic(platform, known)
    searched: list[str] = []

    def search(connection: Connection, card_ids: Collection[str]) -> dict[str, AccountRow]:
        searched.extend(card_ids)
        return {}

    monkeypatch.setattr(looking_up, "accounts_of_cards", search)
    shown = "" if code.expires_ms is None else token(platform, code.expires_ms)
    with platform.store.begin() as connection:
        found = codes_with_accounts(connection, {(known, shown), (foreign, "")})

    assert {card_id: row.account.ecard_id for card_id, row in found.accounts.items()} == {known: known}
    assert searched == [foreign]


@pytest.mark.parametrize("wrong", [None, 0, 2**40, -1])
def test_a_code_that_does_not_know_where_its_account_lies_is_verified_all_the_same(
    platform: Surroundings, wrong: int | None
) -> None:
    card = resident(platform)
    code = dynamic(platform, card)
    point(platform, card, wrong)

    assert outcome(platform, code.text, PAY) == "accepted"


def test_a_code_that_leads_to_the_account_of_another_is_judged_by_its_own(platform: Surroundings) -> None:
    cancelled, normal = resident(platform, 1), resident(platform, 2)
    of_cancelled, of_normal = static(platform, cancelled), static(platform, normal)
    set_state(platform, cancelled, "cancelled")
    point(platform, cancelled, place_of(platform, normal))
    point(platform, normal, place_of(platform, cancelled))

    assert outcome(platform, of_cancelled.text, REGISTER) == "account.cancelled"
    assert outcome(platform, of_normal.text, REGISTER) == "accepted"
