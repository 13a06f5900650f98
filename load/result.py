"""What a load test says: its figures, whether it counts, its gates, and the exit code that follows.

Exit codes mean one thing each: 0 every gate held in a valid run, 1 a gate failed, 2 the run gives no answer: it is
invalid, or a gate could not be judged. A wrong answer is a fact however late the generator was, so that correctness
gates count in an invalid run too; figures of speed then say nothing. Source: decision (a load tool's exit code means
one thing, percentiles are not rounded).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from hdrh.histogram import HdrHistogram

from conformance.evidence.model import Verdict
from conformance.evidence.under_load import Histogram
from load.gates import Judged, judged
from load.judging import Correctness, Outcome, Recorded, correctness
from load.measuring import Counts, Measured, WrongAnswer, latencies
from load.settings import RunSettings
from reference.command_line import Exit
from reference.languages import Text, say

SCHEMA_VERSION = 1
LAG_BOUND_MS = 10.0
"""The generator's own lag p99 above which a run is invalid (decision)."""
CURVE = (0.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9, 99.99, 100.0)


class LoadResult(msgspec.Struct, frozen=True, kw_only=True):
    """A load test's result, written as JSON. Times are milliseconds, from the intended start unless named service."""

    schema_version: int = SCHEMA_VERSION
    kind: Literal["load.qr"] = "load.qr"
    target: str
    profile: str
    shape: str
    rate: float
    duration: float
    seed: int
    generators: int
    connections: int
    started_ms: int
    scheduled: int
    answered: int
    throughput: float
    """Answers a second, errors not counted."""
    error_share: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    service_p50_ms: float
    service_p95_ms: float
    service_p99_ms: float
    service_p999_ms: float
    wrong_accepts: int
    wrong_refusals: int
    wrong_reasons: int
    lost_events: int | None
    """None where the platform's own count could not be read."""
    double_uses: int
    totals_from: str
    generator_lag_p99_ms: float
    generator_lag_bound_ms: float
    valid: bool
    invalid_because: tuple[Text, ...]
    gates: tuple[Judged, ...]
    gates_from: str
    response_curve: tuple[tuple[float, float], ...]
    service_curve: tuple[tuple[float, float], ...]
    counts: Counts
    wrong: tuple[WrongAnswer, ...]
    kinds: tuple[str, ...]
    """Kinds of code on which the platform gave a judgement."""
    seconds: float
    """From the run's begin to its last answer."""
    interruptions: tuple[Text, ...]
    """Why the run is not whole; the generator's own lag is not among it."""
    response_histogram: Histogram
    service_histogram: Histogram

    @property
    def exit_code(self) -> Exit:
        """0 all gates hold in a valid run, 1 a gate failed, 2 the run gives no answer."""
        if any(gate.verdict is Verdict.FAILED for gate in self.gates):
            return Exit.NOT_CONFORMANT
        return Exit.CONFORMANT if self.valid and not self._unanswered() else Exit.INCOMPLETE

    @property
    def headline(self) -> Text:
        """The result in one sentence."""
        failed = [gate.id for gate in self.gates if gate.held is False]
        if failed:
            return say("Gates failed: {ids}", ids=", ".join(failed))
        if not self.valid:
            return say("The run is invalid: its figures of speed say nothing of the platform")
        if unanswered := self._unanswered():
            return say("Gates without an answer: {ids}", ids=", ".join(unanswered))
        return say(
            "All gates hold: {count} verifications, {rate:.1f} a second", count=self.answered, rate=self.throughput
        )

    def _unanswered(self) -> list[str]:
        """The gates that the run gives no answer on, although they apply."""
        answered = (Verdict.PASSED, Verdict.FAILED, Verdict.NOT_APPLICABLE)
        return [gate.id for gate in self.gates if gate.verdict not in answered]


