"""How long the product took for each command, from the transcripts: percentiles in microseconds.

Times include the way to the chip (reader, PC/SC); no clause of the 2012 texts limits them, so they are shown and judge
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from conformance.evidence.model import Exchange

RESET = "RESET"
HEADER_DIGITS = 4
"""Hexadecimal digits of CLA and INS at the start of a command."""


class Timing(msgspec.Struct, frozen=True):
    """One command on one channel. Microseconds."""

    channel: str
    command: str
    """CLA and INS in hexadecimal, or RESET."""
    count: int
    p50: int
    p95: int
    p99: int
    longest: int


def timings(transcripts: Iterable[tuple[Exchange, ...]]) -> tuple[Timing, ...]:
    """The percentiles of every command that was exchanged, by channel and command."""
    took: dict[tuple[str, str], list[int]] = {}
    for exchanges in transcripts:
        for exchange in exchanges:
            if exchange.kind != "lost":
                name = exchange.sent[:HEADER_DIGITS] or RESET
                took.setdefault((exchange.channel, name), []).append(exchange.took_us)
    return tuple(_timing(channel, command, sorted(times)) for (channel, command), times in sorted(took.items()))


def _timing(channel: str, command: str, times: list[int]) -> Timing:
    return Timing(
        channel, command, len(times), percentile(times, 50), percentile(times, 95), percentile(times, 99), times[-1]
    )


def percentile(ordered: list[int], share: int) -> int:
    """The smallest value that at least ``share`` per cent of the ordered values do not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]
