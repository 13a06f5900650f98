"""Rules over catalogue, suites, mutants and reports together: one id goes through all of them, and no trap is open.

The nineteen traps are what has gone wrong in conformance suites elsewhere; a test that guards against one says
``Trap N`` in its docstring. Rules over one room alone stand in that room's tests.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.engine.run import make_plan, suite
from conformance.evidence.package import Package
from reference.standard import load, profiles
from reports.machine import as_json
from reports.summary import summarise
from simulators.cards.mutants import registered
from tests.project.tree import ROOT, python_files
from tests.runs import certified, demo_stand

TRAPS = frozenset(range(1, 20))
TRAP = re.compile(r"\bTraps? (\d+(?:(?:, | and )\d+)*)")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """A run of the card suite narrowed to one module: its plan is whole all the same."""
    return certified(tmp_path_factory.mktemp("narrowed"), select="read_rights")


def guarded() -> Iterator[tuple[int, str]]:
    """Every trap that a test names, with the test."""
    for path in python_files("tests"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for match in TRAP.finditer(ast.get_docstring(node) or ""):
                    yield from ((int(number), node.name) for number in re.findall(r"\d+", match.group(1)))


def asserting(path: Path) -> Iterator[tuple[str, bool]]:
    """Every test of a module and whether it can fail: it asserts, expects an error, or calls what does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield (
                node.name,
                any(isinstance(inner, ast.Assert | ast.With | ast.Raise | ast.Call) for inner in ast.walk(node)),
            )


def test_every_trap_has_a_test_with_its_number() -> None:
    numbers = {number for number, _ in guarded()}
    assert sorted(TRAPS - numbers) == []
    assert numbers <= TRAPS, "no such trap"


def test_no_test_is_empty() -> None:
    empty = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in python_files("tests")
        for name, can in asserting(path)
        if not can
    ]
    assert empty == []


def test_every_test_name_is_a_sentence() -> None:
    names = [name for path in python_files("tests") for name, _ in asserting(path)]
    assert [name for name in names if name.count("_") < 2] == []


@pytest.mark.parametrize("profile", profiles())
def test_catalogue_and_plan_hold_the_same_requirements_with_the_same_words(profile: str) -> None:
    """Trap 8: per-profile copies of a table drift."""
    standard = load(profile)
    plan = make_plan(demo_stand(standard), suite("card"))
    ours = {id: row for id, row in standard.requirements.items() if row.actor == "card"}
    assert [row.id for row in plan.requirements] == sorted(ours)
    for row in plan.requirements:
        catalogued = ours[row.id]
        assert (row.text, row.why, row.level) == (catalogued.text, catalogued.why, catalogued.level)
        assert (row.document, row.clause) == (catalogued.source.document, catalogued.source.clause)
        assert (row.not_testable is None) == (catalogued.not_testable is None)


@pytest.mark.parametrize("profile", profiles())
def test_every_testable_shall_of_a_profile_has_a_mutant(profile: str) -> None:
    standard = load(profile)
    broken = {id for mutant in registered(standard) for id in mutant.breaks[:1]}
    shalls = {
        id
        for id, row in standard.requirements.items()
        if row.actor == "card" and row.level == "shall" and row.not_testable is None
    }
    assert len(shalls) > 200
    assert sorted(shalls - broken) == []


def test_the_report_has_one_line_for_every_requirement_of_the_plan(package: Package) -> None:
    """Trap 3 and 6: what was skipped, or judged by nothing, is in the report and has not passed."""
    told = json.loads(as_json(summarise(package)))["requirements"]["list"]
    planned = {row.id: row for row in package.plan.requirements}
    assert sorted(row["id"] for row in told) == sorted(planned)
    for row in told:
        assert (row["level"], row["basis"]) == (planned[row["id"]].level, planned[row["id"]].basis)
        assert tuple(row["tests"]) == planned[row["id"]].tests
    ran = {result.test for result in package.results.tests if result.verdict == "passed"}
    for row in told:
        if row["verdict"] == "passed":
            assert set(row["tests"]) & ran, row["id"]


def test_every_requirement_that_is_not_tested_tells_its_reason_in_the_report(package: Package) -> None:
    report = json.loads(as_json(summarise(package)))
    reasons = {row["requirement"]: row["reason"] for row in report["not_tested"]}
    for row in package.plan.requirements:
        if row.not_testable is not None:
            assert reasons[row.id]["en"] == row.not_testable.en
            assert reasons[row.id]["zh"] == row.not_testable.zh
