"""The result of a load run as lines for a terminal; page, JSON and JUnit file are drawn from its evidence.

No clause of the standard is followed here.
"""

from __future__ import annotations

from load.gates import Judged
from load.result import LoadResult
from reference.languages import Text, say


def as_lines(found: LoadResult, lang: str) -> list[str]:
    """The result as lines of text, the headline last."""
    return [text.inside(lang) for text in (*_figures(found), *map(gate_line, found.gates), *_ends(found))]


def state(gate: Judged) -> Text:
    """Whether a gate held."""
    if gate.held is None:
        return say("not judged")
    return say("held") if gate.held else say("failed")


def gate_line(gate: Judged) -> Text:
    """A gate in one line."""
    value = say("unknown") if gate.value is None else Text(f"{gate.value:g}", f"{gate.value:g}")
    sign = "≥" if gate.bound == "least" else "≤"
    return say(
        "gate {id}: {state} ({figure} {value}, bound {sign} {limit:g})",
        id=gate.id,
        state=state(gate),
        figure=gate.figure,
        value=value,
        sign=sign,
        limit=gate.limit,
    )


def _figures(found: LoadResult) -> list[Text]:
    lost: Text | int = say("unknown") if found.lost_events is None else found.lost_events
    return [
        say(
            "{answered} of {scheduled} scheduled verifications answered, {rate:.1f} a second, errors {share:.3%}",
            answered=found.answered,
            scheduled=found.scheduled,
            rate=found.throughput,
            share=found.error_share,
        ),
        say(
            "response time from the intended start: p50 {a:.3f} ms, p95 {b:.3f} ms, p99 {c:.3f} ms, p99.9 {d:.3f} ms",
            a=found.p50_ms,
            b=found.p95_ms,
            c=found.p99_ms,
            d=found.p999_ms,
        ),
        say(
            "service time from sending: p50 {a:.3f} ms, p95 {b:.3f} ms, p99 {c:.3f} ms, p99.9 {d:.3f} ms",
            a=found.service_p50_ms,
            b=found.service_p95_ms,
            c=found.service_p99_ms,
            d=found.service_p999_ms,
        ),
        say(
            "wrong accepts {a}, wrong refusals {b}, wrong reasons {c}, lost use records {d}, double uses {e}",
            a=found.wrong_accepts,
            b=found.wrong_refusals,
            c=found.wrong_reasons,
            d=lost,
            e=found.double_uses,
        ),
        say(
            "generator lag p99 {lag:.3f} ms, bound {bound:g} ms",
            lag=found.generator_lag_p99_ms,
            bound=found.generator_lag_bound_ms,
        ),
    ]


def _ends(found: LoadResult) -> list[Text]:
    return [*found.invalid_because, found.headline]
