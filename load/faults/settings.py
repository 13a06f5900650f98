"""What a staged fault is asked for."""

from __future__ import annotations

from typing import Final

import msgspec

from conformance.evidence.staged_faults import StagedFault
from load.faults.by_command import LIMIT
from load.faults.episode import HEALTHY, LOOK_EVERY, STARTING
from load.faults.promises import recovery_seconds, seconds
from load.faults.serving import SERVE
from reference.gateway.wire import Credentials

PACE: Final = 0.02
OTHERS_PACE: Final = 0.1
"""On a platform of somebody else's, whose test persons have codes for so long."""
ANSWER_SECONDS: Final = 20.0
"""How long an answer is waited for (decision: longer than a platform may make anybody wait)."""
NUMBERED: Final = frozenset({"sichuan"})
"""Wire profiles in which a request carries a number that the platform's record of uses keeps."""


class FaultSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fault, on a platform that is started for it, or on that at ``url``. Times are seconds."""

    fault: StagedFault
    lasts: float = 2.0
    """At least; and until health has told of it, or had the time to."""
    connections: int = 8
    pace: float = PACE
    """That a connection rests after each code."""
    seed: int = 1
    database: str = ""
    cards: int = 300
    codes: int = 12_000
    """More than are shown."""
    command: tuple[str, ...] = SERVE
    url: str = ""
    cases: str = ""
    profile: str = "sichuan"
    credentials: Credentials | None = None
    breaks: tuple[str, ...] = ()
    heals: tuple[str, ...] = ()

    @property
    def highest_rate(self) -> float:
        """Requests a second that the run can come to, with those for health."""
        return self.connections / self.pace + 1 / LOOK_EVERY

    @property
    def longest(self) -> float:
        """After which the run is over in any case."""
        after = 2 * recovery_seconds(self.fault) + seconds(HEALTHY)
        return STARTING + 2 * LIMIT + self.lasts + seconds(HEALTHY) + after + ANSWER_SECONDS

    @property
    def books(self) -> bool:
        """Whether the platform's record of uses can be held against the answers."""
        return not self.url or (bool(self.database) and self.profile in NUMBERED)
