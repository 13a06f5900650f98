"""The charts of the capacity report, each in one language: latency and throughput against load, time, and need.

Both axes are logarithmic, since the search doubles its rates. A step that was tried twice is shown once, as it counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from load.capacity.axes import Axis, axis_over
from load.capacity.drawing import ACROSS_GAP, GRID, INK, SOFT, box, curve, figure, frame, line, mark, number, words
from load.capacity.lines import outcome_name
from load.capacity.result import CapacityResult
from load.capacity.search import Outcome
from load.capacity.steps import Step
from load.capacity.where_time_goes import table
from reference.languages import say

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 62, 700, 70, 330
BAND = "#c47f17"
SHAPES = {Outcome.HELD: "disc", Outcome.PLATFORM_SATURATED: "cross"}
"""Marks of steps; the others, whose run says nothing of the platform, are rings."""

CURVES: tuple[tuple[str, str, Callable[[Step], float]], ...] = (
    ("p50", "#35618e", lambda step: step.p50_ms),
    ("p95", "#1b6b3f", lambda step: step.p95_ms),
    ("p99", "#a8201a", lambda step: step.p99_ms),
    ("p99.9", "#8c4a9e", lambda step: step.p999_ms),
)


def shown_steps(found: CapacityResult) -> list[Step]:
    """One step a rate, the one that counted, by rate."""
    by_rate: dict[float, Step] = {}
    for step in found.steps:
        if step.rate not in by_rate or by_rate[step.rate].outcome is not Outcome.HELD:
            by_rate[step.rate] = step
    return [by_rate[rate] for rate in sorted(by_rate)]


def latency_chart(found: CapacityResult, lang: str) -> Markup:
    """Response times against the asked rate, with the bound and the bracket."""
    steps = shown_steps(found)
    across = axis_over([step.rate for step in steps], LEFT, RIGHT)
    upwards = axis_over([found.p99_bound_ms, *(take(step) for step in steps for _, _, take in CURVES)], BOTTOM, TOP)
    bound = upwards.at(found.p99_bound_ms)
    drawn = [
        *_bracket(found, across),
        *frame(across, upwards, say("verifications a second, asked").inside(lang), say("ms").inside(lang)),
        line((LEFT, bound), (RIGHT, bound), "#a8201a", width=1.5, dash="7 4"),
        words(RIGHT, bound - 5, say("bound of p99").inside(lang), anchor="end", colour="#a8201a"),
    ]
    for _, colour, take in CURVES:
        points = [(across.at(step.rate), upwards.at(take(step))) for step in steps]
        drawn.append(curve(points, colour))
        drawn += [mark(at, colour, SHAPES.get(step.outcome, "ring")) for at, step in zip(points, steps, strict=True)]
    drawn += _keys([(name, colour, "disc") for name, colour, _ in CURVES], 18)
    drawn += _outcomes(steps, lang)
    title = say("Response time against load")
    return figure(f"latency-{lang}", title.inside(lang), found.explanation.inside(lang), WIDTH, HEIGHT, drawn)


def throughput_chart(found: CapacityResult, lang: str) -> Markup:
    """Answers a second against the asked rate; on the dashed line nothing is lost."""
    steps = shown_steps(found)
    rates = [step.rate for step in steps]
    across = axis_over(rates, LEFT, RIGHT)
    upwards = axis_over([*rates, *(step.throughput for step in steps)], BOTTOM, TOP)
    low, high = max(across.low, upwards.low), min(across.high, upwards.high)
    points = [(across.at(step.rate), upwards.at(step.throughput)) for step in steps]
    drawn = [
        *_bracket(found, across),
        *frame(
            across,
            upwards,
            say("verifications a second, asked").inside(lang),
            say("verifications a second, answered").inside(lang),
        ),
        line((across.at(low), upwards.at(low)), (across.at(high), upwards.at(high)), SOFT, dash="5 4"),
        curve(points, CURVES[0][1]),
        *(mark(at, CURVES[0][1], SHAPES.get(step.outcome, "ring")) for at, step in zip(points, steps, strict=True)),
        *_outcomes(steps, lang),
    ]
    title = say("Throughput against load")
    return figure(f"throughput-{lang}", title.inside(lang), found.explanation.inside(lang), WIDTH, HEIGHT, drawn)


def time_chart(found: CapacityResult, lang: str) -> Markup:
    """The categories of a verification's time as one bar."""
    shares = found.time.shares
    total = sum(share.us for share in shares) or 1.0
    colours = {category.id: category.colour for category in table().categories}
    drawn, x = [], 0.0
    for share in shares:
        width = share.us / total * WIDTH
        drawn.append(box((round(x, 1), 0), max(width - 1, 0.5), 44, colours[share.category]))
        if width > 45:
            drawn.append(
                words(round(x + width / 2, 1), 27, f"{share.us / total:.0%}", anchor="middle", colour="#fff", bold=True)
            )
        x += width
    told = ", ".join(f"{share.title.inside(lang)} {share.us / total:.0%}" for share in shares)
    return figure(f"time-{lang}", say("Where the time goes").inside(lang), told, WIDTH, 44, drawn)


