"""The result for people: lines for a terminal, and one HTML page with style and both languages inside itself.

The page fetches nothing: its content security policy allows its own style and nothing else. Gates stand in it as the
requirements do in the report of a conformance run. No clause of the standard is followed here.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from load.gates import Judged
from load.result import LoadResult
from reference.languages import Text, say

CHART_WIDTH, CHART_HEIGHT = 640, 220


def as_lines(found: LoadResult, lang: str) -> list[str]:
    """The result as lines of text, the headline last."""
    return [text.inside(lang) for text in (*_figures(found), *map(gate_line, found.gates), *_ends(found))]


def as_html(found: LoadResult, lang: str) -> bytes:
    """The page, UTF-8. ``lang``, ``en`` or ``zh``, is the language that stands first."""
    style = resources.files(__package__).joinpath("templates", "load.css").read_text("utf-8").strip()
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    environment = Environment(
        loader=PackageLoader("load"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("load-report.html.j2").render(
        found=found,
        lang=lang,
        say=say,
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        state=state,
        curves=(
            ("response", polyline(found.response_curve, found.max_ms)),
            ("service", polyline(found.service_curve, found.max_ms)),
        ),
        width=CHART_WIDTH,
        height=CHART_HEIGHT,
    )
    return page.encode("utf-8")


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


def polyline(curve: tuple[tuple[float, float], ...], longest_ms: float) -> str:
    """Points of a curve of percentiles, for an SVG of the chart's size; the longest latency is at the top."""
    step = CHART_WIDTH / max(len(curve) - 1, 1)
    top = longest_ms or 1.0
    return " ".join(
        f"{place * step:.1f},{CHART_HEIGHT - CHART_HEIGHT * min(value / top, 1.0):.1f}"
        for place, (_, value) in enumerate(curve)
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


def _shown(value: object) -> object:
    """What a template prints: a Text in both languages, once where they are the same."""
    if not isinstance(value, Text):
        return "" if value is None else value
    if value.en == value.zh:
        return escape(value.en)
    return Markup('<span lang="en">{}</span> <span lang="zh">{}</span>').format(value.en, value.zh)
