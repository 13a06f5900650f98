"""Every mutant is caught by the tests of its requirement, for the right reason; the reference card survives them."""

from __future__ import annotations

import msgspec
import pytest

from conformance.engine.run import execute, make_plan, suite
from conformance.evidence.model import Verdict
from conformance.selfcheck.mutation import confront, linked_tests
from reference.standard import load
from simulators.cards import demo_card
from simulators.cards.mutants import Mutant, registered
from tests.runs import demo_stand

STANDARD = load()
MUTANTS = list(registered(STANDARD))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_caught_for_the_right_reason(mutant: Mutant) -> None:
    """Trap 4: a crash does not count as a catch."""
    catch = confront(mutant, STANDARD)
    assert catch.caught, f"{mutant.name} survives the tests of {catch.requirement}"
    assert catch.for_the_right_reason, f"wanted {mutant.caught_as} on {mutant.subject}, found {catch.findings}"


def test_the_reference_card_survives_every_test_that_a_mutant_meets() -> None:
    stand = demo_stand()
    plan = make_plan(stand, suite("card"))
    met = frozenset().union(*(linked_tests(plan, mutant.breaks) for mutant in MUTANTS))
    _, results = execute(stand, suite("card"), only=met)
    verdicts = {result.verdict for result in results.tests if result.test in met}
    assert verdicts == {Verdict.PASSED}


def test_a_card_that_breaks_nothing_is_not_caught() -> None:
    harmless = msgspec.structs.replace(MUTANTS[0], make=lambda standard: demo_card(standard))
    catch = confront(harmless, STANDARD)
    assert (catch.caught, catch.for_the_right_reason, catch.findings) == (False, False, ())


def test_a_mutant_caught_for_another_reason_is_told_apart() -> None:
    mutant = next(found for found in MUTANTS if found.name == "ClinicalDataOpenToAll")
    for other in (
        msgspec.structs.replace(mutant, caught_as="WrongRecord"),
        msgspec.structs.replace(mutant, subject="DDF1/DF02/EF06"),
    ):
        catch = confront(other, STANDARD)
        assert (catch.caught, catch.for_the_right_reason) == (True, False)


def test_a_card_that_crashes_is_not_caught() -> None:
    class Crashing:
        def reset(self) -> bytes:
            return demo_card().reset()

        def transmit(self, command: bytes) -> bytes:
            raise ZeroDivisionError

    catch = confront(msgspec.structs.replace(MUTANTS[0], make=lambda _: Crashing()), STANDARD)
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
