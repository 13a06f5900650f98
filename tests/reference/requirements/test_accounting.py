"""Every obligation of the documents is accounted for: none open, none in two places, none unfounded."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reference import cli
from reference.standard import Standard, StandardError, load, profiles
from reference.standard.loader import SHIPPED
from reference.standard.requirements.accounting import LEDGER, State, accounts, ledger
from reference.standard.rows import Basis

STANDARD = load()
OBLIGATIONS = 1236


def run(*options: str) -> Result:
    return CliRunner().invoke(cli.app, ("--accounting", *options))


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A copy of the shipped tables."""
    root = tmp_path / "standard"
    shutil.copytree(SHIPPED, root, ignore=shutil.ignore_patterns("*.py", "__pycache__", "schemas"))
    return root


def test_the_ledger_has_every_obligation_once() -> None:
    assert len(ledger(STANDARD)) == len(set(ledger(STANDARD))) == OBLIGATIONS


@pytest.mark.parametrize("profile", profiles())
def test_no_obligation_is_open_under_any_shipped_profile(profile: str) -> None:
    found = accounts(load(profile), STANDARD)
    assert [account.id for account in found if account.state is State.OPEN] == []
    assert len(found) == OBLIGATIONS


def test_nothing_waits_that_stands_in_the_catalogue_already() -> None:
    assert STANDARD.awaited.keys() & STANDARD.requirements.keys() == set()


def test_everything_that_waits_stands_in_the_ledger() -> None:
    assert STANDARD.awaited.keys() - set(ledger(STANDARD)) == set()


def test_a_requirement_outside_the_ledger_is_not_called_normative_without_its_clause() -> None:
    ours = [row for id, row in STANDARD.requirements.items() if id not in set(ledger(STANDARD))]
    assert ours
    for row in ours:
        assert row.source.basis is not Basis.NORMATIVE or row.source.clause, row.id


def test_what_waits_speaks_both_languages_and_names_its_suite() -> None:
    for row in STANDARD.awaited.values():
        assert row.suite, row.id
        assert any("\u4e00" <= sign <= "\u9fff" for sign in row.zh), row.id
        assert any(sign.isascii() and sign.isalpha() for sign in row.en), row.id
        assert "\\" not in row.en + row.zh, row.id


def test_the_command_counts_every_obligation_and_ends_well() -> None:
    result = run()
    assert result.exit_code == 0
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert sum(int(count) for _, _, count in lines) == OBLIGATIONS
    assert ["sam", "waiting for the suite sam", "143"] in lines


def test_the_command_writes_every_account_as_json() -> None:
    rows = json.loads(run("--json").stdout)
    assert Counter(row["state"] for row in rows) == {"awaited": 914, "testable": 279, "not-testable": 43}
    row = next(row for row in rows if row["id"] == "ref.iso14443")
    assert row["actor"] == "card"
    assert row["words"]["zh"].startswith("无测试：")


def test_an_obligation_that_nothing_takes_up_is_open_and_the_command_says_so(
    tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tables / "requirements" / LEDGER).open("a", encoding="utf-8") as stream:
        stream.write("card.forgotten\n")

    def of_the_copy(profile: str = "national-2012") -> Standard:
        return load(profile, tables)

    monkeypatch.setattr(cli, "load", of_the_copy)
    result = run()
    assert result.exit_code == 2
    assert "open: card.forgotten" in result.stderr
    assert "–\topen\t1" in result.stdout


def test_an_obligation_of_another_profile_is_left_out_and_not_open(tmp_path: Path) -> None:
    text = (STANDARD.root / "profiles" / "national-2012.toml").read_text("utf-8")
    other = tmp_path / "plain-indexes.toml"
    other.write_text(text.replace('index-write = "mac"', 'index-write = "plain"'), "utf-8")
    states = {account.id: account.state for account in accounts(load(other), STANDARD)}
    assert states["card.df03.ef05.update-sm"] is State.LEFT_OUT
    assert State.OPEN not in states.values()


def test_an_obligation_written_twice_is_refused(tables: Path) -> None:
    with (tables / "requirements" / LEDGER).open("a", encoding="utf-8") as stream:
        stream.write("ref.iso14443\n")
    with pytest.raises(StandardError, match=f"{LEDGER}, line 1237.*ref.iso14443"):
        ledger(load("national-2012", tables))


def test_the_accounting_is_not_narrowed() -> None:
    result = run("--level", "shall")
    assert result.exit_code == 64
    assert "leave out --level" in result.stderr
