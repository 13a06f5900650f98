"""Codes shown to a platform on which a fault is staged, whoever stages it. Source: decision."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final, NamedTuple

from load.cases import Case
from load.faults.episode import Comes, Episode, Staging
from load.faults.ledger import Ledger
from load.faults.settings import ANSWER_SECONDS, FaultSettings
from load.faults.traffic import Traffic
from reference.gateway.wire import WireClient

TRIES: Final = 5000
"""How often a code is shown before it is given up (decision: longer than any recovery may take)."""


class Showing(NamedTuple):
    """What was seen, and the traffic in which it was."""

    episode: Episode
    traffic: Traffic


def show(
    settings: FaultSettings,
    url: str,
    ledger: Ledger,
    cases: Iterable[Case],
    comes: Comes,
    *,
    run: str,
    client: WireClient | None = None,
) -> Showing:
    """Show the cases while the fault comes and goes. ``run``: with what the numbers of its requests begin."""
    traffic = Traffic(
        url,
        ledger,
        run=run,
        client=client,
        connections=settings.connections,
        seconds=ANSWER_SECONDS,
        tries=TRIES,
        pace=settings.pace,
        seed=settings.seed,
    )
    staging = Staging(url, ledger, traffic, cases)
    return Showing(asyncio.run(staging.run(settings.fault, comes, settings.lasts)), traffic)