def need_chart(found: CapacityResult, lang: str) -> Markup:
    """The rate that each region needs, and what was measured."""
    rows = found.projection
    left, top, row_height = 290, 46, 30
    bottom = top + row_height * len(rows)
    measured = found.saturation.throughput
    across = axis_over([*(row.needed_rate for row in rows), measured or 0.0], left, RIGHT)
    drawn = [
        words(RIGHT, bottom + 38, say("verifications a second, saturation rate needed").inside(lang), anchor="end")
    ]
    for value in across.marks(ACROSS_GAP):
        x = across.at(value)
        drawn += [line((x, top), (x, bottom), GRID), words(x, bottom + 18, number(value), anchor="middle")]
    for place, row in enumerate(rows):
        y = top + row_height * (place + 0.5)
        drawn += [
            words(left - 12, y + 4, row.region.title.inside(lang), anchor="end", colour=INK),
            line((left, y), (across.at(row.needed_rate), y), "#35618e", width=3),
            mark((across.at(row.needed_rate), y), "#35618e"),
        ]
    if measured:
        x = across.at(measured)
        drawn += [
            line((x, top - 8), (x, bottom), "#a8201a", width=2, dash="7 4"),
            words(
                x, top - 14, say("measured: {rate:.0f}", rate=measured).inside(lang), anchor="middle", colour="#a8201a"
            ),
        ]
    title = say("Need of province and nation against what was measured").inside(lang)
    return figure(f"need-{lang}", title, found.headline.inside(lang), WIDTH, bottom + 48, drawn)


def _bracket(found: CapacityResult, across: Axis) -> list[Markup]:
    """The band between the highest rate that held and the lowest that failed."""
    held, failed = found.saturation.bracket.held, found.saturation.bracket.failed
    if held is None or failed is None:
        return []
    left, right = across.at(held), across.at(failed)
    return [box((left, TOP), max(right - left, 2), BOTTOM - TOP, BAND, 0.25)]


def _keys(names: Sequence[tuple[str, str, str]], y: float) -> list[Markup]:
    """Names of curves in a row."""
    drawn, x = [], LEFT
    for name, colour, shape in names:
        drawn += [mark((x + 6, y - 4), colour, shape), words(x + 16, y, name, colour=INK)]
        x += 30 + 9 * len(name)
    return drawn


def _outcomes(steps: Sequence[Step], lang: str) -> list[Markup]:
    """What the marks mean, of those that the chart has, on the right."""
    drawn: list[Markup] = []
    x = float(RIGHT)
    for outcome in reversed(Outcome):
        if any(step.outcome is outcome for step in steps):
            name = outcome_name(outcome).inside(lang)
            drawn.append(words(x, 18, name, anchor="end", colour=INK))
            x -= sum(13 if character > "\u2e80" else 6.6 for character in name) + 12
            drawn.append(mark((x, 14), SOFT, SHAPES.get(outcome, "ring")))
            x -= 20
    return drawn
