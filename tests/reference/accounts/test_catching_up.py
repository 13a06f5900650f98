"""Accounts follow merges from before they followed any: as if they had then, once, and whoever else is at work."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from reference import platform_cli
from reference.accounts.catching_up import CaughtUp, follow_merges
from reference.accounts.following import follow_merge, follow_undoing
from reference.ecard.refusals import Refusal
from reference.ecard.states import AccountState
from reference.ecard.verbs import Account, AccountWithCodes, ApplyCode, Code, Query, Verified, Verify, Who
from reference.index import merging, persons
from reference.serving import Surroundings
from reference.store import Store, audit
from reference.store.account_tables import accounts
from reference.store.audit import audit_lines
from reference.store.migrating import migrate
from tests.platform import SettableClock, ask, citizen, surroundings
from tests.reference.accounts.cards import actions, normal, refused, who
from tests.reference.accounts.test_following import known_elsewhere, merge, state, undo

OPERATOR = "command:admin"
SECONDS = 60


@contextmanager
def before_accounts_followed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Inside, merges and undoings are those of the index alone."""
    with monkeypatch.context() as then:
        then.setattr(merging, "_merged", [])
        then.setattr(merging, "_undone", [])
        yield
    assert (merging._merged, merging._undone) == ([follow_merge], [follow_undoing])


def pair(platform: Surroundings, number: int) -> tuple[Account, Account]:
    """Two persons with cards, the first to be merged into the second."""
    return tuple(normal(platform, citizen(number + place, f"测试{place}")) for place in (0, 1))  # type: ignore[return-value]


