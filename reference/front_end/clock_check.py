"""The clock check (时钟校验): how far one's own clock is from the platform's, and what follows from it.

The platform tells its time by a service (Wenzhou 10001, hospitals check the skew with it) or by the ``Date`` of any
HTTP answer. The time between sending and receiving, and the coarseness of what was told, are allowed for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WHOLE_SECOND: Final = 1000
"""Coarseness of a ``Date`` header and of times in seconds, in milliseconds."""


class Standing(StrEnum):
    """What is known of the clock."""

    UNCHECKED = "unchecked"
    RIGHT = "right"
    DRIFTING = "drifting"
    """Beyond half of what is tolerated: a warning."""
    WRONG = "wrong"
    """Beyond what is tolerated: signed requests would be refused, and times of uses are not to be trusted."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """The last check. ``skew_ms``: the platform's time less one's own, 0 within what cannot be told apart."""

    standing: Standing = Standing.UNCHECKED
    skew_ms: int = 0
    checked_ms: int = 0


class ClockCheck:
    """Keeps the last check; ``tolerated_seconds`` is the limit clock-skew-seconds."""

    def __init__(self, tolerated_seconds: int) -> None:
        self._tolerated_ms = tolerated_seconds * 1000
        self.state = ClockState()

    def note(self, sent_ms: int, received_ms: int, platform_ms: int, coarseness_ms: int = WHOLE_SECOND) -> None:
        """Judge by one answer: one's own clock when asking and when answered, the platform's in between."""
        earliest = platform_ms - received_ms
        latest = platform_ms + coarseness_ms - sent_ms
        skew = earliest if earliest > 0 else min(latest, 0)
        if abs(skew) > self._tolerated_ms:
            standing = Standing.WRONG
        elif abs(skew) * 2 > self._tolerated_ms:
            standing = Standing.DRIFTING
        else:
            standing = Standing.RIGHT
        self.state = ClockState(standing, skew, received_ms)
