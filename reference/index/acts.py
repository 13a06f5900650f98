"""One act on the index: who acts, when, and where new ids come from; time and ids are given, never taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import msgspec

CHINA = timezone(timedelta(hours=8))


class Act(msgspec.Struct, frozen=True):
    """``operator`` is the officer or system that answers for the act; ``new_id`` gives ids of at most 32 characters."""

    operator: str
    now_ms: int
    new_id: Callable[[], str]

    @property
    def day(self) -> str:
        """The date in China, as 2026-01-31."""
        return datetime.fromtimestamp(self.now_ms / 1000, UTC).astimezone(CHINA).strftime("%Y-%m-%d")
