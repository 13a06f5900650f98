"""`healthcard requirements`: what it lists, in which form, and how it refuses what does not exist."""

from __future__ import annotations

import json

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from reference import cli, listing
from reference.standard import load


def run(*options: str) -> Result:
    return CliRunner().invoke(cli.app, options)


def test_without_options_it_lists_every_requirement_of_the_national_profile() -> None:
    result = run()
    assert result.exit_code == 0
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == list(load().requirements)


def test_it_narrows_by_level_basis_and_words() -> None:
    for line in run("--level", "should", "--basis", "sibling").stdout.splitlines():
        assert line.split("\t")[1:3] == ["should", "sibling"]
    found = run("--grep", "哮喘").stdout.splitlines()
    assert [line.split("\t")[0] for line in found] == ["card.df02.ef05.asthma", "card.df02.ef05.asthma.code"]


def test_it_writes_json_with_both_languages() -> None:
    rows = json.loads(run("--json", "--grep", "card.ddf1.ef05.read-free").stdout)
    row = next(row for row in rows if row["id"] == "card.ddf1.ef05.read-free")
    assert row["source"] == {"document": "APP11", "clause": "table 4-1", "basis": "normative"}
    assert row["text"]["en"]
    assert row["text"]["zh"]


def test_it_gives_the_reason_where_there_is_no_test() -> None:
    assert "no test: A permission" in run("--grep", "ddf2-reserved").stdout
    assert "无测试：这是许可" in run("--grep", "ddf2-reserved", "--lang", "zh").stdout


def test_on_a_terminal_it_draws_a_table_with_a_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Console(force_terminal=True, width=200, record=True)
    monkeypatch.setattr(listing, "Console", lambda: screen)
    run("--grep", "card.df02.ef05.read-needs", "--lang", "zh")
    shown = screen.export_text()
    assert "card.df02.ef05.read-needs-rk1df02" in shown
    assert "依据" in shown
    assert "项要求" in shown


@pytest.mark.parametrize(
    ("options", "named", "offered"),
    [
        (("--profile", "mars-2099"), "mars-2099", "national-2012"),
        (("--level", "must"), "must", "shall"),
        (("--basis", "rumour"), "rumour", "normative"),
    ],
)
def test_what_does_not_exist_is_refused_on_one_line_with_exit_code_64(
    options: tuple[str, ...], named: str, offered: str
) -> None:
    result = run(*options)
    assert result.exit_code == 64
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert named in result.stderr
    assert offered in result.stderr


def test_a_refusal_comes_in_the_language_asked_for() -> None:
    assert run("--level", "must", "--lang", "zh").stderr.startswith("没有级别 must")
