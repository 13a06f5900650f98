"""Verdicts of small runs derived again: budgets, twins, withheld parts, and each thing that may not fit."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import pytest

from conformance import certifying, rederiving
from conformance.certifying import Laboratory, certify
from conformance.engine.planning import PlanningFault
from conformance.engine.run import Progress, suite_digest
from conformance.evidence.model import Overall, TestResult, Verdict, Waiver
from conformance.evidence.package import Package
from conformance.evidence.signing import demo_signer
from conformance.rederiving import CannotRederive, differences, judge_again, needing_the_sealed_part, rederive
from reference.languages import Text, say
from simulators.cards import demo_card
from tests.conformance.small_runs import only, small_package
from tests.runs import SHALL, SHOULD, LostAfter, demo_stand, suite_of

STANDARD = only(SHALL, SHOULD)
CARD = 'terminal.select("DDF1")'
PAIR = f"""
@requirement("{SHALL}")
def test_twin(terminal):
    {CARD}

@requirement("{SHALL}")
@refusal(twin="test_twin")
def test_no(terminal):
    {CARD}

@requirement("{SHALL}")
def test_broken(terminal):
    {CARD}
    raise MISSING
"""
USING_UP = f"""
@requirement("{SHALL}")
def test_plain(terminal):
    {CARD}

@requirement("{SHALL}")
@uses_up("wrong-mac", 2)
def test_first(terminal):
    {CARD}

@requirement("{SHALL}")
@uses_up("wrong-mac", 2)
def test_second(terminal):
    {CARD}

@requirement("{SHALL}")
@uses_up("card")
def test_last(terminal):
    {CARD}
"""

Made = Callable[..., Package]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Makes the package of a small run, and has it derived again with its own suite."""

    def make(tests: str, **fields: Any) -> Package:
        card = fields.pop("card", None)
        stand = msgspec.structs.replace(demo_stand(STANDARD, card=card), **fields.pop("stand", {}))
        package, chosen = small_package(tmp_path, tests, stand, **fields)
        monkeypatch.setattr(rederiving, "suite", {"card": chosen}.__getitem__)
        return package

    return make


def found(package: Package) -> list[str]:
    return [difference.test for difference in differences(package, rederive(package, STANDARD))]


def verdicts(package: Package) -> list[Verdict]:
    return [result.verdict for result in package.results.tests]


def altered(package: Package, test: str, **fields: Any) -> Package:
    """The package with one result changed."""
    tests = tuple(
        msgspec.structs.replace(result, **fields) if result.test == test else result for result in package.results.tests
    )
    return msgspec.structs.replace(package, results=msgspec.structs.replace(package.results, tests=tests))


# -- budgets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "blocked"),
    [
        ({}, []),
        ({"wrong-mac": 4}, []),
        ({"wrong-mac": 3}, ["small.second"]),
        ({"wrong-mac": 1}, ["small.first", "small.second"]),
        ({"card": 0}, ["small.last"]),
        ({"card": 1}, []),
        ({"card": 0, "wrong-mac": 0}, ["small.first", "small.second", "small.last"]),
    ],
)
def test_a_run_under_a_budget_comes_out_the_same(made: Made, budget: dict[str, int], blocked: list[str]) -> None:
    package = made(USING_UP, stand={"budget": budget})
    assert [result.test for result in package.results.tests if result.verdict is Verdict.BLOCKED] == blocked
    assert package.plan.budget == budget
    assert found(package) == []
    assert (package.results.overall is Overall.INCOMPLETE) == bool(blocked)


def test_a_test_that_the_budget_blocks_never_counts_as_passed(made: Made) -> None:
    package = made(USING_UP, stand={"budget": {"card": 0}})
    forged = altered(package, "small.last", verdict=Verdict.PASSED, reason=None, exchanges=3)
    played = forged.transcripts | {"small.last": forged.transcript("small.plain")}
    forged = msgspec.structs.replace(forged, transcripts=played)
    assert "small.last" in found(forged)
    derived = rederive(forged, STANDARD).results["small.last"]
    assert (derived.verdict, derived.exchanges) == (Verdict.BLOCKED, 0)