def result_of(
    settings: RunSettings,
    measured: Measured,
    recorded: Recorded | None,
    bounds: Mapping[str, float],
    gates_from: str,
    *,
    lag_bound_ms: float = LAG_BOUND_MS,
    reachable_after: bool = True,
) -> LoadResult:
    """Draw everything from the measurements. ``reachable_after``: whether the target still took connections."""
    counts = measured.counts
    response, service = latencies(measured.response), latencies(measured.service)
    lag = max(latencies(measured.lag).percentile_ms(99), latencies(measured.wake).percentile_ms(99))
    served = counts.answered - counts.unserved
    right = correctness(measured, recorded)
    interruptions = _interruptions(measured, reachable_after)
    reasons = [*_lagged(lag, lag_bound_ms), *interruptions]
    kinds = judged_kinds(counts)
    figures: dict[str, Any] = {
        "throughput": served / measured.seconds if measured.seconds else 0.0,
        "error_share": 1 - served / counts.scheduled if counts.scheduled else 1.0,
        "p50_ms": response.percentile_ms(50),
        "p95_ms": response.percentile_ms(95),
        "p99_ms": response.percentile_ms(99),
        "p999_ms": response.percentile_ms(99.9),
    }
    return LoadResult(
        target=settings.url,
        profile=settings.profile,
        shape=f"trace {settings.trace}" if settings.trace else settings.shape,
        rate=settings.rate,
        duration=settings.duration,
        seed=settings.seed,
        generators=settings.generators,
        connections=settings.connections,
        started_ms=measured.started_ms,
        scheduled=counts.scheduled,
        answered=counts.answered,
        **figures,
        max_ms=response.longest_ms(),
        service_p50_ms=service.percentile_ms(50),
        service_p95_ms=service.percentile_ms(95),
        service_p99_ms=service.percentile_ms(99),
        service_p999_ms=service.percentile_ms(99.9),
        **msgspec.structs.asdict(right),
        generator_lag_p99_ms=lag,
        generator_lag_bound_ms=lag_bound_ms,
        valid=not reasons,
        invalid_because=tuple(reasons),
        gates=_gates(bounds, figures, right, valid=not reasons, kinds=frozenset(kinds)),
        gates_from=gates_from,
        response_curve=tuple(response.curve(CURVE)),
        service_curve=tuple(service.curve(CURVE)),
        counts=counts,
        wrong=measured.wrong,
        kinds=kinds,
        seconds=measured.seconds,
        interruptions=tuple(interruptions),
        response_histogram=histogram(measured.response),
        service_histogram=histogram(measured.service),
    )


def histogram(encoded: str) -> Histogram:
    """The cells of a histogram in which something was counted."""
    cells = HdrHistogram.decode(encoded).get_recorded_iterator()
    return tuple((cell.value_iterated_to, cell.count_added_in_this_iter_step) for cell in cells)


def judged_kinds(counts: Counts) -> tuple[str, ...]:
    """The kinds of code with an answer that is more than that the platform cannot serve now."""
    return tuple(
        kind
        for kind, outcomes in counts.outcomes.items()
        if any(not Outcome(frozenset(name.split("|"))).unserved for name in outcomes)
    )


def _gates(
    bounds: Mapping[str, float],
    figures: Mapping[str, float | None],
    right: Correctness,
    *,
    valid: bool,
    kinds: frozenset[str],
) -> tuple[Judged, ...]:
    """The gates; in an invalid run those of speed have no figure."""
    of_speed = figures if valid else dict.fromkeys(figures)
    return judged(bounds, {**of_speed, **msgspec.structs.asdict(right)}, valid=valid, kinds=kinds)


def _lagged(lag: float, bound: float) -> list[Text]:
    """Whether the generator itself was too late for its figures to say anything of the platform's speed."""
    if lag <= bound:
        return []
    return [
        say(
            "The generator lagged: p99 {lag:.1f} ms, bound {bound:g} ms. Give it more processor time, more "
            "generators or a lower rate.",
            lag=lag,
            bound=bound,
        )
    ]


def _interruptions(measured: Measured, reachable_after: bool) -> list[Text]:
    """Why the run is not whole; empty for a whole one."""
    counts = measured.counts
    reasons = []
    if not measured.ended:
        reasons.append(
            say(
                "The schedule was not worked off: {started} of {scheduled} requests were started. Were there enough "
                "cases?",
                started=counts.started,
                scheduled=counts.scheduled,
            )
        )
    if not counts.answered:
        reasons.append(say("Nothing was answered. Check address, profile and credentials."))
    if not reachable_after:
        reasons.append(say("The target vanished: after the run nobody took a connection there."))
    return reasons
