"""The checker of half states finds each of them: a clean platform, then one thing wrong at a time."""

from __future__ import annotations

import pytest
from sqlalchemy import Delete, Insert, Update, delete, insert, literal, select, update

from reference.ecard.verbs import Account, Cancel
from reference.store import Store
from reference.store.account_tables import accounts, aliases, applications, bank_cards
from reference.store.audit import audit_head, audit_lines
from reference.store.code_tables import codes
from reference.store.consistency import inconsistencies
from reference.store.index_tables import index_persons, index_references
from tests.platform import NOON_MS, ask, citizen, surroundings
from tests.reference.accounts.cards import normal, registered, who

HALF_STATES: list[tuple[str, Insert | Update | Delete]] = [
    ("account without the audit line", delete(audit_lines).where(audit_lines.c.action == "account-register")),
    ("audit line 1 does not follow", update(audit_lines).where(audit_lines.c.number == 1).values(actor="x")),
    ("does not follow from the line before it", update(audit_head).values(number=1000)),
    ("cancelled account without its audit", delete(audit_lines).where(audit_lines.c.action == "account-cancel")),
    ("without a time of cancellation", update(accounts).values(cancelled_ms=None)),
    ("holds with a time of cancellation", update(accounts).values(cancelled_ms=1)),
    ("code alive on a card", update(codes).values(state="issued")),
    ("merged account without survivor", update(accounts).values(state="alias")),
    ("awaiting its audit without application", update(accounts).values(state="awaiting-audit")),
    ("account without entry in the master index", delete(index_references)),
    (
        "entry in the master index without account",
        insert(index_references).from_select(
            ["domain", "local_id", "index_id", "linked_ms"],
            select(literal("ecard"), literal("0" * 64), index_persons.c.index_id, literal(0)).limit(1),
        ),
    ),
    (
        "alias of no account",
        insert(aliases).values(kind="ecard-id", value="0" * 64, index_id="0" * 64, since_ms=0, reason="rename"),
    ),
]


@pytest.fixture
def store_with_cards(store: Store) -> Store:
    platform = surroundings(store)
    cancelled = normal(platform)
    ask(platform, Cancel(who=who(cancelled)), Account)
    normal(platform, citizen(2, "测试乙"))
    registered(platform, citizen(3, "测试丙"))
    with store.read() as connection:
        assert inconsistencies(connection) == []
    return store


def test_each_half_state_is_found(store_with_cards: Store) -> None:
    missed = []
    for named, change in HALF_STATES:
        with store_with_cards.begin() as connection:
            half = connection.begin_nested()
            connection.execute(change)
            if not any(named in found for found in inconsistencies(connection)):
                missed.append(named)
            half.rollback()
    assert missed == []


def test_links_to_no_account_are_found(store_with_cards: Store) -> None:
    with store_with_cards.begin() as connection:
        index_id = connection.scalar(accounts.select().with_only_columns(accounts.c.index_id).limit(1))
        connection.execute(update(accounts).values(state="certified", cancelled_ms=None))
        connection.execute(
            insert(bank_cards).values(
                binding_id="b",
                index_id=index_id,
                bank="9999",
                masked_number="6",
                bank_token="t",
                preferred=True,
                bound_ms=NOON_MS,
            )
        )
        connection.execute(
            insert(applications).values(
                application_id="a", index_id=index_id, purpose="register", submitted_by="x", submitted_ms=NOON_MS
            )
        )
        found = inconsistencies(connection)
        assert "bank card bound to an account that is not normal: b" in found
        assert "application of an account that awaits no audit: a" in found
