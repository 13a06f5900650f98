"""Every command with every error it can give: the card answers with one of the status words of the row.

Follows ISO/IEC 7816-4 (basis sibling: another word is a warning). What is sent for a row stands in
`error_scenarios`; the words that it accepts stand in the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.engine.marks import each, requirement
from conformance.engine.transcript import Transcript
from conformance.suites.card import error_scenarios_of_changes
from conformance.suites.card.error_scenarios import SCENARIOS
from conformance.suites.card.test_status_words import require_status
from reference.standard import Standard
from reference.standard.rows import Requirement
from reference.terminal.terminal import Terminal

assert error_scenarios_of_changes  # imported for the scenarios that it registers


def rows(standard: Standard) -> Iterator[Requirement]:
    """The rows whose tail names a command and a case."""
    return (standard.requirements[id] for id in SCENARIOS if id in standard.requirements)


@requirement("{row.id}")
@each("row", rows)
def test_an_error_has_one_of_its_status_words(
    terminal: Terminal, row: Requirement, standard: Standard, transcript: Transcript
) -> None:
    """Send what the row describes; the answer's status word is one of those that it accepts."""
    answer = SCENARIOS[row.id](terminal)
    require_status(answer, row.id.removeprefix("card.error."), standard, *row.answers)
