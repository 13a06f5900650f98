"""Time and chance of the machine itself: what is injected in service, where tests inject their own."""

from __future__ import annotations

import datetime
import secrets
import time


class SystemClock:
    """The machine's clock, in the forms that the ports ask for."""

    def now(self) -> str:
        """Date and time with offset."""
        return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_us(self) -> int:
        """Microseconds of the monotonic clock."""
        return time.monotonic_ns() // 1000


class SystemRandomness:
    """Random bytes of the operating system."""

    def bytes(self, length: int) -> bytes:
        """``length`` fresh bytes."""
        return secrets.token_bytes(length)
