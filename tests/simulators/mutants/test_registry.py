"""The registry of mutants: names, links and reasons."""

from __future__ import annotations

from collections import Counter

import pytest

from reference.card import violations
from reference.card.violations import Violation
from reference.standard import load
from simulators.cards.mutants import Mutant, registered
from simulators.cards.user_card import UserCard

STANDARD = load()
MUTANTS = list(registered(STANDARD))


def test_names_are_unique() -> None:
    assert [name for name, times in Counter(mutant.name for mutant in MUTANTS).items() if times > 1] == []
    assert len(MUTANTS) >= 500


def test_every_rule_that_must_hold_and_can_be_tested_has_a_mutant_of_its_own() -> None:
    first = {mutant.breaks[0] for mutant in MUTANTS}
    rules = STANDARD.requirements.values()
    musts = {row.id for row in rules if row.actor == "card" and row.level == "shall" and row.not_testable is None}
    assert len(musts) > 250
    assert sorted(musts - first) == []


def test_a_mutant_of_a_conditional_rule_declares_the_condition() -> None:
    for mutant in MUTANTS:
        condition = STANDARD.requirements[mutant.breaks[0]].applies_when
        assert mutant.capabilities == ((condition,) if condition else ()), mutant.name


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_names_its_requirement_its_violation_and_why_it_matters(mutant: Mutant) -> None:
    assert mutant.breaks
    assert all(STANDARD.requirements[id].not_testable is None for id in mutant.breaks)
    assert issubclass(getattr(violations, mutant.caught_as), Violation)
    assert mutant.why.en.endswith(".")
    assert mutant.why.zh != mutant.why.en, "the reason has no Chinese"


def test_each_card_is_made_anew() -> None:
    first, second = (MUTANTS[0].make(STANDARD) for _ in range(2))
    assert first is not second
    assert first.memory is not second.memory


def test_a_mutant_whose_requirement_the_profile_lacks_is_left_out() -> None:
    for profile in ("national-2012", "field-2013"):
        standard = load(profile)
        assert all(id in standard.requirements for mutant in registered(standard) for id in mutant.breaks)


def test_no_two_mutants_break_the_same_in_the_same_way() -> None:
    ways = Counter((mutant.why.en, mutant.breaks[0]) for mutant in MUTANTS)
    assert [way for way, times in ways.items() if times > 1] == []


def test_every_mutant_still_answers_as_a_card() -> None:
    for mutant in (found for found in MUTANTS if "[" not in found.name):
        card = mutant.make(STANDARD)
        assert isinstance(card, UserCard)
        assert card.reset()
        assert len(card.transmit(bytes.fromhex("00A40000023F00"))) >= 2
