"""The figures of a soak or a staged fault as the page shows them: each once, with its bound and what that judges.

No clause of the standard is followed here.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from conformance.evidence import fault_findings, staged_fault_findings, staged_faults, under_faults
from conformance.evidence.staged_fault_verdicts import why_not_valid
from conformance.evidence.staged_faults import FaultBound, FaultRun
from conformance.evidence.under_faults import SoakBound, SoakRun
from reference.languages import Text


class FigureRow(msgspec.Struct, frozen=True, kw_only=True):
    """A figure: its name, what was found, its bound where the run gave it one, and the requirements bounded by it."""

    name: Text
    found: Text
    limit: Text | None
    requirements: tuple[str, ...]


def soaked(run: SoakRun) -> tuple[FigureRow, ...]:
    """Every figure of a soak."""
    told = fault_findings.figure_text
    return tuple(
        _row(fault_findings.FIGURE_NAMES[figure], told(figure, run.value(figure)), figure, run.bounds)
        for figure in under_faults.OF_FIGURE
    )


def staged(run: FaultRun) -> tuple[FigureRow, ...]:
    """Every figure of a staged fault that could be had on its target."""
    told = staged_fault_findings.figure_text
    return tuple(
        _row(staged_fault_findings.FIGURE_NAMES[figure], told(figure, run.value(figure)), figure, run.bounds)
        for figure in staged_faults.OF_FIGURE
        if staged_faults.seen(figure, run)
    )


def doubts(run: FaultRun) -> tuple[Text, ...]:
    """Why a staged fault shows nothing; empty where it does."""
    return tuple(why_not_valid(run))


def _row(name: Text, found: Text, figure: str, bounds: Sequence[SoakBound | FaultBound]) -> FigureRow:
    of_figure = [bound for bound in bounds if bound.figure == figure]
    return FigureRow(
        name=name,
        found=found,
        limit=fault_findings.limit_text(of_figure[0]) if of_figure else None,
        requirements=tuple(bound.requirement for bound in of_figure),
    )
