"""Logarithmic axes for charts: where a value stands, and which round values are marked."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

ROUND = (1.0, 2.0, 5.0)


class Axis(msgspec.Struct, frozen=True):
    """From ``low`` to ``high``, drawn from pixel ``start`` to pixel ``end``; either may be the larger pixel."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The pixel of a value; one beyond the axis stands at its end."""
        bounded = min(max(value, self.low), self.high)
        share = math.log(bounded / self.low) / math.log(self.high / self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def marks(self, gap: float) -> list[float]:
        """Round values on the axis: 1, 2 and 5 of each decade where they are ``gap`` pixels apart, else the decades."""
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        every = [step * 10.0**decade for decade in decades for step in ROUND]
        inside = [value for value in every if self.low * 0.999 <= value <= self.high * 1.001]
        narrowest = abs(self.end - self.start) * math.log(2) / math.log(self.high / self.low)
        return inside if narrowest >= gap else [value for value in inside if math.log10(value).is_integer()]


def axis_over(values: Iterable[float], start: float, end: float) -> Axis:
    """An axis that holds all values above zero, with some room; from 1 to 10 where there are none."""
    known = [value for value in values if value > 0 and math.isfinite(value)] or [1.0, 10.0]
    low, high = min(known), max(known)
    if high < low * 4:
        low, high = low / 2, high * 2
    return Axis(_round_down(low), _round_up(high), start, end)


def _round_down(value: float) -> float:
    decade = 10.0 ** math.floor(math.log10(value))
    return max(step * decade for step in ROUND if step * decade <= value * 1.000001)


def _round_up(value: float) -> float:
    decade = 10.0 ** math.floor(math.log10(value))
    return min(step * decade for step in (*ROUND, 10.0) if step * decade >= value * 0.999999)
