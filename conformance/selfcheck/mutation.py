"""Running one mutant: it must be caught by the tests of its requirement, for the right reason, and by few others.

A mutant meets the tests linked to the requirements that it breaks, their twins, and a sample of other tests. Caught for
the right reason means: a test of its first requirement has a finding of the registered violation on the registered
subject. Crashes, hangs and set-up failures do not count (architecture: mutants).
"""

from __future__ import annotations

import functools
import random
from collections.abc import Collection

import msgspec

from conformance.engine.planning import twin_of
from conformance.engine.run import execute, make_plan, suite
from conformance.engine.stand import USES_UP_CARD, Stand
from conformance.evidence.matrix import Catch
from conformance.evidence.model import Plan, PlannedTest, Verdict
from conformance.selfcheck.stands import demo_product, simulated_stand
from reference.languages import Text
from reference.ports import Chip
from reference.standard import Standard
from simulators.cards.demo import demo_sam
from simulators.cards.mutants import Mutant, registered
from simulators.cards.user_card import UserCard

SAMPLE = 15
"""Other tests that a mutant meets, beside those of what it breaks."""
SAM_TYPE = 5


def breaking(standard: Standard, requirement: str) -> list[tuple[str, Text]]:
    """The mutants that break a requirement: name, and why it matters."""
    return [(mutant.name, mutant.why) for mutant in registered(standard) if requirement in mutant.breaks]


def testable(standard: Standard) -> list[str]:
    """The ids of the card's requirements that must have a mutant: every *shall* that can be tested."""
    actor = suite("card").actor
    return [
        row.id
        for row in standard.requirements.values()
        if row.actor == actor and row.level == "shall" and row.not_testable is None
    ]


# -- which tests a mutant meets ----------------------------------------------------------------------------------


def linked_tests(plan: Plan, requirements: Collection[str]) -> frozenset[str]:
    """The tests of these requirements and the positive twins of those among them that refuse."""
    return with_twins(plan, {test.id for test in plan.tests if set(test.requirements) & set(requirements)})


def with_twins(plan: Plan, chosen: Collection[str]) -> frozenset[str]:
    """The tests chosen and the positive twins of those among them that refuse."""
    ids = {test.id for test in plan.tests}
    return frozenset(chosen) | {twin_of(test, ids) for test in plan.tests if test.twin and test.id in chosen}


def other_tests(plan: Plan, mutant: Mutant, linked: Collection[str], *, all_of_them: bool = False) -> frozenset[str]:
    """A sample of the tests that are not linked to what the mutant breaks: the same for each run of the mutant."""
    rest = sorted(test.id for test in plan.tests if test.id not in linked and test.not_applicable is None)
    if all_of_them:
        return frozenset(rest)
    return frozenset(random.Random(mutant.name).sample(rest, min(SAMPLE, len(rest))))  # noqa: S311 - no secret


def related(standard: Standard, broken: Collection[str]) -> frozenset[str]:
    """The requirements that cannot hold with these broken.

    Those that state the same, and whatever needs one of them, however far away (``same_as`` and ``needs`` of the
    catalogue). A test that judges one of them may fail; the failure of any other test is noise.
    """
    rows = standard.requirements
    found = {*broken, *(same for id in broken for same in rows[id].same_as)}
    while more := {row.id for row in rows.values() if row.id not in found and found.intersection(row.needs)}:
        found |= more
    return frozenset(found)


# -- running it --------------------------------------------------------------------------------------------------


class FreshCard:
    """The mutant for each test as it was made, so that no test suffers from what another did to it.

    The tests that use up a card share another specimen, for they follow one another.
    """

    def __init__(self, mutant: Mutant, standard: Standard) -> None:
        self.standard, self.mutant = standard, mutant
        self.card = mutant.make(standard)
        self.made = self.card.memory.now
        self.spare: UserCard | None = None
        self.sam: Chip = demo_sam(SAM_TYPE, standard)

    def channels(self, test: PlannedTest) -> dict[str, Chip]:
        """The card with the memory that it was made with, and the SAM."""
        if USES_UP_CARD in test.irreversible:
            self.spare = self.spare or self.mutant.make(self.standard)
            return {"card": self.spare, "sam": self.sam}
        self.card.memory.change(self.made)
        self.card.memory.commit()
        return {"card": self.card, "sam": self.sam}

    def finish(self, test: PlannedTest) -> None:
        """Nothing is left over."""

    def recover(self) -> None:
        """A simulated card is never lost."""


def stand_of(mutant: Mutant, standard: Standard) -> Stand:
    """The stand with the mutant as its product, declaring what the mutant's requirement asks for."""
    product = msgspec.structs.replace(demo_product(mutant.name), capabilities=dict.fromkeys(mutant.capabilities, True))
    stand = simulated_stand(standard, name=mutant.name)
    return msgspec.structs.replace(stand, product=product, chips=FreshCard(mutant, standard))


@functools.cache
def plan_of(standard: Standard, capabilities: tuple[str, ...]) -> Plan:
    """The plan for a product with these capabilities; it is the same for all mutants that declare the same."""
    product = msgspec.structs.replace(demo_product(), capabilities=dict.fromkeys(capabilities, True))
    return make_plan(msgspec.structs.replace(simulated_stand(standard), product=product), suite("card"))


def confront(mutant: Mutant, standard: Standard, *, full: bool = False) -> Catch:
    """Run the mutant against the tests linked to what it breaks and a sample of the others, or all."""
    plan = plan_of(standard, mutant.capabilities)
    linked = linked_tests(plan, mutant.breaks)
    others = other_tests(plan, mutant, linked, all_of_them=full)
    _, results = execute(stand_of(mutant, standard), suite("card"), only=linked | with_twins(plan, others))
    judged = {test.id: test.requirements for test in plan.tests}
    failures = [result for result in results.tests if result.verdict in (Verdict.FAILED, Verdict.WARNING)]
    hits = [result for result in failures if mutant.breaks[0] in judged[result.test]]
    findings = [finding for result in hits for finding in result.findings]
    reachable = related(standard, mutant.breaks)
    return Catch(
        mutant=mutant.name,
        why=mutant.why,
        breaks=mutant.breaks,
        wanted=f"{mutant.caught_as} {mutant.subject}".strip(),
        findings=tuple(dict.fromkeys(f"{finding.violation} {finding.subject}" for finding in findings)),
        caught=bool(hits),
        for_the_right_reason=any(
            finding.violation == mutant.caught_as and finding.subject.startswith(mutant.subject) for finding in findings
        ),
        linked=len(linked),
        sampled=len(others),
        noise=tuple(
            failure.test
            for failure in failures
            if failure.test in others and reachable.isdisjoint(judged[failure.test])
        ),
    )
