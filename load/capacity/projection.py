"""From uses a year to the peak of the busiest morning, and to the machines that carry it: multiplication, no model.

    uses a day       residents × cards per resident × uses per card and year ÷ days
    peak a second    uses a day × verifications per use × busiest day × morning share ÷ morning seconds × peak to mean
    needed           peak ÷ utilisation, in rates of what was measured

That several installations carry as many times what one does is an assumption, which the report says. Source: decision.
"""

from __future__ import annotations

import math

import msgspec

from load.capacity.assumptions import Assumptions, Region

HOUR_SECONDS = 3600


class Projected(msgspec.Struct, frozen=True, kw_only=True):
    """A region's need. Rates are verifications a second."""

    region: Region
    uses_per_day: float
    mean_day_peak: float
    """The highest rate on a mean day."""
    peak: float
    """The highest rate on the busiest day."""
    crypto_machine_calls: float
    """Calls of crypto machines a second at that peak."""
    needed_rate: float
    """The saturation rate that all installations together must have."""
    installations: int | None
    """How many of what was measured carry that; None where nothing was measured."""
    cores: int | None
    """The platform's cores in them; None where nobody knows how many were measured."""
    headroom: float | None
    """What one installation carries at that utilisation, over the peak: below 1 one is too few."""


def projected(assumptions: Assumptions, saturation: float | None, cores: int | None) -> tuple[Projected, ...]:
    """Every region's need. ``saturation``: verifications a second of what was measured, with so many ``cores``."""
    return tuple(_projected(assumptions, region, saturation, cores) for region in assumptions.region)


def _projected(assumptions: Assumptions, region: Region, saturation: float | None, cores: int | None) -> Projected:
    value = assumptions.value
    uses_a_year = region.residents.value * region.cards_per_resident.value * region.uses_per_card_year.value
    uses_a_day = uses_a_year / value("days-per-year")
    morning_mean = uses_a_day * value("morning-share") / (value("morning-hours") * HOUR_SECONDS)
    mean_day_peak = morning_mean * value("peak-to-mean") * value("verifications-per-use")
    peak = mean_day_peak * value("busiest-day")
    needed = peak / value("utilisation")
    installations = math.ceil(needed / saturation) if saturation else None
    return Projected(
        region=region,
        uses_per_day=uses_a_day,
        mean_day_peak=mean_day_peak,
        peak=peak,
        crypto_machine_calls=peak * value("crypto-machine-calls"),
        needed_rate=needed,
        installations=installations,
        cores=installations * cores if installations is not None and cores is not None else None,
        headroom=saturation / needed if saturation and needed else None,
    )
