"""What a million verifications cost in processor time, and in money where a price is named.

Of the reference platform its processor time is read; of another one only the number of cores that its owner names is
known, taken as fully busy at saturation. Neither holds crypto machines, database hosts, or the network.
"""

from __future__ import annotations

from typing import Literal

import msgspec

MILLION = 1_000_000
HOUR_US = 3600 * 1_000_000


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """The cost of a million verifications."""

    basis: Literal["processor time", "cores named", "unknown"]
    core_us: float | None
    """Microseconds of one core a verification."""
    core_hours_per_million: float | None
    price_per_core_hour: float | None
    currency: str
    per_million: float | None
    """In the currency, where a price is named."""


def cost_of(
    core_us: float | None, saturation: float | None, cores: int | None, price: float | None, currency: str
) -> Cost:
    """The cost by measured processor time, else by cores at saturation, else unknown."""
    basis: Literal["processor time", "cores named", "unknown"] = "processor time"
    if core_us is None:
        basis = "cores named" if saturation and cores else "unknown"
        core_us = cores / saturation * 1e6 if saturation and cores else None
    hours = core_us * MILLION / HOUR_US if core_us is not None else None
    return Cost(
        basis=basis,
        core_us=core_us,
        core_hours_per_million=hours,
        price_per_core_hour=price,
        currency=currency,
        per_million=hours * price if hours is not None and price is not None else None,
    )
