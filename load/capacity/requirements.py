"""What a search says of requirements: whether the answers of its steps were right, and whether its figure is the point.

The rows are those of a load run (``load.qr.…``) that have no tolerance, over all steps, and the search's own.
Throughput has no verdict here: it is what is searched. Source: decisions of the project.
"""

from __future__ import annotations

from conformance.evidence.load_verdicts import TWINS
from conformance.evidence.model import Verdict
from load.capacity.result import JudgedRow, Saturation, explained
from load.capacity.steps import Step
from load.gates import gates
from reference.languages import Text, say
from reference.standard import load

FOUND = "load.capacity.saturation-found"
NOT_SHOWN = say("no code was answered in any step on which the mistake could have been made")
NOT_READ = say("the platform's record of uses could not be read (--database names it)")


def judged_rows(saturation: Saturation, steps: tuple[Step, ...]) -> tuple[JudgedRow, ...]:
    """Every requirement that a search judges; a figure that is a lower bound leaves its own row open."""
    verdicts = {gate.figure: _over(gate.id, steps) for gate in gates().values() if gate.always is not None}
    for figure, twin in TWINS.items():
        if verdicts[figure] is Verdict.PASSED and verdicts[twin] is not Verdict.PASSED:
            verdicts[figure] = Verdict.INCONCLUSIVE
    rows = [_row(gate.id, verdicts[gate.figure]) for gate in gates().values() if gate.always is not None]
    found = saturation.limited_by == "platform"
    return (
        *rows,
        _row(FOUND, Verdict.PASSED) if found else _row(FOUND, Verdict.INCONCLUSIVE, explained(saturation)),
    )


def _over(id: str, steps: tuple[Step, ...]) -> Verdict:
    """The verdict over all steps: one mistake fails it, one step on which it could have been made passes it."""
    found = {step.verdicts[id] for step in steps}
    for verdict in (Verdict.FAILED, Verdict.PASSED, Verdict.INCONCLUSIVE):
        if verdict in found:
            return verdict
    return Verdict.NOT_APPLICABLE if found else Verdict.INCONCLUSIVE


def _row(id: str, verdict: Verdict, because: Text | None = None) -> JudgedRow:
    row = load().requirements[id]
    reasons = {Verdict.INCONCLUSIVE: NOT_SHOWN, Verdict.NOT_APPLICABLE: NOT_READ}
    return JudgedRow(id=id, level=row.level, text=row.text, verdict=verdict, because=because or reasons.get(verdict))
