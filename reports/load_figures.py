"""The figures of a load run as the page shows them: every bound with its verdict's figure, and latency as a drawing.

Latencies spread over decades, so that the axis is logarithmic: each decade has the same width. No clause of the
standard is followed here.
"""

from __future__ import annotations

import math

import msgspec

from conformance.evidence.load_findings import FIGURE_NAMES, figure_text, limit_text
from conformance.evidence.under_load import OF_FIGURE, Figure, Histogram, LoadRun, percentile, value_of
from reference.languages import Text

WIDTH, HEIGHT = 1000, 220
CELLS = 60
"""Bars of the drawing."""
SHOWN_PERCENTS = (50, 75, 90, 95, 99, 99.9, 99.99, 100)


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One bar of the drawing, in its units."""

    x: float
    y: float
    width: float
    height: float


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """A place on the axis, with its duration in milliseconds."""

    x: float
    words: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A figure: its name, what was found, and its bound where the run gave it one."""

    name: Text
    found: Text
    limit: Text | None
    requirement: str


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """What the section on load shows. Bars of both times share their axis."""

    rows: tuple[Row, ...]
    response: tuple[Bar, ...]
    service: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    percentiles: tuple[tuple[float, float, float], ...]
    """Per cent, response time and service time in milliseconds."""
    width: int = WIDTH
    height: int = HEIGHT


def drawn(run: LoadRun) -> Drawn:
    """Everything that the section shows beside the plain texts of the record."""
    times = [upper for upper, _ in (*run.response, *run.service)]
    least, most = (math.log10(max(edge, 1)) for edge in (min(times, default=1), max(times, default=10)))
    first, last = math.floor(least * 4) / 4, math.floor(most * 4 + 1) / 4
    highest = max((*_cells(run.response, first, last), *_cells(run.service, first, last)))
    return Drawn(
        rows=tuple(_row(figure, run) for figure in OF_FIGURE),
        response=_bars(_cells(run.response, first, last), highest),
        service=_bars(_cells(run.service, first, last), highest),
        ticks=_ticks(first, last),
        percentiles=tuple(
            (percent, percentile(run.response, percent) / 1000, percentile(run.service, percent) / 1000)
            for percent in SHOWN_PERCENTS
        ),
    )


def _row(figure: Figure, run: LoadRun) -> Row:
    bound = next((bound for bound in run.bounds if bound.figure == figure), None)
    return Row(
        name=FIGURE_NAMES[figure],
        found=figure_text(figure, value_of(run.figures, figure)),
        limit=None if bound is None else limit_text(bound),
        requirement="" if bound is None else bound.requirement,
    )


def _cells(histogram: Histogram, first: float, last: float) -> list[int]:
    """How many durations fall into each of the drawing's cells, between two powers of ten in microseconds."""
    cells = [0] * CELLS
    for upper, count in histogram:
        place = (math.log10(max(upper, 1)) - first) / (last - first)
        cells[min(int(place * CELLS), CELLS - 1)] += count
    return cells


def _bars(cells: list[int], highest: int) -> tuple[Bar, ...]:
    step = WIDTH / CELLS
    tall = [HEIGHT * count / highest if highest else 0.0 for count in cells]
    return tuple(
        Bar(x=round(place * step, 2), y=round(HEIGHT - height, 2), width=round(step, 2), height=round(height, 2))
        for place, height in enumerate(tall)
        if height
    )


def _ticks(first: float, last: float) -> tuple[Tick, ...]:
    """1, 2 and 5 of each decade, as far as they lie on the axis."""
    places = [
        (digit, power)
        for power in range(math.floor(first), math.ceil(last) + 1)
        for digit in (1, 2, 5)
        if first <= math.log10(digit) + power <= last
    ]
    return tuple(
        Tick(
            x=round(WIDTH * (math.log10(digit) + power - first) / (last - first), 2),
            words=f"{digit * 10.0 ** (power - 3):g}",
        )
        for digit, power in places
    )
