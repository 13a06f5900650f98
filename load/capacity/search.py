"""The search for the saturation point: doubling while steps hold, then bisecting between held and failed.

Knows nothing of platforms: a step is a function of its rate. A step that fails is tried once more, since a short run on
a shared machine may fail by chance; a wrong answer ends the search at once. Source: decision.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Literal

import msgspec


class Outcome(StrEnum):
    """What a step showed."""

    HELD = "held"
    PLATFORM_SATURATED = "platform-saturated"
    """In a valid run the answers came too late, too few, or with too many errors."""
    GENERATOR_SATURATED = "generator-saturated"
    """The run is invalid: its figures say nothing of the platform."""
    WRONG = "wrong"
    """Some answer or record was wrong, whatever the speed."""


Attempt = Callable[[float], Outcome | None]
"""One step at a rate in requests a second; None where no further step can be made (time or cases are used up)."""

Ended = Literal["narrow", "highest", "lowest", "stopped", "wrong", "interrupted"]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Where the search begins and ends. Rates are requests a second."""

    first: float
    highest: float
    lowest: float = 1.0
    precision: float = 0.1
    """The bracket is narrow enough when its ends differ by this share of the lower one."""


class Bracket(msgspec.Struct, frozen=True, kw_only=True):
    """The highest rate that held, the lowest one above it that failed, and why the search ended."""

    held: float | None = None
    failed: float | None = None
    failed_as: Outcome | None = None
    ended: Ended = "stopped"

    @property
    def uncertainty(self) -> float | None:
        """The width of the bracket as a share of its lower end; None where one end is open."""
        return None if self.held is None or self.failed is None else self.failed / self.held - 1

    def narrowed(self, rate: float, outcome: Outcome) -> Bracket:
        """The bracket after one more step."""
        if outcome is Outcome.HELD:
            return msgspec.structs.replace(self, held=rate)
        return msgspec.structs.replace(self, failed=rate, failed_as=outcome)


def search(attempt: Attempt, limits: Limits) -> Bracket:
    """Make steps until the bracket is narrow, a limit is reached, an answer is wrong, or no step can be made."""
    bracket, rate = Bracket(), min(limits.first, limits.highest)
    while True:
        outcome = _tried(attempt, rate)
        if outcome is None:
            return bracket
        if outcome is Outcome.WRONG:
            return msgspec.structs.replace(bracket, ended="wrong")
        known = bracket.held is not None and bracket.failed_as is Outcome.PLATFORM_SATURATED
        if known and outcome is Outcome.GENERATOR_SATURATED:
            return bracket  # an invalid run takes nothing back of a platform that gave up above
        bracket = bracket.narrowed(rate, outcome)
        following = next_rate(bracket, limits)
        if not isinstance(following, float):
            return msgspec.structs.replace(bracket, ended=following)
        rate = following


def next_rate(bracket: Bracket, limits: Limits) -> float | Ended:
    """The rate of the next step, or why there is none."""
    held, failed = bracket.held, bracket.failed
    if failed is None:
        assert held is not None
        return "highest" if held >= limits.highest else min(held * 2, limits.highest)
    if held is None:
        return "lowest" if failed <= limits.lowest else max(failed / 2, limits.lowest)
    if failed / held - 1 <= limits.precision:
        return "narrow"
    return math.sqrt(held * failed)


def _tried(attempt: Attempt, rate: float) -> Outcome | None:
    """A step; where it fails, the better of two."""
    once = attempt(rate)
    if once in (None, Outcome.HELD, Outcome.WRONG):
        return once
    again = attempt(rate)
    if again in (Outcome.HELD, Outcome.WRONG):
        return again
    return Outcome.PLATFORM_SATURATED if Outcome.PLATFORM_SATURATED in (once, again) else Outcome.GENERATOR_SATURATED
