"""What a soak is asked for."""

from __future__ import annotations

import msgspec

from load.faults.serving import SERVE


class SoakSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One soak. ``seconds`` of traffic end it early, 0 never; ``kill_every`` 0 kills nobody.

    Where somebody is to be killed, a soak does not end by time before a killed worker was replaced, as long as that may
    take by its bound: without that it would have shown nothing.
    """

    codes: int = 2_000_000
    seconds: float = 0.0
    kill_every: float = 5.0
    workers: int = 2
    database: str = ""
    """SQLite in a folder of its own where empty."""
    cards: int = 20_000
    connections: int = 64
    wave: int = 50_000
    """Codes that are recorded at a time."""
    seed: int = 1
    command: tuple[str, ...] = SERVE
