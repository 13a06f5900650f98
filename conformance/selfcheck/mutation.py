"""Running mutants: each must be caught by the tests of its requirement, for the right reason.

A mutant meets the tests linked to the requirements that it breaks, and their twins. Caught for the right reason means:
a test of its first requirement has a finding of the registered violation on the registered subject. Crashes, hangs and
set-up failures do not count (architecture: mutants).
"""

from __future__ import annotations

import msgspec

from conformance.engine.planning import twin_of
from conformance.engine.run import execute, make_plan, suite
from conformance.evidence.model import Plan, TestResult, Verdict
from conformance.selfcheck.stands import simulated_stand
from reference.languages import Text
from reference.standard import Standard
from simulators.cards.demo import demo_sam
from simulators.cards.mutants import Mutant, registered


def breaking(standard: Standard, requirement: str) -> list[tuple[str, Text]]:
    """The mutants that break a requirement: name, and why it matters."""
    return [(mutant.name, mutant.why) for mutant in registered(standard) if requirement in mutant.breaks]


class Catch(msgspec.Struct, frozen=True):
    """How a mutant fared."""

    mutant: str
    requirement: str
    caught: bool
    for_the_right_reason: bool
    findings: tuple[str, ...]
    """Violation and subject of everything found."""


def linked_tests(plan: Plan, requirements: tuple[str, ...]) -> frozenset[str]:
    """The tests of these requirements and the positive twins of those among them that refuse."""
    linked = {test.id: test for test in plan.tests if set(test.requirements) & set(requirements)}
    ids = [test.id for test in plan.tests]
    twins = {twin_of(test, ids) for test in linked.values() if test.twin}
    return frozenset(linked) | twins


def confront(mutant: Mutant, standard: Standard) -> Catch:
    """Run the mutant against the tests linked to what it breaks."""
    card = mutant.make(standard)
    stand = simulated_stand(standard, card=card, sam=demo_sam(5, standard), name=mutant.name)
    plan = make_plan(stand, suite("card"))
    only = linked_tests(plan, mutant.breaks)
    _, results = execute(stand, suite("card"), only=only)
    judging = {test.id for test in plan.tests if mutant.breaks[0] in test.requirements}
    hits = [result for result in results.tests if result.test in judging and _found(result)]
    right = [
        finding
        for result in hits
        for finding in result.findings
        if finding.violation == mutant.caught_as and finding.subject.startswith(mutant.subject)
    ]
    return Catch(
        mutant=mutant.name,
        requirement=mutant.breaks[0],
        caught=bool(hits),
        for_the_right_reason=bool(right),
        findings=tuple(f"{f.violation} {f.subject}" for result in hits for f in result.findings),
    )


def _found(result: TestResult) -> bool:
    return result.verdict in (Verdict.FAILED, Verdict.WARNING)
