"""The figures of a soak as the page shows them: each once, with its bound and every requirement that it judges.

No clause of the standard is followed here.
"""

from __future__ import annotations

import msgspec

from conformance.evidence.fault_findings import FIGURE_NAMES, figure_text, limit_text
from conformance.evidence.under_faults import OF_FIGURE, SoakFigure, SoakRun
from reference.languages import Text


class SoakRow(msgspec.Struct, frozen=True, kw_only=True):
    """A figure: its name, what was found, its bound where the run gave it one, and the requirements bounded by it."""

    name: Text
    found: Text
    limit: Text | None
    requirements: tuple[str, ...]


def soaked(run: SoakRun) -> tuple[SoakRow, ...]:
    """Every figure of the run."""
    return tuple(_row(figure, run) for figure in OF_FIGURE)


def _row(figure: SoakFigure, run: SoakRun) -> SoakRow:
    bounds = [bound for bound in run.bounds if bound.figure == figure]
    return SoakRow(
        name=FIGURE_NAMES[figure],
        found=figure_text(figure, run.value(figure)),
        limit=limit_text(bounds[0]) if bounds else None,
        requirements=tuple(bound.requirement for bound in bounds),
    )
