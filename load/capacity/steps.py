"""One step of the search: its figures, and whether it held.

A step holds when its run is valid, no answer and no record is wrong, the gates of speed hold, and the answers keep up
with the schedule. Source: decision (a queue that grows over the step is saturation, whatever its latency so far).
"""

from __future__ import annotations

import msgspec

from conformance.evidence.load_findings import FIGURE_NAMES
from conformance.evidence.model import Verdict
from conformance.evidence.under_load import Figure
from load.capacity.search import Outcome
from load.gates import gates
from load.measuring import WrongAnswer
from load.result import LoadResult
from reference.languages import Text, say

KEEPS_UP = 0.95
"""The share of the scheduled rate that the answers must come at (decision)."""
WRONG_KEPT = 20
"""Wrong answers that a step keeps in full; all are counted."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A short run at one rate. Rates are verifications a second, times milliseconds unless named otherwise."""

    number: int
    rate: float
    scheduled: int
    answered: int
    waited: int
    """Arrivals that found every connection busy."""
    throughput: float
    error_share: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    p999_ms: float
    service_p50_ms: float
    service_p95_ms: float
    service_p99_ms: float
    service_p999_ms: float
    generator_lag_p99_ms: float
    valid: bool
    wrong_accepts: int
    wrong_refusals: int
    wrong_reasons: int
    lost_events: int | None
    double_uses: int
    core_us: float | None
    """Processor time of the platform a verification, in microseconds; None where it cannot be seen."""
    outcome: Outcome
    because: tuple[Text, ...]
    """Why it did not hold."""
    wrong: tuple[WrongAnswer, ...]
    """Wrong answers in full, as many as are kept."""
    verdicts: dict[str, Verdict]
    """On the requirements that have no tolerance."""


def step_of(number: int, found: LoadResult, cpu_seconds: float | None) -> Step:
    """The step that a run was. ``cpu_seconds``: what the platform spent on it."""
    outcome, because = judged(found)
    return Step(
        number=number,
        rate=found.rate,
        scheduled=found.scheduled,
        answered=found.answered,
        waited=found.counts.waited,
        throughput=found.throughput,
        error_share=found.error_share,
        p50_ms=found.p50_ms,
        p95_ms=found.p95_ms,
        p99_ms=found.p99_ms,
        p999_ms=found.p999_ms,
        service_p50_ms=found.service_p50_ms,
        service_p95_ms=found.service_p95_ms,
        service_p99_ms=found.service_p99_ms,
        service_p999_ms=found.service_p999_ms,
        generator_lag_p99_ms=found.generator_lag_p99_ms,
        valid=found.valid,
        wrong_accepts=found.wrong_accepts,
        wrong_refusals=found.wrong_refusals,
        wrong_reasons=found.wrong_reasons,
        lost_events=found.lost_events,
        double_uses=found.double_uses,
        core_us=cpu_seconds / found.answered * 1e6 if cpu_seconds is not None and found.answered else None,
        outcome=outcome,
        because=because,
        wrong=found.wrong[:WRONG_KEPT],
        verdicts={gate.id: gate.verdict for gate in found.gates if gates()[gate.id].always is not None},
    )


def judged(found: LoadResult) -> tuple[Outcome, tuple[Text, ...]]:
    """Whether a step held, and why not. A wrong answer is a fact in an invalid run too."""
    failed = [gate for gate in found.gates if gate.held is False]
    wrong = [gate for gate in failed if gates()[gate.id].always is not None]
    if wrong:
        return Outcome.WRONG, tuple(_missed(gate.figure, gate.value or 0.0, gate.limit) for gate in wrong)
    if found.generator_lag_p99_ms > found.generator_lag_bound_ms or found.counts.started < found.scheduled:
        return Outcome.GENERATOR_SATURATED, found.invalid_because
    because = [_missed(gate.figure, gate.value or 0.0, gate.limit) for gate in failed]
    wanted = KEEPS_UP * found.scheduled / found.duration
    if found.throughput < wanted:
        because.append(_missed("throughput", found.throughput, wanted))
    because.extend(found.invalid_because)
    return (Outcome.PLATFORM_SATURATED if because else Outcome.HELD), tuple(because)


def _missed(figure: Figure, value: float, limit: float) -> Text:
    return say("{figure} {value:.4g}, bound {limit:.4g}", figure=FIGURE_NAMES[figure], value=value, limit=limit)