@pytest.mark.parametrize("budget", [{}, {"card": 1}, {"card": 0, "wrong-mac": 0}])
def test_a_plan_whose_blocked_tests_do_not_follow_from_its_budget_is_found(made: Made, budget: dict[str, int]) -> None:
    package = made(USING_UP, stand={"budget": {"card": 0}})
    forged = msgspec.structs.replace(package, plan=msgspec.structs.replace(package.plan, budget=budget))
    assert found(forged) == ["plan.json"]


def test_a_test_that_was_blocked_by_hand_is_found(made: Made) -> None:
    package = made(USING_UP)
    first, *others = package.plan.tests
    blocked = msgspec.structs.replace(first, blocked=say("no results"))
    forged = msgspec.structs.replace(package, plan=msgspec.structs.replace(package.plan, tests=(blocked, *others)))
    assert found(forged) == ["plan.json"]


def test_what_a_later_run_has_no_budget_for_is_not_taken_over_as_passed(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = made(USING_UP, arguments=("-k", "not test_plain"))
    assert earlier.transcript("small.last")
    monkeypatch.setattr(certifying, "suite", vars(rederiving)["suite"])
    later = certify(
        msgspec.structs.replace(demo_stand(STANDARD), budget={"card": 0}),
        "card",
        tmp_path / "later",
        signer=demo_signer(),
        laboratory=Laboratory(),
        progress=Progress(),
        earlier=earlier,
    )
    assert verdicts(later) == [Verdict.PASSED, Verdict.PASSED, Verdict.PASSED, Verdict.BLOCKED]
    assert (later.results.overall, later.transcript("small.last")) == (Overall.INCOMPLETE, ())
    assert later.transcript("small.first") == earlier.transcript("small.first")
    assert found(later) == []


# -- what is compared ------------------------------------------------------------------------------------------


def test_a_small_run_comes_out_the_same_and_each_kind_of_change_is_found(made: Made) -> None:
    package = made(PAIR)
    assert verdicts(package) == [Verdict.PASSED, Verdict.PASSED, Verdict.FAILED]
    assert found(package) == []
    for fields in ({"verdict": Verdict.WARNING}, {"findings": ()}, {"exchanges": 1}):
        assert found(altered(package, "small.broken", **fields))[0] == "small.broken"
    assert found(altered(package, "small.twin", took_us=7)) == []


def test_a_difference_says_what_was_recorded_and_what_comes_out(made: Made) -> None:
    package = made(PAIR)
    forged = altered(package, "small.broken", verdict=Verdict.PASSED, findings=())
    difference, overall = differences(forged, rederive(forged, STANDARD))
    assert (difference.recorded.en, difference.derived.en) == ("passed (–)", "failed (FileMissing)")
    assert (overall.test, overall.recorded) == ("results.json", package.results.because)
    assert overall.derived.en.startswith("All 1 mandatory")
    left_out = tuple(result for result in package.results.tests if result.test != "small.broken")
    lacking = msgspec.structs.replace(package, results=msgspec.structs.replace(package.results, tests=left_out))
    assert differences(lacking, rederive(lacking, STANDARD))[0].recorded == say("no result")


def test_two_findings_are_told_behind_one_another(made: Made) -> None:
    package = made(PAIR)
    (broken,) = (result for result in package.results.tests if result.test == "small.broken")
    forged = altered(package, "small.broken", findings=broken.findings * 2)
    assert differences(forged, rederive(forged, STANDARD))[0].recorded.en == "failed (FileMissing, FileMissing)"


def test_another_plan_is_told_by_its_number_of_tests(made: Made) -> None:
    package = made(PAIR)
    plan = msgspec.structs.replace(package.plan, tests=package.plan.tests[:2])
    derived = rederive(package, STANDARD)
    (difference,) = differences(msgspec.structs.replace(package, plan=plan), derived)
    assert (difference.test, difference.recorded.en, difference.derived.en) == ("plan.json", "2 tests", "3 tests")


@pytest.mark.parametrize(
    "fields",
    [
        {"overall": Overall.CONFORMANT},
        {"because": Text("All is well.", "一切正常。")},
        {"narrowed": True},
        {"stopped": Text("The reader burnt.", "读卡器烧毁。")},
    ],
)
def test_what_the_results_say_of_the_whole_must_follow_from_them(made: Made, fields: dict[str, Any]) -> None:
    package = made(PAIR.replace("raise MISSING", "pass"))
    assert (package.results.overall, found(package)) == (Overall.CONFORMANT, [])
    forged = msgspec.structs.replace(package, results=msgspec.structs.replace(package.results, **fields))
    expected = [] if package.results.overall is fields.get("overall") else ["results.json"]
    assert found(forged) == expected


def test_a_run_that_left_tests_out_must_own_up_to_it(made: Made) -> None:
    package = made(PAIR, arguments=("-k", "twin"))
    assert (package.results.narrowed, found(package)) == (True, [])
    hushed = msgspec.structs.replace(package, results=msgspec.structs.replace(package.results, narrowed=False))
    assert found(hushed) == ["results.json"]


def test_a_run_narrowed_to_nothing_less_than_all_may_say_so(made: Made) -> None:
    package = made(PAIR, only=frozenset({"small.twin", "small.no", "small.broken"}))
    assert (package.results.narrowed, found(package)) == (True, [])


def test_a_run_that_ended_early_comes_out_the_same(made: Made) -> None:
    package = made(PAIR, card=LostAfter(demo_card(), 3))
    assert package.results.stopped is not None
    assert Verdict.SKIPPED in verdicts(package)
    assert (package.results.narrowed, found(package)) == (False, [])


def test_a_test_skipped_although_it_left_a_transcript_is_run_again(made: Made) -> None:
    package = made(PAIR)
    hidden = TestResult(test="small.broken", verdict=Verdict.SKIPPED)
    tests = (*package.results.tests[:2], hidden)
    forged = msgspec.structs.replace(package, results=msgspec.structs.replace(package.results, tests=tests))
    assert rederive(forged, STANDARD).results["small.broken"].verdict is Verdict.FAILED
    assert found(forged)[0] == "small.broken"


def test_waivers_are_settled_again_as_of_the_day_of_the_run(made: Made) -> None:
    waiver = Waiver(
        id="W",
        kind="waiver",
        test="small.broken",
        reason="r",
        owner="o",
        granted_by="Lab 1",
        link="l",
        expires=datetime.date(2026, 1, 2),
        expected="FileMissing",
    )
    package = made(PAIR, stand={"waivers": (waiver,)})
    assert package.results.tests[2].waived == ("W",)
    assert rederive(package, STANDARD).results["small.broken"].waived == ("W",)
    assert found(package) == []
    assert found(altered(package, "small.broken", waived=())) == ["results.json"]
    unsettled = msgspec.structs.replace(package, results=msgspec.structs.replace(package.results, waivers=()))
    assert found(unsettled) == ["results.json"]


# -- what a test body may see: the same as in the run ------------------------------------------------------------


def test_test_bodies_see_what_the_sample_was_made_with_and_the_product_that_was_stated(made: Made) -> None:
    body = f"""
@requirement("{SHALL}")
def test_it(terminal, expected):
    {CARD}
    assert expected == {{"DDF1/EF05": {{"card-number": "7"}}}}
"""
    package = made(body, stand={"expected": {"DDF1/EF05": {"card-number": "7"}}})
    assert (verdicts(package), found(package)) == ([Verdict.PASSED], [])


def test_the_plan_is_made_for_the_product_that_was_stated(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    row = msgspec.structs.replace(STANDARD.requirements[SHALL], applies_when="tree")
    monkeypatch.setitem(STANDARD.__dict__["requirements"], SHALL, row)
    for has, verdict in ((True, Verdict.PASSED), (False, Verdict.NOT_APPLICABLE)):
        product = msgspec.structs.replace(demo_stand(STANDARD).product, capabilities={"tree": has})
        package = made(f'@requirement("{SHALL}")\ndef test_it(terminal):\n    {CARD}\n', stand={"product": product})
        assert (verdicts(package), found(package)) == ([verdict], [])


# -- withheld parts ----------------------------------------------------------------------------------------------


def withheld(package: Package, *tests: str) -> Package:
    """The package as if something of these tests were withheld."""
    for test in tests:
        package = altered(package, test, withheld=True)
    return package


def test_what_leans_on_a_withheld_twin_is_not_derived_either(made: Made) -> None:
    package = made(PAIR)
    assert needing_the_sealed_part(package) == frozenset()
    assert needing_the_sealed_part(withheld(package, "small.broken")) == {"small.broken"}
    assert needing_the_sealed_part(withheld(package, "small.twin")) == {"small.twin", "small.no"}
    derived = rederive(withheld(package, "small.twin"), STANDARD)
    assert (list(derived.results), derived.closed) == (["small.broken"], frozenset({"small.twin", "small.no"}))
    assert len(rederive(package, STANDARD).results) == 3


# -- one test ----------------------------------------------------------------------------------------------------


def test_one_test_is_judged_with_its_twin_and_without_the_others(made: Made) -> None:
    package = made(PAIR)
    assert judge_again(package, STANDARD, "small.no").verdict is Verdict.PASSED
    assert judge_again(package, STANDARD, "small.broken").verdict is Verdict.FAILED
    one = rederive(package, STANDARD, frozenset({"small.broken"})).results
    assert {id: result.verdict for id, result in one.items()} == {
        "small.broken": Verdict.FAILED,
        "small.twin": Verdict.SKIPPED,
        "small.no": Verdict.SKIPPED,
    }
    alone = rederive(package, STANDARD, frozenset({"small.no"})).results
    assert alone["small.no"].verdict is Verdict.INCONCLUSIVE


def test_to_judge_one_test_no_other_is_run(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    package, asked = made(PAIR), []

    def seen(*_: object, only: frozenset[str], **__: object) -> NoReturn:
        asked.append(only)
        raise PlanningFault("seen")

    monkeypatch.setattr(rederiving, "execute", seen)
    for test in ("small.no", "small.broken"):
        with pytest.raises(CannotRederive, match="seen"):
            judge_again(package, STANDARD, test)
    assert asked == [{"small.no", "small.twin"}, {"small.broken"}]


# -- what cannot be derived --------------------------------------------------------------------------------------


def manifest_with(package: Package, **fields: Any) -> Package:
    return msgspec.structs.replace(package, manifest=msgspec.structs.replace(package.manifest, **fields))


def test_each_reason_for_not_deriving_is_told_with_what_to_use(made: Made) -> None:
    package = made(PAIR)
    tool = package.manifest.environment.tool
    toaster = msgspec.structs.replace(package.manifest.product, kind="toaster")
    for fields, says in (
        ({"product": toaster}, f"no suite judges products of the kind toaster; use {tool}"),
        (
            {"suite_digest": "00" * 32},
            f"the package was made with another version of the suite; derive it again with {tool}",
        ),
        ({"profile": "other"}, "the run was made with the profile other, not national-2012; give its file"),
        ({"standard_digest": "00" * 32}, f"give them with --profile and --tables, or use {tool}"),
    ):
        with pytest.raises(CannotRederive) as fault:
            rederive(manifest_with(package, **fields), STANDARD)
        assert says in fault.value.text.en
        assert str(fault.value) == fault.value.text.en
    assert package.manifest.suite_digest == suite_digest()


def test_a_suite_that_does_not_fit_the_tables_is_a_fault_of_the_harness(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = made(PAIR)
    chosen = suite_of(tmp_path / "spoilt", "import no_such_module\n")
    monkeypatch.setattr(rederiving, "suite", {"card": chosen}.__getitem__)
    with pytest.raises(CannotRederive, match=r"(?s)fault of the harness: .*no_such_module"):
        rederive(package, STANDARD)


def test_a_warning_is_derived_as_a_warning(made: Made) -> None:
    package = made(f'@requirement("{SHOULD}")\ndef test_it(terminal):\n    {CARD}\n    raise MISSING\n')
    assert (verdicts(package), found(package)) == ([Verdict.WARNING], [])
