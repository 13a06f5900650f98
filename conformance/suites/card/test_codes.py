"""Codes: what stands in an element with a code table is a code of that table, under the profile of the run.

Follows APP11 tables 4-1 to 4-16 with the code tables of REV2 item 26 (annex A), of the standards that APP11 clause 2
names and of the field. An element may also state nothing.
"""

from __future__ import annotations

from conformance.engine.marks import each, requirement
from conformance.suites.card.element_values import find_record
from conformance.suites.card.recorded_visits import LAYOUTS, coded_elements, read_elements, recorded
from conformance.suites.card.subjects import tagged_codes
from reference.card.elements import TAG_AND_LENGTH
from reference.card.values import listed
from reference.card.violations import UnlistedCode
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import Element
from reference.terminal.terminal import Terminal


@requirement("{element.requirement}.code")
@each("element", tagged_codes)
def test_a_code_is_one_of_its_table(terminal: Terminal, element: Element, standard: Standard) -> None:
    """Find the record with the element's tag; its value is a code of the table."""
    check(standard, element, find_record(terminal, standard, element)[TAG_AND_LENGTH:])


@requirement("{element.requirement}.code")
@each("element", coded_elements)
def test_a_code_of_a_recorded_visit_is_one_of_its_table(
    terminal: Terminal, element: Element, standard: Standard
) -> None:
    """The element in every file of its layout whose record is marked as valid."""
    layout = next(files for files in LAYOUTS.values() if files.path(1) == element.file)
    for file in recorded(terminal, layout):
        own = standard.element(file.path, element.id)
        check(standard, own, *read_elements(terminal, file, [own]))


def check(standard: Standard, element: Element, value: bytes) -> None:
    """Raise UnlistedCode when the value is neither a code of the element's table nor empty."""
    if not listed(standard, element, value):
        raise UnlistedCode(
            f"{element.file}:{element.id}", table=element.codes, found=say("{hex}", hex=value.hex(" ").upper())
        )
