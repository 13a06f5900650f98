"""One id from the catalogue to the test: each promise has a test with a faulty variation that the test finds out.

Tests of promises take two parameters: ``built``, the variation of the platform (empty for the right one), and
``broken``, the ids that the variation breaks. What is held here is read from them.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from pathlib import Path
from typing import Any, get_args

import pytest

from conformance.evidence.fault_verdicts import NOT_STAGED, ON_HEALTH, plan_of
from load.faults.promises import Fault, promised, promises, seconds
from load.soak.bounds import bounds
from reference.standard import load
from reference.standard.requirements.ledger import read as ledger
from reference.standard.rows import Basis, Level
from tests.load.faults import faulty_server
from tests.load.faults.soaked import run

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[2]
EVERY = sorted(promised())


def judging() -> dict[str, list[tuple[str, frozenset[str]]]]:
    """By test: the variations that it is given, and which promises each is to break."""
    found: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for path in sorted(FOLDER.rglob("test_*.py")):
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name, test in vars(module).items():
            for mark in getattr(test, "pytestmark", ()) if name.startswith("test_") else ():
                if mark.name == "parametrize" and {"built", "broken"} <= set(names_of(mark)):
                    found[f"{module.__name__}::{name}"] += [pair_of(mark, row) for row in mark.args[1]]
    return found


def names_of(mark: Any) -> list[str]:
    names = mark.args[0]
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)


def pair_of(mark: Any, row: Any) -> tuple[str, frozenset[str]]:
    values = dict(zip(names_of(mark), getattr(row, "values", row), strict=True))
    return values["built"], frozenset(values["broken"])


JUDGING = judging()


# -- the catalogue -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", EVERY)
def test_every_promise_is_a_decision_and_told_in_both_languages(id: str) -> None:
    row = promised()[id]
    assert (row.source.basis, row.level, row.actor) == (Basis.DECISION, Level.SHALL, "platform")
    assert id.split(".")[1] in get_args(Fault)
    assert all((row.text.en, row.text.zh, row.why.en, row.why.zh))
    assert row.not_testable is None


def test_every_fault_has_a_promise_and_the_ledger_knows_them_all() -> None:
    assert {id.split(".")[1] for id in EVERY} == set(get_args(Fault))
    assert set(EVERY) <= set(ledger())


def test_what_is_counted_and_bounded_belongs_to_promises_of_the_catalogue() -> None:
    assert set(promises()) <= set(EVERY)
    assert all(bool(promise.counts) != (promise.seconds is not None) for promise in promises().values())


def test_recoveries_are_bounded() -> None:
    recoveries = [id for id in EVERY if id.endswith(".recovery")]
    assert recoveries == [
        f"fault.{fault}.recovery" for fault in ("crypto-machine", "database", "disk-full", "worker-killed")
    ]
    assert all(0 < seconds(id) < 60 for id in recoveries)
    with pytest.raises(ValueError, match="bounds no time"):
        seconds("fault.every.single-use")


# -- the tests and their variations --------------------------------------------------------------------------------


@pytest.mark.parametrize("id", EVERY)
def test_every_promise_has_a_test_that_finds_out_a_platform_that_breaks_it(id: str) -> None:
    finding_out = [test for test, pairs in JUDGING.items() if any(built and id in broken for built, broken in pairs)]
    assert finding_out, f"no test of tests/load/faults has a variation that breaks {id}"


@pytest.mark.parametrize("test", sorted(JUDGING))
def test_a_test_of_promises_is_also_given_the_right_platform_which_breaks_none(test: str) -> None:
    right = [broken for built, broken in JUDGING[test] if not built]
    assert right == [frozenset()]
    assert all(broken for built, broken in JUDGING[test] if built), "a variation that breaks nothing shows nothing"


def test_tests_name_promises_of_the_catalogue_alone() -> None:
    named = {id for pairs in JUDGING.values() for _, broken in pairs for id in broken}
    assert named <= set(EVERY)


def test_every_variation_of_the_server_is_used_by_a_test() -> None:
    used = {built for pairs in JUDGING.values() for built, _ in pairs}
    assert set(faulty_server.VARIATIONS) <= used


# -- the soak ------------------------------------------------------------------------------------------------------


def test_a_soak_judges_the_promises_on_killed_workers_and_says_of_all_others_why_not() -> None:
    plan = plan_of(load(), run())
    told = {row.id: row.not_applicable for row in plan.requirements if row.id.startswith("fault.")}
    assert set(told) == set(EVERY)
    judged = {bound.requirement for bound in bounds(kills=True)}
    assert {id for id, reason in told.items() if reason is None} == judged & set(EVERY)
    assert {reason.en for reason in told.values() if reason is not None} == {ON_HEALTH.en, NOT_STAGED.en}
