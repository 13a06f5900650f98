"""SVG by hand: lines, marks and words of a chart, colours as attributes so that HTML and PDF draw them alike.

Every value goes through `markupsafe`, so that no name can become markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from load.capacity.axes import Axis

FONT = "Noto Sans CJK SC, WenQuanYi Micro Hei, PingFang SC, Microsoft YaHei, Arial, sans-serif"
INK, SOFT, GRID = "#1b2430", "#55606e", "#d5dbe2"
ACROSS_GAP, UPWARDS_GAP = 52, 20
"""Pixels that the numbers of an axis need."""
Point = tuple[float, float]


def figure(id: str, title: str, description: str, width: int, height: int, inside: Iterable[Markup]) -> Markup:
    """The SVG element with the title and the description that a screen reader says."""
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{id}-t {id}-d" '
        'font-family="{font}" font-size="13"><title id="{id}-t">{title}</title>'
        '<desc id="{id}-d">{desc}</desc>{inside}</svg>'
    ).format(w=width, h=height, id=id, font=FONT, title=title, desc=description, inside=Markup("").join(inside))


def words(x: float, y: float, text: str, *, anchor: str = "start", colour: str = SOFT, bold: bool = False) -> Markup:
    """A line of text."""
    weight = "bold" if bold else "normal"
    return Markup('<text x="{}" y="{}" text-anchor="{}" fill="{}" font-weight="{}">{}</text>').format(
        x, y, anchor, colour, weight, text
    )


def line(begin: Point, end: Point, colour: str, *, width: float = 1, dash: str = "none") -> Markup:
    """A straight line."""
    return Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}" stroke-dasharray="{}"/>').format(
        *begin, *end, colour, width, dash
    )


def curve(points: Sequence[Point], colour: str) -> Markup:
    """A line through points."""
    drawn = " ".join(f"{x},{y}" for x, y in points)
    return Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>').format(drawn, colour)


def box(corner: Point, width: float, height: float, colour: str, opacity: float = 1.0) -> Markup:
    """A filled rectangle."""
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}" fill-opacity="{}"/>').format(
        *corner, round(width, 1), round(height, 1), colour, opacity
    )


def mark(at: Point, colour: str, shape: str = "disc") -> Markup:
    """A mark of one of three shapes, which tell apart what colours alone would not: disc, ring, cross."""
    x, y = at
    if shape == "cross":
        strokes = f"M{x - 4:.1f},{y - 4:.1f}l8,8m0,-8l-8,8"
        return Markup('<path d="{}" stroke="{}" stroke-width="2.2" fill="none"/>').format(strokes, colour)
    return Markup('<circle cx="{}" cy="{}" r="4" fill="{}" stroke="{}" stroke-width="1.8"/>').format(
        x, y, colour if shape == "disc" else "#fff", colour
    )


def frame(across: Axis, upwards: Axis, across_name: str, upwards_name: str) -> list[Markup]:
    """Grid, marks and names of two axes."""
    left, right, bottom, top = across.start, across.end, upwards.start, upwards.end
    drawn = [words(left, top - 10, upwards_name), words(right, bottom + 38, across_name, anchor="end")]
    for value in across.marks(ACROSS_GAP):
        x = across.at(value)
        drawn += [line((x, bottom), (x, top), GRID), words(x, bottom + 18, number(value), anchor="middle")]
    for value in upwards.marks(UPWARDS_GAP):
        y = upwards.at(value)
        drawn += [line((left, y), (right, y), GRID), words(left - 8, y + 4, number(value), anchor="end")]
    return [*drawn, line((left, bottom), (right, bottom), SOFT), line((left, bottom), (left, top), SOFT)]


def number(value: float) -> str:
    """A round number with thousands apart."""
    return f"{value:,.0f}".replace(",", "\u202f") if value >= 1 else f"{value:g}"
