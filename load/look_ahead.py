"""The arrivals of one generator, signed a moment before they are due: signing belongs to nobody's latency.

A request is dated by its intended start, so that a platform cannot tell it from one signed just then; at most
`LOOK_AHEAD` seconds of the schedule are signed beforehand, far less than the minutes for which a platform takes a
request (limits.toml, timestamp-window-seconds). Source: decision (open-model load).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from load.cases import Case, read_cases
from load.settings import RunSettings
from reference.ecard.verbs import Verify
from reference.gateway.wire import Request, WireClient
from reference.qr.selection import admitted

LOOK_AHEAD = 2.0
"""Seconds of the schedule that are signed before they are due (decision)."""
MOST_AHEAD = 8192
"""Requests that are signed before they are due, a kilobyte each (decision)."""
LONGEST_KEPT = 60.0
"""Seconds after which a signed request that could not be sent is signed anew (decision)."""
ALWAYS_DYNAMIC = frozenset({"dynamic", "grafted", "expired", "replayed"})
"""Kinds of case that may be shown at every step; static codes are not, whatever else is wrong with them."""


class Arrival(NamedTuple):
    """One scheduled request, signed: its number over all generators, its intended start on the process's clock."""

    number: int
    due: float
    dated: float
    """The moment that its signature names, on the process's clock."""
    case: Case
    verb: Verify
    encoded: bytes


class LookAhead:
    """The share of generator ``index`` of a run's schedule and cases, in order. Call `begin` first.

    ``encode`` puts a request into the bytes that are sent. Making it raises OSError and UnreadableCases for a file that
    holds no cases, and UnusableSchedule.
    """

    def __init__(
        self, settings: RunSettings, index: int, client: WireClient, encode: Callable[[Request], bytes]
    ) -> None:
        whole = settings.scheduled()
        self.scheduled_seconds = whole.seconds
        self._schedule = whole.part(index, settings.generators)
        cases = Path(settings.cases)
        next(read_cases(cases), None)
        self._cases: Iterator[Case] = read_cases(cases, index, settings.generators)
        self._client, self._encode = client, encode
        self._index, self._stride, self._run = index, settings.generators, settings.run_id
        self._signed: deque[Arrival] = deque()
        self._next = 0
        self._begin = 0.0
        self._begin_ms = 0
        self._ran_out = False

    def __len__(self) -> int:
        """How many arrivals there are in all, as far as there are cases for them."""
        return len(self._schedule)

    @property
    def all_signed(self) -> bool:
        """Whether no arrival is left to sign: the schedule is at its end, or the cases are."""
        return self._ran_out or self._next >= len(self._schedule)

    @property
    def exhausted(self) -> bool:
        """Whether no arrival is left to take."""
        return self.all_signed and not self._signed

    def begin(self, moment: float, wall_ms: int) -> None:
        """Say when the schedule begins: on the process's clock, and in milliseconds since 1970."""
        self._begin, self._begin_ms = moment, wall_ms

    def sign(self) -> bool:
        """Sign one more arrival, unless there is none or enough of them are signed; whether it did."""
        if self.all_signed or len(self._signed) >= MOST_AHEAD:
            return False
        if self._begin + self._schedule.times[self._next] > time.perf_counter() + LOOK_AHEAD:
            return False
        arrival = self._signed_next()
        if arrival is None:
            return False
        self._signed.append(arrival)
        return True

    def take(self) -> Arrival | None:
        """The next arrival, signed now if it was not before; None where there is none."""
        if not self._signed:
            return None if self.all_signed else self._signed_next()
        arrival = self._signed.popleft()
        if time.perf_counter() - arrival.dated > LONGEST_KEPT:
            return self._dated_now(arrival)
        return arrival

    def _signed_next(self) -> Arrival | None:
        case = next(self._cases, None)
        if case is None:
            self._ran_out = True
            return None
        place = self._next
        self._next += 1
        number = self._index + place * self._stride
        verb = Verify(text=case.text, step=self._step(case, place), request=f"{self._run}-{number}")
        due = self._begin + self._schedule.times[place]
        return self._dated_now(Arrival(number, due, 0.0, case, verb, b""))

    def _dated_now(self, arrival: Arrival) -> Arrival:
        """The arrival, signed as of its intended start, or as of now where that is over."""
        now = time.perf_counter()
        dated = max(arrival.due, now)
        dated_ms = time.time_ns() // 1_000_000 + int((dated - now) * 1000)
        nonce = (self._begin_ms << 64 | arrival.number).to_bytes(16, "big")
        encoded = self._encode(self._client.write(arrival.verb, dated_ms, nonce))
        return Arrival(arrival.number, arrival.due, dated, arrival.case, arrival.verb, encoded)

    def _step(self, case: Case, place: int) -> str:
        """The schedule's step, where it has steps and this step admits the case's code; else the case's own."""
        if not self._schedule.steps:
            return case.step
        step = self._schedule.steps[place]
        return step if case.kind in ALWAYS_DYNAMIC or "static" in admitted(step) else case.step
