"""Evidence that keeps figures in place of transcripts: what a load run, a soak and a staged fault have in common.

Each leaves one record from which plan and verdicts follow, so that whoever has the package draws them again. Source:
decision; no clause speaks of load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar

from conformance.evidence import (
    fault_findings,
    fault_verdicts,
    load_findings,
    load_verdicts,
    staged_fault_findings,
    staged_fault_verdicts,
    staged_faults,
    under_faults,
    under_load,
)
from conformance.evidence.model import Plan, Results
from conformance.evidence.staged_faults import FaultRun
from conformance.evidence.under_faults import SoakRun
from conformance.evidence.under_load import LoadRun
from reference.languages import Text, say
from reference.standard import Standard

Measured = LoadRun | SoakRun | FaultRun
"""The record of a run that keeps figures and no exchanges."""
F = TypeVar("F", bound=str)


class Differing(NamedTuple):
    """A recorded figure that does not follow from the rest of its record: its name, what stands there, what follows."""

    name: Text
    recorded: Text
    derived: Text


class Limit(NamedTuple):
    """A bound that a run was held to: a key of its own among all bounds, the requirement, and its limit in words."""

    key: str
    requirement: str
    text: Text


def drawn(standard: Standard, run: Measured, *, started: str) -> tuple[Plan, Results]:
    """Plan and verdicts of a run, from its record alone."""
    if isinstance(run, LoadRun):
        plan = load_verdicts.plan_of(standard, run)
        return plan, load_verdicts.results_of(plan, run, started=started)
    if isinstance(run, SoakRun):
        plan = fault_verdicts.plan_of(standard, run)
        return plan, fault_verdicts.results_of(plan, run, started=started)
    plan = staged_fault_verdicts.plan_of(standard, run)
    return plan, staged_fault_verdicts.results_of(plan, run, started=started)


def differing(run: Measured) -> list[Differing]:
    """The recorded figures that do not follow from the rest of the record."""
    if isinstance(run, LoadRun):
        return _differing(
            under_load.figures_that_differ(run),
            lambda figure: under_load.value_of(run.figures, figure),
            under_load.derived(run),
            load_findings.FIGURE_NAMES,
            load_findings.figure_text,
        )
    if isinstance(run, SoakRun):
        return _differing(
            under_faults.figures_that_differ(run),
            run.value,
            under_faults.derived(run),
            fault_findings.FIGURE_NAMES,
            fault_findings.figure_text,
        )
    return _differing(
        staged_faults.figures_that_differ(run),
        run.value,
        staged_faults.derived(run),
        staged_fault_findings.FIGURE_NAMES,
        staged_fault_findings.figure_text,
    )


def _differing(
    figures: Iterable[F],
    recorded: Callable[[F], float | None],
    follows: Mapping[F, float],
    names: Mapping[F, Text],
    told: Callable[[F, float | None], Text],
) -> list[Differing]:
    return [
        Differing(names[figure], told(figure, recorded(figure)), told(figure, follows[figure])) for figure in figures
    ]


def limits(run: Measured) -> list[Limit]:
    """What a run was held to."""
    if isinstance(run, LoadRun):
        return [Limit(row.requirement, row.requirement, load_findings.limit_text(row)) for row in run.bounds]
    return [
        Limit(f"{row.requirement}.{row.figure}", row.requirement, fault_findings.limit_text(row)) for row in run.bounds
    ]


def asked_for(run: Measured) -> Text:
    """What a run asked of the platform."""
    if isinstance(run, LoadRun):
        told = f"{run.shape}, {run.rate:g}/s, {run.duration:g} s"
        return Text(told, told)
    if isinstance(run, FaultRun):
        return say(
            "{fault} for {seconds:g} s, {connections} connections, {pace:g} s after each code",
            fault=staged_fault_findings.FAULT_NAMES[run.fault],
            seconds=run.lasts_s,
            connections=run.connections,
            pace=run.pace_s,
        )
    return say(
        "{codes} codes, one of {workers} workers killed every {seconds:g} s (0: none)",
        codes=run.codes,
        workers=run.workers,
        seconds=run.kill_every,
    )
