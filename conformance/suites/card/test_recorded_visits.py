"""Recorded visits: every element stands where the layout of its file puts it, and is coded as its type.

Follows APP11 tables 4-15 and 4-16 and table 3-1, with the offsets of the worksheet (OFFS). Only files whose record is
marked as valid are read; where the run is given what the sample was personalised with, the values are compared as well.
"""

from __future__ import annotations

from collections.abc import Callable

from conformance.engine.judging import NothingToJudge
from conformance.engine.marks import each, requirement
from conformance.suites.card.element_values import Expected, check_meaning
from conformance.suites.card.recorded_visits import LAYOUTS, group_of, groups, layouts, read_elements, recorded
from reference.languages import say
from reference.standard.rows import Element
from reference.terminal.terminal import Terminal
from reference.terminal.visits import CERTIFICATE, SIGNATURE


@requirement("offs.{layout}.layout")
@each("layout", layouts)
def test_a_recorded_visit_reads_as_its_table_lays_it_out(terminal: Terminal, layout: str, expected: Expected) -> None:
    """Every element of every valid visit file, at the offset of the table: its bytes mean something of its type."""
    check(terminal, layout, lambda element: element.id not in (SIGNATURE, CERTIFICATE), expected)


@requirement("offs.{group[0]}.{group[1]}-stride")
@each("group", groups)
def test_every_repetition_of_a_group_stands_at_its_step(
    terminal: Terminal, group: tuple[str, str], expected: Expected
) -> None:
    """All repetitions of the group in every valid visit file, each at its own offset."""
    layout, name = group
    check(terminal, layout, lambda element: group_of(element) == name, expected)


def check(terminal: Terminal, layout: str, chosen: Callable[[Element], bool], expected: Expected) -> None:
    """Raise WrongCoding or WrongContent for the first element at fault, NothingToJudge where nothing is stated."""
    standard, anything = terminal.standard, False
    for file in recorded(terminal, LAYOUTS[layout]):
        elements = [element for element in standard.elements(file.path) if chosen(element)]
        wanted = expected.get(file.path, {})
        for element, value in zip(elements, read_elements(terminal, file, elements), strict=True):
            anything |= check_meaning(standard, element, value, wanted)
    if not anything:
        raise NothingToJudge(say("no recorded visit states anything there"))