def test_an_old_merge_is_followed_as_if_it_were_made_now(
    platform: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged, survivor = pair(platform, 1)
    code = ask(platform, ApplyCode(who=who(merged), kind="dynamic"), Code)
    with before_accounts_followed(monkeypatch):
        merge_id = merge(platform, merged.index_id, survivor.index_id)
    assert state(platform, merged.index_id) == AccountState.NORMAL
    assert follow_merges(platform, OPERATOR) == CaughtUp(merges=1, aliases=1, only_cards=0)
    assert state(platform, merged.index_id) == AccountState.ALIAS
    assert ask(platform, Query(who=who(merged)), AccountWithCodes).account.ecard_id == survivor.ecard_id
    with refused("code.superseded"):
        ask(platform, Verify(text=code.text), Verified)
    with platform.store.read() as connection:
        audit.check(connection)
        line = connection.execute(select(audit_lines).where(audit_lines.c.action == "index-merge-followed")).one()
    assert (line.actor, line.subject) == (OPERATOR, merged.index_id)
    assert merge_id in line.details


def test_what_followed_is_left_alone(platform: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = pair(platform, 1)
    merge(platform, at_once[0].index_id, at_once[1].index_id)
    late = pair(platform, 3)
    with before_accounts_followed(monkeypatch):
        merge(platform, late[0].index_id, late[1].index_id)
    assert follow_merges(platform, OPERATOR).aliases == 1
    done = actions(platform)
    assert follow_merges(platform, OPERATOR) == CaughtUp(merges=2, aliases=0, only_cards=0)
    assert actions(platform) == done
    assert done.count("account-merge") == 2


def test_the_only_card_of_a_merged_person_is_found_under_the_survivors_id(
    platform: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = normal(platform)
    survivor = known_elsewhere(platform, citizen(2, "测试乙"))
    with before_accounts_followed(monkeypatch):
        merge(platform, card.index_id, survivor)
    with pytest.raises(Refusal):
        ask(platform, Query(who=Who(index_id=survivor)), AccountWithCodes)
    assert follow_merges(platform, OPERATOR) == CaughtUp(merges=1, aliases=0, only_cards=1)
    assert ask(platform, Query(who=Who(index_id=survivor)), AccountWithCodes).account.ecard_id == card.ecard_id
    assert follow_merges(platform, OPERATOR) == CaughtUp(merges=1, aliases=0, only_cards=0)


def test_an_undone_merge_is_not_followed_and_one_that_was_can_be_undone(
    platform: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = pair(platform, 1), pair(platform, 3)
    with before_accounts_followed(monkeypatch):
        undo(platform, merge(platform, first[0].index_id, first[1].index_id))
        merge_id = merge(platform, second[0].index_id, second[1].index_id)
    assert follow_merges(platform, OPERATOR) == CaughtUp(merges=1, aliases=1, only_cards=0)
    assert state(platform, first[0].index_id) == AccountState.NORMAL
    undo(platform, merge_id)
    assert state(platform, second[0].index_id) == AccountState.SUSPENDED


@pytest.mark.parametrize("seed", range(4))
def test_catching_up_leaves_what_following_at_once_leaves(
    platform: Surroundings, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    drawn, size = random.Random(seed), 6
    with_card = [drawn.random() < 0.7 for _ in range(size)]
    groups = [_persons(platform, first, with_card) for first in (10, 20)]
    order = [drawn.sample(range(size), 2) for _ in range(size)]
    for merged, survivor in order:
        clock.at_ms += 1
        _merge_if_two(platform, groups[0][merged], groups[0][survivor])
        with before_accounts_followed(monkeypatch):
            _merge_if_two(platform, groups[1][merged], groups[1][survivor])
    follow_merges(platform, OPERATOR, batch=2)
    assert _seen(platform, groups[1]) == _seen(platform, groups[0])


def _persons(platform: Surroundings, first: int, with_card: list[bool]) -> list[str]:
    """Index ids of persons, some of whom have a card."""
    made = []
    for place, has_card in enumerate(with_card):
        person = citizen(first + place, f"测试{place}")
        made.append(
            normal(platform, person).index_id if has_card else known_elsewhere(platform, person, str(first + place))
        )
    return made


def _merge_if_two(platform: Surroundings, merged: str, survivor: str) -> None:
    with platform.store.read() as connection:
        is_one = persons.current(connection, merged) == persons.current(connection, survivor)
    if not is_one:
        merge(platform, merged, survivor)


def _seen(platform: Surroundings, group: list[str]) -> list[tuple[str, int]]:
    """Of each person the state of his own account, and whose card is found under his id; empty and -1 for none."""
    with platform.store.read() as connection:
        rows = connection.execute(select(accounts.c.index_id, accounts.c.state))
        states = {row.index_id: row.state for row in rows}
    seen = []
    for index_id in group:
        try:
            found = ask(platform, Query(who=Who(index_id=index_id)), AccountWithCodes).account.index_id
        except Refusal:
            found = ""
        seen.append((states.get(index_id, ""), group.index(found) if found else -1))
    return seen


def test_two_who_catch_up_at_once_and_a_third_who_merges_do_everything_once(
    platform: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [pair(platform, 10 + 2 * number) for number in range(8)]
    with before_accounts_followed(monkeypatch):
        for merged, survivor in pairs[:6]:
            merge(platform, merged.index_id, survivor.index_id)
    with ThreadPoolExecutor(3) as pool:
        late = [pool.submit(follow_merges, platform, OPERATOR, batch=1) for _ in range(2)]
        live = [pool.submit(merge, platform, merged.index_id, survivor.index_id) for merged, survivor in pairs[6:]]
        done = [one.result(timeout=SECONDS) for one in late]
        for one in live:
            one.result(timeout=SECONDS)
    assert sum(one.aliases for one in done) == 6
    assert {state(platform, merged.index_id) for merged, _ in pairs} == {AccountState.ALIAS}
    assert actions(platform).count("account-merge") == 8


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", "1 merges stand; 1 accounts became aliases, 0 are now found under the survivor's id.\n"),
        ("zh", "有效合并 1 项；1 个账户成为别名，0 个账户现可由合并后的主索引号查到。\n"),
    ],
)
def test_the_command_says_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, says: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'platform.db'}")
    migrate(store)
    platform = surroundings(store)
    merged, survivor = pair(platform, 1)
    with before_accounts_followed(monkeypatch):
        merge(platform, merged.index_id, survivor.index_id)
    command = ["platform", "follow-merges", "--database", store.address, "--lang", lang]
    result = CliRunner().invoke(platform_cli.app, command)
    assert result.exit_code == 0, result.output
    assert result.stdout == says
    assert state(platform, merged.index_id) == AccountState.ALIAS
    store.close()
