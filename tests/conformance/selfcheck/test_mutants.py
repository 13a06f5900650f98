"""Mutants are caught by the tests of their requirement, for the right reason; the reference card survives them.

A third of the mutants is run here, chosen by the id of the requirement that they break; `make mutants` runs them all.
"""

from __future__ import annotations

import zlib

import msgspec
import pytest

from conformance.engine.run import execute, make_plan, suite
from conformance.evidence.model import Verdict
from conformance.selfcheck.mutation import confront, linked_tests, plan_of, stand_of
from reference.standard import load
from simulators.cards import demo_card
from simulators.cards.mutants import Mutant, registered
from simulators.cards.mutants.binary_macs import BinaryMacCard
from simulators.cards.mutants.environments import FinancialCard
from simulators.cards.mutants.registry import Card, behaving
from simulators.cards.mutants.survivors import survivors
from simulators.cards.user_card import UserCard
from tests.runs import demo_stand

STANDARD = load()
MUTANTS = list(registered(STANDARD))
OPEN_TO_ALL = next(mutant for mutant in MUTANTS if mutant.name == "ClinicalDataOpenToAll")
THIRD = [mutant for mutant in MUTANTS if zlib.crc32(mutant.breaks[0].encode()) % 3 == 0]


@pytest.mark.parametrize("mutant", THIRD, ids=lambda mutant: mutant.name)
def test_a_mutant_is_caught_for_the_right_reason(mutant: Mutant) -> None:
    """Trap 4: a crash does not count as a catch."""
    catch = confront(mutant, STANDARD)
    explained = mutant.name in survivors()
    assert catch.caught or explained, f"{mutant.name} survives the tests of {mutant.breaks[0]}"
    assert catch.for_the_right_reason is not explained, f"wanted {catch.wanted}, found {catch.findings}"


def test_the_reference_card_survives_every_test_that_a_mutant_meets() -> None:
    """Cards with a capability are held against their tests in the matrix, which counts the noise."""
    stand = demo_stand()
    plan = make_plan(stand, suite("card"))
    met = frozenset().union(*(linked_tests(plan, mutant.breaks) for mutant in MUTANTS))
    _, results = execute(stand, suite("card"), only=met)
    verdicts = {result.verdict for result in results.tests if result.test in met}
    assert verdicts == {Verdict.PASSED, Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("card", "capability"), [(FinancialCard, "financial-application"), (BinaryMacCard, "binary-update-with-mac")]
)
def test_the_sound_card_with_a_capability_survives_as_well(card: Card, capability: str) -> None:
    sound = msgspec.structs.replace(OPEN_TO_ALL, make=behaving(card), capabilities=(capability,))
    stand = stand_of(sound, STANDARD)
    _, results = execute(stand, suite("card"))
    wrong = {result.test for result in results.tests if result.verdict in (Verdict.FAILED, Verdict.ERROR)}
    applying = [test.id for test in plan_of(STANDARD, (capability,)).tests if test.not_applicable is None]
    assert wrong == set()
    assert len(applying) > len([test for test in plan_of(STANDARD, ()).tests if test.not_applicable is None])


def test_a_card_that_breaks_nothing_is_not_caught() -> None:
    harmless = msgspec.structs.replace(OPEN_TO_ALL, make=lambda standard: demo_card(standard))
    catch = confront(harmless, STANDARD)
    assert (catch.caught, catch.for_the_right_reason, catch.findings) == (False, False, ())


def test_a_mutant_caught_for_another_reason_is_told_apart() -> None:
    for other in (
        msgspec.structs.replace(OPEN_TO_ALL, caught_as="WrongRecord"),
        msgspec.structs.replace(OPEN_TO_ALL, subject="DDF1/DF02/EF06"),
    ):
        catch = confront(other, STANDARD)
        assert (catch.caught, catch.for_the_right_reason) == (True, False)


def test_a_card_that_crashes_is_not_caught() -> None:
    class Crashing(UserCard):
        def transmit(self, command: bytes) -> bytes:
            raise ZeroDivisionError

    catch = confront(msgspec.structs.replace(OPEN_TO_ALL, make=behaving(Crashing)), STANDARD)
    assert not catch.caught


@pytest.mark.parametrize("name", ["RightsSurviveReset", "DirectorySurvivesReset"])
def test_a_card_that_keeps_its_state_over_a_reset_is_caught(name: str) -> None:
    """Trap 12: a simulator keeps its security status across reset."""
    (mutant,) = (found for found in MUTANTS if found.name == name)
    catch = confront(mutant, STANDARD)
    assert (catch.caught, catch.for_the_right_reason) == (True, True)


class OtherWord:
    """The reference card, but it refuses with 6A82 where it should say 6982."""

    def __init__(self) -> None:
        self.card = demo_card()

    def reset(self) -> bytes:
        return self.card.reset()

    def transmit(self, command: bytes) -> bytes:
        answer = self.card.transmit(command)
        return bytes.fromhex("6A82") if answer == bytes.fromhex("6982") else answer


def test_a_refusal_with_another_word_is_a_refusal_and_a_warning_of_its_own() -> None:
    """Trap 6: several accepted codes never let a rule vanish: the rule on the word is judged by itself."""
    _, results = execute(demo_stand(card=OtherWord()), suite("card"))
    verdicts = {result.test: result.verdict for result in results.tests}
    warned = {id.partition(".")[0] for id, verdict in verdicts.items() if verdict is Verdict.WARNING}
    assert Verdict.FAILED not in verdicts.values()
    assert "status_words" in warned
    refusals = [id for id in verdicts if id.startswith("read_rights.a_file_stays_closed_without_its_read_key")]
    assert refusals
    assert {verdicts[id] for id in refusals} == {Verdict.PASSED}
