"""What a pool remembers of one machine: its idle connections, who uses it, and whether it may be called again.

After a failure a machine rests, twice as long each time up to a bound; then one call tries it alone (all decisions).
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from reference.keys.connection import MICROSECONDS, Connection, MachineAddress
from reference.languages import Text


class PoolLimits(msgspec.Struct, frozen=True):
    """How much a pool may do at once, and how long its calls may take. Decisions; times in seconds."""

    connections: int = 4
    """Connections to each machine."""
    call_s: float = 2.0
    """For connecting and one answer."""
    wait_s: float = 5.0
    """For a whole call: waiting for a connection and all machines tried."""
    waiting: int = 64
    """Callers that may wait for a connection; further ones are turned away at once."""
    rest_s: float = 1.0
    """How long a machine rests after its first failure."""
    longest_rest_s: float = 30.0


class MachineHealth(msgspec.Struct, frozen=True):
    """How a machine stands, for health pages and metrics."""

    address: str
    up: bool
    failures: int
    """Failures since its last answer."""
    rests_s: float
    """Seconds until it is tried again."""
    busy: int
    """Connections in use."""
    reason: Text | None
    """Its last failure, while it is down."""


class Loan(NamedTuple):
    """A place at a machine, with an idle connection where there was one, and the era in which it was lent."""

    station: Station
    connection: Connection | None
    era: int


class Station:
    """One machine of a pool. Its owner's lock guards it."""

    def __init__(self, address: MachineAddress, limits: PoolLimits) -> None:
        self.address, self.limits = address, limits
        self.idle: list[Connection] = []
        self.busy = 0
        self.failures = 0
        self.rests_until_us = 0
        self.reason: Text | None = None
        self.era = 0
        """Counts failures: what began in an earlier era says nothing of this one."""

    def callable(self, now_us: int) -> bool:
        """Whether it is up, or has rested long enough for a try."""
        return not self.failures or now_us >= self.rests_until_us

    def full(self) -> bool:
        """Whether all its connections are in use."""
        return self.busy >= self.limits.connections

    def lend(self, now_us: int) -> Loan:
        """A place; a machine that has rested is lent for one try, and rests on meanwhile."""
        self.busy += 1
        if self.failures:
            self._rest(now_us)
        return Loan(self, self.idle.pop() if self.idle else None, self.era)

    def answered(self, connection: Connection, era: int) -> None:
        """Take a connection back on which the machine answered."""
        self.busy -= 1
        if era != self.era:
            connection.close()
            return
        self.failures, self.reason = 0, None
        self.idle.append(connection)

    def failed(self, reason: Text, era: int, now_us: int) -> None:
        """Note a failed call and let the machine rest; calls of one era that fail together count once."""
        self.busy -= 1
        if era == self.era:
            self.era += 1
            self.failures += 1
            self.reason = reason
            self._rest(now_us)
            self.hang_up()

    def released(self) -> None:
        """Note the end of a call that says nothing of the machine."""
        self.busy -= 1

    def hang_up(self) -> None:
        """Close the idle connections."""
        while self.idle:
            self.idle.pop().close()

    def health(self, now_us: int) -> MachineHealth:
        """How it stands now."""
        rests_us = max(self.rests_until_us - now_us, 0) if self.failures else 0
        return MachineHealth(
            str(self.address), not self.failures, self.failures, rests_us / MICROSECONDS, self.busy, self.reason
        )

    def _rest(self, now_us: int) -> None:
        # The exponent is bounded: a machine away for a month must not make the power overflow a float.
        doubled = self.limits.rest_s * 2 ** min(self.failures - 1, 16)
        self.rests_until_us = now_us + int(min(doubled, self.limits.longest_rest_s) * MICROSECONDS)
