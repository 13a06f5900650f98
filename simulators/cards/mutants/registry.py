"""The registry of mutants: what each breaks, how it must be caught, and how to make it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator

import msgspec

from reference.card.violations import Violation
from reference.languages import Text, say
from reference.standard import Standard
from simulators.cards.demo import DEMO_SEED, demo_image
from simulators.cards.user_card import UserCard
from simulators.sources import SeededRandomness

MODULES = ("access", "authentication", "locks", "selection", "tables", "updates", "visits")
Maker = Callable[[Standard], UserCard]
Change = Callable[[Standard], Standard]


class Mutant(msgspec.Struct, frozen=True):
    """A card that breaks something. ``breaks`` names the requirement first, then those that state the same."""

    name: str
    breaks: tuple[str, ...]
    caught_as: str
    subject: str
    """What the violation must have been found on; empty where the requirement has one subject only."""
    why: Text
    make: Maker


_mutants: list[Mutant] = []


def mutant(*breaks: str, caught_as: type[Violation], subject: str = "") -> Callable[[type[UserCard]], type[UserCard]]:
    """Register a subclass of the card; its docstring is the line on why it matters."""

    def register(card: type[UserCard]) -> type[UserCard]:
        def make(standard: Standard) -> UserCard:
            return card(standard, demo_image(standard), SeededRandomness(DEMO_SEED))

        _register(card.__name__, breaks, caught_as, subject, card.__doc__ or "", make)
        return card

    return register


def table_mutant(*breaks: str, caught_as: type[Violation], subject: str = "") -> Callable[[Change], Change]:
    """Register a change of the tables; the card is made, and works, by the changed ones."""

    def register(change: Change) -> Change:
        def make(standard: Standard) -> UserCard:
            bent = change(standard)
            return UserCard(bent, demo_image(bent), SeededRandomness(DEMO_SEED))

        _register(change.__name__, breaks, caught_as, subject, change.__doc__ or "", make)
        return change

    return register


def _register(
    name: str, breaks: tuple[str, ...], caught_as: type[Violation], subject: str, why: str, make: Maker
) -> None:
    line = say(why.strip().partition("\n")[0])
    _mutants.append(Mutant(name, breaks, caught_as.__name__, subject, line, make))


def registered(standard: Standard) -> Iterator[Mutant]:
    """All mutants whose requirements the profile has."""
    for module in MODULES:
        importlib.import_module(f"simulators.cards.mutants.{module}")
    return (found for found in _mutants if all(id in standard.requirements for id in found.breaks))
