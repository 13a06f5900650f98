"""Hollow products: none is conformant and none passes a mandatory positive test, or the suite is worth nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.certifying import exit_code
from conformance.engine.plugin import LOSSES_IN_A_ROW
from conformance.engine.run import execute, suite
from conformance.evidence.model import Overall, Plan, Results, Severity, Verdict
from reference.command_line import Exit
from reference.ports import Chip
from simulators.cards import demo_card
from simulators.cards.hollow import (
    Always9000Card,
    EchoCard,
    FirstAnswerAgainCard,
    GenerousCard,
    NullCard,
    RandomCard,
    SilentCard,
)
from simulators.sources import SeededRandomness
from tests.runs import demo_stand

HOLLOW: dict[str, Callable[[], Chip]] = {
    "null": NullCard,
    "always-9000": Always9000Card,
    "generous": GenerousCard,
    "echo": EchoCard,
    "silent": SilentCard,
    "random": lambda: RandomCard(SeededRandomness(1)),
    "first-answer-again": lambda: FirstAnswerAgainCard(demo_card()),
}


@pytest.fixture(scope="module", params=HOLLOW, ids=str)
def hollow(request: pytest.FixtureRequest) -> tuple[str, Plan, Results]:
    """A hollow product's name, plan and results."""
    plan, results = execute(demo_stand(card=HOLLOW[request.param]()), suite("card"))
    return request.param, plan, results


def test_no_hollow_product_is_conformant(hollow: tuple[str, Plan, Results]) -> None:
    """Trap 2: passed with no device attached."""
    name, _, results = hollow
    silent = name == "silent"
    assert results.overall is (Overall.INCOMPLETE if silent else Overall.NOT_CONFORMANT)
    assert exit_code(results) is (Exit.UNREACHABLE if silent else Exit.NOT_CONFORMANT)


def test_no_mandatory_positive_test_passes_on_a_hollow_product(hollow: tuple[str, Plan, Results]) -> None:
    """Trap 1: "not null" or 9000 taken for an answer."""
    _, plan, results = hollow
    verdicts = {result.test: result.verdict for result in results.tests}
    mandatory = [test for test in plan.tests if test.side == "positive" and test.severity is Severity.FAILS]
    assert len(mandatory) > 100
    assert [test.id for test in mandatory if verdicts[test.id] is Verdict.PASSED] == []


def test_no_refusal_counts_on_a_hollow_product(hollow: tuple[str, Plan, Results]) -> None:
    """Trap 4: an error to everything is no correct refusal."""
    name, plan, results = hollow
    verdicts = {result.test: result.verdict for result in results.tests}
    found = {verdicts[test.id] for test in plan.tests if test.side == "negative" and test.not_applicable is None}
    allowed = {Verdict.FAILED, Verdict.WARNING, Verdict.INCONCLUSIVE}
    assert found <= ({Verdict.SKIPPED, Verdict.ERROR} if name == "silent" else allowed)


def test_a_product_that_answers_nothing_but_resets_soon_stops_the_run(hollow: tuple[str, Plan, Results]) -> None:
    name, plan, results = hollow
    skipped = [result for result in results.tests if result.verdict is Verdict.SKIPPED]
    if name == "silent":
        assert len(skipped) == len(plan.tests) - LOSSES_IN_A_ROW
        assert results.stopped is not None
    else:
        assert skipped == []
        assert results.stopped is None


def test_a_hollow_product_meets_no_fault_of_the_harness(hollow: tuple[str, Plan, Results]) -> None:
    name, _, results = hollow
    faults = [str(result.reason) for result in results.tests if result.verdict is Verdict.ERROR]
    assert len(faults) == (LOSSES_IN_A_ROW if name == "silent" else 0), faults
