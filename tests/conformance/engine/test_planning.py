"""Severity from level, basis and profile; and the contradictions between suite and catalogue that planning finds."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import pytest

from conformance.engine.marks import Marks
from conformance.engine.planning import Draft, PlanningFault, make_plan, severity
from conformance.engine.run import make_plan as plan_of_suite
from conformance.evidence.model import Plan, Severity, Verdict
from conformance.selfcheck.stands import demo_product
from reference.standard import load
from reference.standard.rows import Basis, Citation, Level
from tests.runs import SHALL, SHOULD, demo_stand, result_of, run_of, suite_of, with_requirements

STANDARD = load()
ROW = STANDARD.requirements[SHALL]
FAILING = {
    (Level.SHALL, Basis.NORMATIVE, False),
    (Level.SHALL, Basis.NORMATIVE, True),
    (Level.SHALL, Basis.FIELD, True),
}


@pytest.mark.parametrize(("level", "basis", "field_profile"), list(itertools.product(Level, Basis, (False, True))))
def test_only_a_shall_that_is_normative_or_in_a_field_profile_fielded_can_fail_a_product(
    level: Level, basis: Basis, field_profile: bool
) -> None:
    row = msgspec.structs.replace(ROW, level=level, source=Citation("ANY", "1", basis))
    profile = msgspec.structs.replace(STANDARD.profile, field_rows_can_fail=field_profile)
    expected = Severity.FAILS if (level, basis, field_profile) in FAILING else Severity.WARNS
    assert severity(row, profile) is expected


@pytest.mark.parametrize(("profile", "expected"), [("national-2012", False), ("field-2013", True)])
def test_fielded_rows_fail_a_product_in_the_field_profile_alone(profile: str, expected: bool) -> None:
    standard = load(profile)
    of_field = [row for row in standard.requirements.values() if row.source.basis is Basis.FIELD]
    shalls = [row for row in of_field if row.level is Level.SHALL]
    assert shalls
    assert {severity(row, standard.profile) is Severity.FAILS for row in shalls} == {expected}


def draft(function: str, *requirements: str, twin: str = "", side: str | None = None) -> Draft:
    marks = Marks(requirements=requirements, side=side or ("negative" if twin else "positive"), twin=twin)  # type: ignore[arg-type]
    return Draft("suites.test_small", function, f"test_small.py::{function}", marks, None)


def planned(*drafts: Draft) -> Plan:
    return make_plan(STANDARD, demo_product(), drafts, actor="card", limits=())


@pytest.mark.parametrize(
    ("drafts", "says"),
    [
        ([draft("test_it", "card.no-such-rule")], "card.no-such-rule"),
        ([draft("test_it")], "nothing"),
        ([draft("test_it", SHALL, SHOULD)], "mixes"),
        ([draft("test_it", SHALL, side="negative")], "needs a positive twin"),
        ([draft("test_it", SHALL, twin="test_other", side="positive"), draft("test_other", SHALL)], "only a refusal"),
        ([draft("test_it", SHALL, twin="test_nobody")], "no test of this suite"),
    ],
)
def test_a_contradiction_between_suite_and_catalogue_stops_planning(drafts: list[Draft], says: str) -> None:
    """Trap 9: a requirement link that points to nothing."""
    with pytest.raises(PlanningFault, match=says):
        planned(*drafts)


def test_a_plan_links_each_requirement_to_its_tests_and_holds_it_in_full() -> None:
    plan = planned(draft("test_it", SHALL, "card.aef.by-fid"), draft("test_no", SHALL, twin="test_it"))
    rows = {row.id: row for row in plan.requirements}
    assert rows[SHALL].tests == ("small.it", "small.no")
    assert rows["card.aef.by-fid"].tests == ("small.it",)
    assert (rows[SHALL].text, rows[SHALL].document) == (ROW.text, ROW.source.document)
    assert {row.id for row in STANDARD.requirements.values() if row.actor == "card"} == set(rows)


def test_planning_does_not_touch_the_product(tmp_path: Path) -> None:
    class Untouchable:
        def reset(self) -> bytes:
            raise AssertionError("reset")

        def transmit(self, command: bytes) -> bytes:
            raise AssertionError("transmit")

    stand = demo_stand(card=Untouchable(), sam=Untouchable())
    suite = suite_of(tmp_path, f"@requirement('{SHALL}')\ndef test_it(terminal): raise MISSING\n")
    assert [test.id for test in plan_of_suite(stand, suite).tests] == ["small.it"]


def test_a_module_that_cannot_be_read_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(PlanningFault, match="no_such_module"):
        run_of(tmp_path, "import no_such_module\n")


TWO = f"""
@requirement("{SHALL}")
def test_it(terminal):
    terminal.select("DDF1")
    {{body}}
"""


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [({}, Verdict.NOT_APPLICABLE), ({"tree": False}, Verdict.NOT_APPLICABLE), ({"tree": True}, Verdict.FAILED)],
)
def test_only_the_capability_statement_makes_a_test_not_applicable(
    tmp_path: Path, capabilities: dict[str, bool], expected: Verdict
) -> None:
    """Trap 7: "unsupported" is never inferred from a failure."""
    standard = with_requirements(STANDARD, [msgspec.structs.replace(ROW, applies_when="tree")])
    stand = demo_stand(standard)
    stand = msgspec.structs.replace(stand, product=msgspec.structs.replace(stand.product, capabilities=capabilities))
    plan, results = run_of(tmp_path, TWO.format(body="raise MISSING"), stand)
    result = result_of(results, "it")
    assert result.verdict is expected
    (row,) = (row for row in plan.requirements if row.id == SHALL)
    assert (row.not_applicable is not None) == (expected is Verdict.NOT_APPLICABLE)
    assert bool(result.exchanges) == (expected is Verdict.FAILED)
    if expected is Verdict.NOT_APPLICABLE:
        assert "tree" in str(result.reason)
