"""The platform's functions: every one once, what is done names tests that pytest collects, what is context says why."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from reference import listing, platform_cli
from reference.standard import StandardError
from reference.standard.platform import Function, State, functions, sources
from reference.standard.platform.loader import SHIPPED
from reference.standard.platform.page import written
from reference.standard.rows import Basis
from tests.project.tree import ROOT

NUMBER = 308
PROMISED = ("ECARD", "EMPI", "REG", "ACC", "FRONT", "QR", "FUSE", "CHAN")
"""The areas of the electronic platform."""
SECONDS = 120


def run(*options: str) -> Result:
    return CliRunner().invoke(platform_cli.app, ["platform", "coverage", *options])


def defined(file: str) -> set[str]:
    """The tests that a file of tests defines at its top."""
    module = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in module.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def collected(files: set[str]) -> set[str]:
    """The tests that pytest collects in files."""
    if not files:
        return set()
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *sorted(files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    return {line.partition("[")[0] for line in listed.stdout.splitlines() if "::" in line}


def test_every_function_of_the_documents_stands_once() -> None:
    rows = functions()
    assert len(rows) == NUMBER
    assert [id for id, count in Counter(row.id for row in rows).items() if count > 1] == []
    assert len({row.name.en for row in rows}) == NUMBER


def test_numbers_of_an_area_follow_one_another() -> None:
    by_area: dict[str, set[int]] = {}
    for row in functions():
        by_area.setdefault(row.area, set()).add(int(row.id.rpartition("-")[2]))
    assert {area: numbers for area, numbers in by_area.items() if numbers != set(range(1, len(numbers) + 1))} == {}


@pytest.mark.parametrize("row", [row for row in functions() if row.state is State.DONE], ids=lambda row: row.id)
def test_what_is_done_names_tests_that_exist(row: Function) -> None:
    named = [test.split("::") for test in row.tests]
    assert named
    assert [test for file, test in named if test not in defined(file)] == []


def test_every_named_test_is_collected(request: pytest.FixtureRequest) -> None:
    named = {test for row in functions() for test in row.tests}
    # A run of the whole suite has collected them already.
    left = named - {item.nodeid.partition("[")[0] for item in request.session.items}
    assert sorted(left - collected({test.partition("::")[0] for test in left})) == []


def test_what_is_context_says_why_and_nothing_else_does() -> None:
    for row in functions():
        assert (row.reason is not None) == (row.state is State.CONTEXT)
        assert bool(row.tests) == (row.state is State.DONE)
        assert bool(row.room) == (row.state is not State.CONTEXT)


def test_the_areas_of_the_electronic_platform_are_done() -> None:
    lacking = {row.id for row in functions() if row.area in PROMISED and row.state is not State.DONE}
    assert lacking == set()


def test_a_function_is_normative_where_a_normative_document_names_it() -> None:
    known = sources()
    for row in functions():
        is_normative = any(known[source].basis is Basis.NORMATIVE for source in row.sources)
        assert row.basis is (Basis.NORMATIVE if is_normative else Basis.FIELD)


def test_the_page_is_the_one_that_the_table_gives() -> None:
    page = (ROOT / "docs" / "platform-coverage.md").read_text(encoding="utf-8")
    assert page == written(), "python -m reference.standard.platform docs/platform-coverage.md"


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_lists_every_function_with_its_tests() -> None:
    lines = run().stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == [row.id for row in functions()]
    (cancellation,) = (line for line in lines if line.startswith("P-ECARD-03\t"))
    assert "done\taccounts\tCancellation\ttests/reference/accounts/test_lifecycle.py::" in cancellation


def test_the_command_narrows_by_state_and_area_in_either_language() -> None:
    rows = [line.split("\t") for line in run("--state", "done", "--area", "ecard", "--lang", "zh").stdout.splitlines()]
    assert len(rows) == 17
    assert {row[1] for row in rows} == {"done"}
    assert rows[2][3] == "电子健康卡注销"


def test_the_command_writes_json_with_both_languages() -> None:
    rows = json.loads(run("--json").stdout)
    assert len(rows) == NUMBER
    figure = next(row for row in rows if row["id"] == "P-FIG-01")
    assert figure["state"] == "context"
    assert figure["reason"]["zh"].startswith("属数据指标")
    assert figure["tests"] == []


def test_on_a_terminal_the_command_draws_a_table_with_a_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Console(force_terminal=True, width=200, record=True)
    monkeypatch.setattr(listing, "Console", lambda: screen)
    run("--area", "QR")
    shown = screen.export_text()
    assert "P-QR-01" in shown
    assert "1 functions: 1 done, 0 open, 0 context." in shown


@pytest.mark.parametrize(("option", "name", "offered"), [("--state", "ready", "open"), ("--area", "MARS", "ECARD")])
def test_an_unknown_state_or_area_is_answered_with_those_there_are(option: str, name: str, offered: str) -> None:
    result = run(option, name)
    assert result.exit_code == 64
    assert name in result.stderr
    assert offered in result.stderr


# --- mistakes in the table --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("functions.csv", "P-ECARD-02,", "P-ECARD-01,", "stands twice"),
        ("functions.csv", "P-ECARD-02,", "P-ECARD-2,", "no id of a function"),
        ("functions.csv", ",accounts,done,", ",accounts,ready,", "not its form"),
        ("functions.csv", "Cancellation,", ",", "name is missing"),
        ("functions.csv", ",3p,accounts,done,", ",9z,accounts,done,", "no row 9z"),
        ("functions.csv", ",registry,open,", ",registry,context,", "needs a reason"),
        ("functions.csv", ",registry,open,", ",registry,done,", "names its tests"),
        ("tests.toml", '["P-ECARD-01"]', '["P-ECARD-99"]', "names its tests"),
        ("tests.toml", '["P-ECARD-01"]', '["P-NOBODY-01"]\n"a.py" = ["test_a"]\n["P-ECARD-01"]', "no row P-NOBODY-01"),
        ("tests.toml", '["P-ECARD-01"]', 'wrong = 1\n["P-ECARD-01"]', "no list of tests"),
        ("sources.toml", 'basis = "normative"', 'basis = "rumour"', "not its form"),
    ],
)
def test_a_mistake_in_the_table_is_told_with_its_place(
    tmp_path: Path, file: str, before: str, after: str, told: str
) -> None:
    folder = tmp_path / "platform"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("__pycache__"))
    table = folder / file
    text = table.read_text(encoding="utf-8")
    assert before in text
    table.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(StandardError, match=told) as caught:
        functions(folder)
    assert caught.value.where.startswith(file) or told == "names its tests"
    assert caught.value.text.zh != caught.value.text.en
