"""The result as lines for a terminal: each step as it ends, and the figures at the end."""

from __future__ import annotations

from load.capacity.projection import Projected
from load.capacity.result import CapacityResult
from load.capacity.search import Outcome
from load.capacity.steps import Step
from reference.languages import Text, say


def outcome_name(outcome: Outcome) -> Text:
    """What a step showed, in words."""
    match outcome:
        case Outcome.HELD:
            return say("held")
        case Outcome.PLATFORM_SATURATED:
            return say("platform saturated")
        case Outcome.GENERATOR_SATURATED:
            return say("generator saturated: invalid")
        case Outcome.WRONG:
            return say("wrong answers")


def step_line(step: Step) -> Text:
    """A step in one line."""
    return say(
        "{rate:.0f} a second asked, {throughput:.0f} answered, p50 {p50:.1f} ms, p99 {p99:.1f} ms, lag {lag:.1f} ms: "
        "{outcome}",
        rate=step.rate,
        throughput=step.throughput,
        p50=step.p50_ms,
        p99=step.p99_ms,
        lag=step.generator_lag_p99_ms,
        outcome=outcome_name(step.outcome),
    )


def as_lines(found: CapacityResult) -> list[Text]:
    """The figures, the headline last."""
    shares = [say("{title}: {us:.0f} µs", title=share.title, us=share.us) for share in found.time.shares]
    unknown = [found.time.unknown] if found.time.unknown is not None else []
    figures = [*shares, *unknown, *_cost(found), *map(_region, found.projection)]
    return [*figures, *broken_off(found), found.explanation, found.headline]


def broken_off(found: CapacityResult) -> list[Text]:
    """Why there is no more, where the user or a fault ended it."""
    return [say("Incomplete: {reason}", reason=found.incomplete)] if found.incomplete is not None else []


def _cost(found: CapacityResult) -> list[Text]:
    cost = found.cost
    if cost.core_hours_per_million is None:
        return []
    lines = [say("{hours:.3g} core-hours for a million verifications", hours=cost.core_hours_per_million)]
    if cost.per_million is not None:
        lines.append(
            say("{amount:.4g} {currency} for a million verifications", amount=cost.per_million, currency=cost.currency)
        )
    return lines


def _region(row: Projected) -> Text:
    if row.installations is None:
        return say("{title}: {peak:.0f} a second at the peak", title=row.region.title, peak=row.peak)
    return say(
        "{title}: {peak:.0f} a second at the peak, {count} such installations",
        title=row.region.title,
        peak=row.peak,
        count=row.installations,
    )
