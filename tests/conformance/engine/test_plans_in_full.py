"""Every field of a plan, budgets, twins and the words of each contradiction; and waivers files word for word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance.engine.marks import Marks
from conformance.engine.planning import (
    Draft,
    PlanningFault,
    make_plan,
    requirement_ids,
    severity,
    twin_of,
    within_budget,
)
from conformance.engine.planning import (
    test_id as id_of,
)
from conformance.engine.waivers import FIELDS, UnusableWaivers, read_waivers
from conformance.evidence.model import SCHEMA_VERSION, Plan, PlannedTest, Severity
from conformance.selfcheck.stands import demo_product
from reference.card import violations
from reference.languages import Text, say
from reference.standard import Standard, load
from reference.standard.rows import Basis, Level
from tests.conformance.engine.test_waivers_file import ROW, file_of
from tests.conformance.evidence.test_waiving import waiver
from tests.runs import SHALL, SHOULD, with_requirements

STANDARD = load()
A_TEXT = Text("text", "文字")


def draft(function: str, *requirements: str, subject: object = None, **fields: Any) -> Draft:
    marks = Marks(requirements=requirements, **fields)
    return Draft("suites.test_small", function, f"test_small.py::{function}", marks, subject)


def planned(*drafts: Draft, standard: Standard = STANDARD, **fields: Any) -> Plan:
    return make_plan(standard, fields.pop("product", demo_product()), drafts, actor="card", limits=(A_TEXT,), **fields)


def test_a_plan_names_profile_standard_limits_waivers_and_budget() -> None:
    plan = planned(budget={"card": 1}, waivers=(waiver(),))
    profile = STANDARD.profile
    assert (plan.schema_version, plan.profile, plan.profile_title) == (SCHEMA_VERSION, profile.id, profile.title)
    assert (plan.standard, plan.switches, plan.limits) == (profile.standard, dict(profile.switches), (A_TEXT,))
    assert (plan.tests, plan.waivers, plan.budget) == ((), (waiver(),), {"card": 1})
    assert planned().budget == {}
    assert planned().waivers == ()


def test_a_planned_requirement_is_the_row_of_the_catalogue() -> None:
    plan = planned(draft("test_it", SHALL), draft("test_other", SHALL))
    for row in plan.requirements:
        of = STANDARD.requirements[row.id]
        assert (row.level, row.basis, row.document) == (of.level, of.source.basis, of.source.document)
        assert (row.clause, row.text, row.why, row.not_testable) == (
            of.source.clause,
            of.text,
            of.why,
            of.not_testable,
        )
        assert row.severity is severity(of, STANDARD.profile)
        assert row.tests == (("small.it", "small.other") if row.id == SHALL else ())


def test_a_planned_test_has_all_that_its_draft_says() -> None:
    twin = draft("test_it", SHALL, subject="EF05")
    no = draft("test_no_way", SHALL, subject="EF05", side="negative", twin="test_it", irreversible={"wrong-mac": 2})
    (first, second) = planned(twin, no).tests
    assert second == PlannedTest(
        id="small.no_way[EF05]",
        nodeid="test_small.py::test_no_way",
        title=say("{sentence}: {subject}", sentence=say("no way"), subject="EF05"),
        requirements=(SHALL,),
        side="negative",
        severity=Severity.FAILS,
        twin="small.it[EF05]",
        irreversible={"wrong-mac": 2},
    )
    assert (first.twin, first.irreversible, first.side) == ("", {}, "positive")
    (bare,) = planned(draft("test_no_way", SHOULD)).tests
    assert (bare.title, bare.severity) == (say("no way"), Severity.WARNS)


@pytest.mark.parametrize(
    ("drafts", "says"),
    [
        (
            [draft("test_it", "card.no", SHALL)],
            "test_small.py::test_it judges ['card.no']: no such row in the catalogue",
        ),
        ([draft("test_it")], "test_small.py::test_it judges nothing: no such row in the catalogue"),
        (
            [draft("test_it", SHALL, SHOULD)],
            f"test_small.py::test_it mixes requirements that fail and requirements that warn: ('{SHALL}', '{SHOULD}')",
        ),
        (
            [draft("test_it", SHALL, side="negative")],
            "small.it: a refusal needs a positive twin, and only a refusal has one",
        ),
        (
            [draft("test_it", SHALL, twin="test_it")],
            "small.it: a refusal needs a positive twin, and only a refusal has one",
        ),
        (
            [draft("test_it", SHALL, side="negative", twin="test_x")],
            "small.it: its twin small.x is no test of this suite",
        ),
    ],
)
def test_a_contradiction_is_told_word_for_word(drafts: list[Draft], says: str) -> None:
    with pytest.raises(PlanningFault) as fault:
        planned(*drafts)
    assert str(fault.value) == says


def test_a_twin_of_another_subject_is_a_test_of_the_suite() -> None:
    drafts = (
        draft("test_it", SHALL),
        draft("test_no", SHALL, subject="EF05", side="negative", twin="test_it"),
    )
    plan = planned(*drafts)
    ids = {test.id for test in plan.tests}
    assert plan.tests[1].twin == "small.it[EF05]"
    assert twin_of(plan.tests[1], ids) == "small.it"
    assert twin_of(plan.tests[1], {"small.it[EF05]", "small.it"}) == "small.it[EF05]"


def test_a_subject_may_have_brackets_itself() -> None:
    (_, no) = planned(
        draft("test_it", SHALL), draft("test_no", SHALL, subject="a[b]", side="negative", twin="test_it")
    ).tests
    assert (no.twin, twin_of(no, {"small.it"})) == ("small.it[a[b]]", "small.it")


def test_the_profile_decides_the_weight_of_a_test_of_fielded_rows() -> None:
    fielded = load("field-2013")
    row = next(
        id
        for id, one in fielded.requirements.items()
        if one.source.basis is Basis.FIELD and one.level is Level.SHALL and one.actor == "card"
    )
    for standard, expected in ((fielded, Severity.FAILS), (STANDARD, Severity.WARNS)):
        assert planned(draft("test_it", row), standard=standard).tests[0].severity is expected


def test_ids_of_tests_and_requirements() -> None:
    assert id_of("a.b.test_rights", "test_closed", None) == "rights.closed"
    assert id_of("test_rights", "closed_test_", ("DDF1", "EF06")) == "rights.closed_test_[DDF1-EF06]"
    assert id_of("a.b.rights", "test_test_x", "s") == "rights.test_x[s]"
    marked = draft("test_it", "card.{of}.X", argument="of", subject="DF02")
    assert requirement_ids(marked) == ("card.df02.x",)
    assert requirement_ids(draft("test_it", "card.A", "card.b", subject="DF02")) == ("card.a", "card.b")


# -- budgets -----------------------------------------------------------------------------------------------------


def using(*kinds: dict[str, int], off: int | None = None) -> list[PlannedTest]:
    return [
        PlannedTest(
            id=f"t{number}",
            nodeid="n",
            title=A_TEXT,
            requirements=(),
            side="positive",
            severity=Severity.FAILS,
            irreversible=irreversible,
            not_applicable=A_TEXT if number == off else None,
        )
        for number, irreversible in enumerate(kinds)
    ]


def blocked(tests: list[PlannedTest], budget: dict[str, int]) -> list[int]:
    return [number for number, test in enumerate(within_budget(tests, budget)) if test.blocked is not None]


@pytest.mark.parametrize(
    ("kinds", "budget", "expected"),
    [
        ([{}, {"mac": 2}, {"mac": 2}], {"mac": 4}, []),
        ([{}, {"mac": 2}, {"mac": 2}], {"mac": 3}, [2]),
        ([{"mac": 3}, {"mac": 2}, {"mac": 1}], {"mac": 2}, [0, 2]),
        ([{"mac": 2}, {"mac": 2}], {}, []),
        ([{"mac": 2}, {"mac": 2}], {"pin": 0}, []),
        ([{"card": 1}, {"card": 1}, {"card": 1}], {"card": 1}, []),
        ([{"card": 1}, {"card": 1}], {"card": 0}, [0, 1]),
        ([{"card": 1, "mac": 1}, {"mac": 1}], {"card": 1, "mac": 1}, [1]),
        ([{"card": 1, "mac": 1}, {"mac": 1}], {"card": 0, "mac": 1}, [0]),
    ],
)
def test_a_budget_is_used_up_in_the_order_of_the_tests(
    kinds: list[dict[str, int]], budget: dict[str, int], expected: list[int]
) -> None:
    given = dict(budget)
    assert blocked(using(*kinds), budget) == expected
    assert budget == given


def test_tests_that_do_not_apply_use_up_nothing_and_are_not_blocked() -> None:
    assert blocked(using({"mac": 2}, {"mac": 2}, off=0), {"mac": 2}) == []
    assert blocked(using({"mac": 2}, {"mac": 2}, off=1), {"mac": 0}) == [0]


def test_a_blocked_test_says_what_is_lacking_and_how_to_give_more() -> None:
    (test,) = within_budget(using({"mac": 1, "pin": 1, "card": 1}), {"mac": 0, "pin": 0})
    expected = say("uses up {kind}: the run has none left (--budget, --spare-cards)", kind="mac, pin")
    assert test.blocked == expected
    assert expected.en == "uses up mac, pin: the run has none left (--budget, --spare-cards)"
    assert msgspec.structs.replace(test, blocked=None) == using({"mac": 1, "pin": 1, "card": 1})[0]


# -- what does not apply -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("capabilities", "applies"), [({}, False), ({"tree": False}, False), ({"tree": True}, True)])
def test_what_the_product_does_not_declare_does_not_apply(capabilities: dict[str, bool], applies: bool) -> None:
    row = msgspec.structs.replace(STANDARD.requirements[SHALL], applies_when="tree")
    product = msgspec.structs.replace(demo_product(), capabilities=capabilities)
    plan = planned(draft("test_it", SHALL), standard=with_requirements(STANDARD, [row]), product=product)
    reason = None if applies else say("the capability statement does not declare {capability}", capability="tree")
    assert plan.tests[0].not_applicable == reason
    (of_row,) = (one for one in plan.requirements if one.id == SHALL)
    assert of_row.not_applicable == reason
    needing_nothing = {id for id, one in STANDARD.requirements.items() if not one.applies_when} - {SHALL}
    assert {one.not_applicable for one in plan.requirements if one.id in needing_nothing} == {None}


# -- waivers files -----------------------------------------------------------------------------------------------


def refusal_of(path: Path) -> UnusableWaivers:
    with pytest.raises(UnusableWaivers) as fault:
        read_waivers(path)
    assert str(fault.value) == fault.value.text.en
    assert "None" not in fault.value.text.zh
    return fault.value


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("waiver = []", f": holds something else than rows [[waiver]], or none. Each has {FIELDS}."),
        ("[other]\n", f": holds something else than rows [[waiver]], or none. Each has {FIELDS}."),
        ("waiver = [7]", f": row 1 (–): Expected `object`, got `int`. A row has {FIELDS}."),
        (ROW.replace('"waiver"', "7"), f": row 1 (W-1): Expected `str`, got `int` - at `$.kind`. A row has {FIELDS}."),
        (ROW.replace('"W-1"', "7"), f": row 1 (7): Expected `str`, got `int` - at `$.id`. A row has {FIELDS}."),
        (ROW + ROW.replace('"Vendor"', '""').replace("W-1", "W-2"), ": row 2 (W-2): owner is empty: fill it in."),
        (ROW + ROW, ": row 2 (W-1): an earlier row has this id: give each row its own."),
        (
            ROW.replace("ReadWithoutRight", "ForgedCart"),
            ": row 1 (W-1): no test finds a violation ForgedCart; "
            "the report names it beside each finding, as in ForgedCard",
        ),
    ],
)
def test_a_mistake_in_a_waivers_file_is_told_word_for_word(tmp_path: Path, content: str, says: str) -> None:
    path = file_of(tmp_path, content)
    assert refusal_of(path).text.en.startswith(f"{path}{says}")


def test_what_is_no_toml_is_told_with_place_and_form(tmp_path: Path) -> None:
    path = file_of(tmp_path, "waiver = [")
    told = refusal_of(path).text.en
    assert told.startswith(f"{path}: ")
    assert "line 1" in told or "end of document" in told
    assert told.endswith(f". Waivers are TOML, each a [[waiver]] with {FIELDS}.")


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    assert refusal_of(path).text.en == f"{path}: cannot be read: No such file or directory. Check the path."


def test_a_violation_like_no_other_is_answered_with_the_first_five(tmp_path: Path) -> None:
    known = [name for name in violations.__all__ if name != "Violation"]
    told = refusal_of(file_of(tmp_path, ROW.replace("ReadWithoutRight", "0"))).text.en
    assert told.endswith(f"as in {', '.join(known[:5])}.")


def test_at_most_five_violations_are_named_that_are_near(tmp_path: Path) -> None:
    told = refusal_of(file_of(tmp_path, ROW.replace("ReadWithoutRight", "UpdateWithoutRights"))).text.en
    near = told.removesuffix(".").partition("as in ")[2].split(", ")
    assert (near[0], len(near)) == ("UpdateWithoutRight", 5)
    assert set(near) <= set(violations.__all__)


def test_rows_keep_their_order_and_chinese_text(tmp_path: Path) -> None:
    rows = "".join(ROW.replace("W-1", f"W-{number}").replace("Mask 2.", "掩膜") for number in (3, 1, 2))
    assert [(row.id, row.reason) for row in read_waivers(file_of(tmp_path, rows))] == [
        ("W-3", "掩膜"),
        ("W-1", "掩膜"),
        ("W-2", "掩膜"),
    ]
