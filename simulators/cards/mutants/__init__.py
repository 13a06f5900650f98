"""Mutants: simulated cards that break one requirement each, to show that its tests can fail.

A behaviour mutant is a small subclass of the card; a table mutant is the card made from tables with one row bent. Both
are registered by a decorator with the requirement that they break, the violation that must name it, and one line on why
it matters in the field.
"""

from simulators.cards.mutants.registry import Mutant, registered

__all__ = ["Mutant", "registered"]
