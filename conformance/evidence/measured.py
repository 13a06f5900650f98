"""Evidence that keeps figures in place of transcripts: what a load run and a soak have in common.

Both leave one record from which plan and verdicts follow, so that whoever has the package draws them again. Source:
decision; no clause speaks of load.
"""

from __future__ import annotations

from typing import NamedTuple

from conformance.evidence import fault_findings, fault_verdicts, load_findings, load_verdicts, under_faults, under_load
from conformance.evidence.model import Plan, Results
from conformance.evidence.under_faults import SoakRun
from conformance.evidence.under_load import LoadRun
from reference.languages import Text, say
from reference.standard import Standard

Measured = LoadRun | SoakRun
"""The record of a run that keeps figures and no exchanges."""


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
    plan = fault_verdicts.plan_of(standard, run)
    return plan, fault_verdicts.results_of(plan, run, started=started)


def differing(run: Measured) -> list[Differing]:
    """The recorded figures that do not follow from the rest of the record."""
    if isinstance(run, LoadRun):
        again = under_load.derived(run)
        return [
            Differing(
                load_findings.FIGURE_NAMES[figure],
                load_findings.figure_text(figure, under_load.value_of(run.figures, figure)),
                load_findings.figure_text(figure, again[figure]),
            )
            for figure in under_load.figures_that_differ(run)
        ]
    follows = under_faults.derived(run)
    return [
        Differing(
            fault_findings.FIGURE_NAMES[figure],
            fault_findings.figure_text(figure, run.value(figure)),
            fault_findings.figure_text(figure, follows[figure]),
        )
        for figure in under_faults.figures_that_differ(run)
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
    return say(
        "{codes} codes, one of {workers} workers killed every {seconds:g} s (0: none)",
        codes=run.codes,
        workers=run.workers,
        seconds=run.kill_every,
    )
