"""Right answers counted for Locust's statistics and handed over in one go, twice a second.

Locust's request event costs a fifth of what a generator has for a verification. Its statistics can be joined, as a
master joins those of its workers; so each kind of case is counted here, and joined to the rest as an entry of its own.
Answers that are wrong or missing still fire the event, one by one. Source: decision (generator speed).
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from locust.stats import RequestStats, StatsEntry, bucket_response_time

METHOD = "VERIFY"


class Tally:
    """Right answers to one kind of case: response times in milliseconds, bytes."""

    __slots__ = ("longest", "requests", "rounded", "shortest", "size", "total")

    def __init__(self) -> None:
        self.requests = self.size = 0
        self.total = self.longest = 0.0
        self.shortest = float("inf")
        self.rounded: Counter[int] = Counter()

    def note(self, response_ms: float, size: int) -> None:
        """Count one answer."""
        self.requests += 1
        self.total += response_ms
        self.size += size
        if response_ms > self.longest:
            self.longest = response_ms
        if response_ms < self.shortest:
            self.shortest = response_ms
        self.rounded[bucket_response_time(response_ms)] += 1


class Statistics:
    """Answers by kind that Locust does not know of yet."""

    def __init__(self, known: RequestStats) -> None:
        self._known = known
        self._tallies: dict[str, Tally] = {}

    def note(self, kind: str, response_ms: float, size: int) -> None:
        """Count one right answer."""
        if kind not in self._tallies:
            self._tallies[kind] = Tally()
        self._tallies[kind].note(response_ms, size)

    def hand_over(self) -> None:
        """Join what was counted to Locust's statistics, at the second that it is now."""
        tallies, self._tallies = self._tallies, {}
        now = time.time()
        for kind, tally in tallies.items():
            entry = self._entry(kind, tally, now)
            self._known.total.extend(entry)
            self._known.get(kind, METHOD).extend(entry)

    def _entry(self, kind: str, tally: Tally, now: float) -> StatsEntry:
        """The tally as Locust's workers send theirs."""
        entry: Any = StatsEntry(self._known, kind, METHOD)
        entry.num_requests = tally.requests
        entry.total_response_time = tally.total
        entry.total_content_length = tally.size
        entry.min_response_time, entry.max_response_time = tally.shortest, tally.longest
        entry.response_times = dict(tally.rounded)
        entry.num_reqs_per_sec = {int(now): tally.requests}
        entry.last_request_timestamp = now
        counted: StatsEntry = entry
        return counted
