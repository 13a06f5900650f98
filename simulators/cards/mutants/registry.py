"""The registry of mutants: what each breaks, how it must be caught, and how to make it.

A mutant is registered by its decorator: `mutant` for a subclass of the card, `table_mutant` for a change of the tables,
`family` for a function that yields a mutant for each row of the tables. A new row has its mutants by itself.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator

import msgspec

from reference.card.violations import Violation
from reference.languages import Text, say
from reference.standard import Standard
from simulators.cards.demo import DEMO_SEED, demo_image
from simulators.cards.image import CardImage
from simulators.cards.user_card import UserCard
from simulators.sources import SeededRandomness

MODULES = (
    "access",
    "areas",
    "authentication",
    "binary_macs",
    "directories",
    "elements",
    "environments",
    "files",
    "keys",
    "locks",
    "maintenance",
    "reading",
    "rights",
    "securing",
    "selection",
    "tables",
    "updates",
    "visits",
)
Maker = Callable[[Standard], UserCard]
Change = Callable[[Standard], Standard]
Card = Callable[..., UserCard]
ImageChange = Callable[[CardImage], None]


class Mutant(msgspec.Struct, frozen=True):
    """A card that breaks something. ``breaks`` names the requirement first, then others that it breaks as well."""

    name: str
    """Unique: that of the class or function, with the row in brackets for a member of a family."""
    breaks: tuple[str, ...]
    caught_as: str
    subject: str
    """What the violation must have been found on, or how that begins; empty where there is one subject only."""
    why: Text
    make: Maker
    capabilities: tuple[str, ...] = ()
    """What the product declares, where the requirement binds such products only."""


class Variant(msgspec.Struct, frozen=True):
    """One member of a family: the row, what it breaks, what it must be found on, why it matters, how it is made."""

    row: str
    breaks: str
    subject: str
    why: Text
    make: Maker
    caught_as: type[Violation] | None = None
    """Where it differs from the family's."""


Family = Callable[[Standard], Iterator[Variant]]
_mutants: list[Mutant] = []
_families: list[Callable[[Standard], Iterator[Mutant]]] = []


# -- ways to make a card -----------------------------------------------------------------------------------------


def behaving(card: Card) -> Maker:
    """A card of another class, with the tables and the content of the demo card."""
    return lambda standard: card(standard, demo_image(standard), SeededRandomness(DEMO_SEED))


def from_tables(change: Change) -> Maker:
    """The card that was made, and works, by changed tables."""

    def make(standard: Standard) -> UserCard:
        bent = change(standard)
        return UserCard(bent, demo_image(bent), SeededRandomness(DEMO_SEED))

    return make


def from_image(change: ImageChange, tables: Change | None = None) -> Maker:
    """The card whose content was changed after personalisation; it works by ``tables`` where they are given."""

    def make(standard: Standard) -> UserCard:
        image = demo_image(standard)
        change(image)
        return UserCard(tables(standard) if tables else standard, image, SeededRandomness(DEMO_SEED))

    return make


# -- registration ------------------------------------------------------------------------------------------------


def mutant(
    *breaks: str, caught_as: type[Violation], subject: str = "", capabilities: tuple[str, ...] = ()
) -> Callable[[type[UserCard]], type[UserCard]]:
    """Register a subclass of the card; its docstring is the line on why it matters."""

    def register(card: type[UserCard]) -> type[UserCard]:
        line = _why(card.__doc__)
        _mutants.append(Mutant(card.__name__, breaks, caught_as.__name__, subject, line, behaving(card), capabilities))
        return card

    return register


def table_mutant(*breaks: str, caught_as: type[Violation], subject: str = "") -> Callable[[Change], Change]:
    """Register a change of the tables; the card is made, and works, by the changed ones."""

    def register(change: Change) -> Change:
        line = _why(change.__doc__)
        _mutants.append(Mutant(change.__name__, breaks, caught_as.__name__, subject, line, from_tables(change)))
        return change

    return register


def family(caught_as: type[Violation], capabilities: tuple[str, ...] = ()) -> Callable[[Family], Family]:
    """Register a function that yields a variant for each row of the tables that it speaks of."""

    def register(variants: Family) -> Family:
        def mutants(standard: Standard) -> Iterator[Mutant]:
            for found in variants(standard):
                yield Mutant(
                    name=f"{variants.__name__}[{found.row}]",
                    breaks=(found.breaks,),
                    caught_as=(found.caught_as or caught_as).__name__,
                    subject=found.subject,
                    why=found.why,
                    make=found.make,
                    capabilities=capabilities,
                )

        _families.append(mutants)
        return variants

    return register


def _why(docstring: str | None) -> Text:
    return say((docstring or "").strip().partition("\n")[0])


def registered(standard: Standard) -> Iterator[Mutant]:
    """All mutants whose requirements the profile has, in the order of their names, whatever was imported first."""
    for module in MODULES:
        importlib.import_module(f"simulators.cards.mutants.{module}")
    found = [*_mutants, *(member for mutants in _families for member in mutants(standard))]
    known = (mutant for mutant in found if standard.requirements.keys() >= set(mutant.breaks))
    return iter(sorted(known, key=lambda mutant: mutant.name))
