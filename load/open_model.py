"""Verifications driven by a schedule, whatever the platform answers: the part of a generator that knows the time.

Each connection takes the next arrival before it is due, sleeps until the intended start and sends. While every
connection is busy the next arrivals wait; that counts as their response time, and none is left out. What the generator
itself loses (waking late, signing late, reading) is its lag. Imports neither gevent nor Locust: `sleep` and `connect`
are handed in, by `locust_users` or by a test. Source: decision (open-model load).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import NamedTuple

from load.connection import BrokenAnswer, Connection
from load.judging import ACCEPTANCE, Judge, Outcome, Wrong
from load.look_ahead import Arrival, LookAhead
from load.measuring import Latencies, Measured
from load.settings import RunSettings
from reference.ecard.verbs import Verify
from reference.gateway.wire import UnreadableAnswer, WireRefusal

LEAD = 0.5
"""Seconds from the start of the first connection to the run's begin, so that all of them stand ready."""
HEARTBEAT = 0.005
"""Seconds between two looks at how late the generator wakes up when nothing but itself can delay it."""
SIGNED_AT_ONCE = 4
"""Requests that are signed in one go before whoever is due gets his turn (decision)."""
OK_STATUS = 200


class Answered(NamedTuple):
    """What became of an arrival, for whoever shows it: response time in seconds, bytes, and what was wrong."""

    kind: str
    seconds: float
    size: int
    wrong: Wrong | None
    fault: str


class Generator:
    """One generator process of ``settings.generators``: hands out arrivals, sends, judges, measures."""

    def __init__(
        self,
        settings: RunSettings,
        index: int,
        sleep: Callable[[float], object],
        connect: Callable[[str, float], Connection] = Connection,
    ) -> None:
        self.settings = settings
        self._sleep, self._connect = sleep, connect
        self._client = settings.client()
        self._arrivals = LookAhead(settings, index, self._client, self.connection().encode)
        self._warm_up()
        self.judge = Judge()
        self.judge.counts.scheduled = len(self._arrivals)
        self.response, self.service = Latencies(), Latencies()
        self.lag, self.wake = Latencies(), Latencies()
        self._in_flight = 0
        self._begin = 0.0
        self._begin_ms = 0
        self._cpu = 0.0
        self._last = 0.0

    @property
    def begun(self) -> bool:
        """Whether the run's clock has started."""
        return self._begin > 0

    @property
    def ended(self) -> bool:
        """Whether the schedule is worked off, and nothing is in flight."""
        return self._arrivals.exhausted and not self._in_flight

    def begin(self) -> None:
        """Start the run's clock, a moment from now."""
        self._begin = self._last = time.perf_counter() + LEAD
        self._begin_ms = time.time_ns() // 1_000_000 + int(LEAD * 1000)
        self._arrivals.begin(self._begin, self._begin_ms)
        self._cpu = time.process_time()

    def connection(self) -> Connection:
        """A connection for one caller of `perform`."""
        return self._connect(self.settings.url, self.settings.timeout)

    def perform(self, connection: Connection) -> Answered | None:
        """Take the next arrival, wait for its intended start, send, read, judge, and count; None after the last one."""
        taken = time.perf_counter()
        arrival = self._arrivals.take()
        if arrival is None:
            return None
        self._in_flight += 1
        try:
            return self._performed(arrival, taken, connection)
        finally:
            self._in_flight -= 1

    def sign_ahead(self) -> None:
        """Sign arrivals before they are due, a few at a time, until all are signed. Runs beside the connections."""
        while not self._arrivals.all_signed:
            signed = 0
            while self.begun and signed < SIGNED_AT_ONCE and self._arrivals.sign():
                signed += 1
            self._sleep(0 if signed == SIGNED_AT_ONCE else HEARTBEAT)

    def watch(self) -> None:
        """Count how late the process wakes up, until the schedule is worked off. Runs beside the connections."""
        while not self.ended:
            due = time.perf_counter() + HEARTBEAT
            self._sleep(HEARTBEAT)
            if self.begun:
                self.wake.record(time.perf_counter() - due)

    def measured(self) -> Measured:
        """Everything measured so far."""
        return Measured(
            started_ms=self._begin_ms,
            ended=self.ended and self.judge.counts.started == len(self._arrivals),
            seconds=max(self._last - self._begin, 0.0),
            scheduled_seconds=self._arrivals.scheduled_seconds,
            cpu_seconds=time.process_time() - self._cpu,
            counts=self.judge.counts,
            response=self.response.encoded(),
            service=self.service.encoded(),
            lag=self.lag.encoded(),
            wake=self.wake.encoded(),
            wrong=tuple(self.judge.wrong),
            keys=self.judge.keys,
            silent=tuple(self.judge.without_answer),
        )

    def _warm_up(self) -> None:
        """Write and read once: tables and libraries are loaded before the clock starts."""
        verb = Verify(text="")
        self._client.write(verb, 0, bytes(16))
        with contextlib.suppress(UnreadableAnswer, WireRefusal):
            self._client.read(verb, b"")

    def _performed(self, arrival: Arrival, taken: float, connection: Connection) -> Answered:
        due = arrival.due
        delay = due - time.perf_counter()
        if delay > 0:
            self._sleep(delay)
        sent = time.perf_counter()
        counts = self.judge.counts
        counts.started += 1
        if taken > due:
            counts.waited += 1
            self.lag.record(sent - taken)
        else:
            self.lag.record(sent - due)
        try:
            status, body = connection.exchange(arrival.encoded)
        except OSError as error:
            return self._unanswered(arrival, error)
        ended = self._last = time.perf_counter()
        self.service.record(ended - sent)
        self.response.record(ended - due)
        wrong, fault = self._judged(arrival, status, body)
        return Answered(arrival.case.kind, ended - due, len(body), wrong, fault)

    def _unanswered(self, arrival: Arrival, error: OSError) -> Answered:
        """Count a request without an answer; one that was waited for in vain took at least that long."""
        waited = time.perf_counter() - arrival.due
        fault = type(error).__name__
        if isinstance(error, TimeoutError):
            self.response.record(waited)
        self.judge.silent(arrival.case, fault, arrival.verb.request)
        return Answered(arrival.case.kind, waited, 0, None, fault)

    def _judged(self, arrival: Arrival, status: int, body: bytes) -> tuple[Wrong | None, str]:
        case, verb = arrival.case, arrival.verb
        try:
            if status != OK_STATUS and not body:
                raise BrokenAnswer(f"status {status}")
            self._client.read(verb, body)
            outcome = ACCEPTANCE
        except WireRefusal as refusal:
            outcome = Outcome(refusal.ids)
        except (UnreadableAnswer, BrokenAnswer):
            fault = "unreadable" if status == OK_STATUS else f"HTTP {status}"
            self.judge.silent(case, fault, verb.request, unreadable=True)
            return None, fault
        wrong = self.judge.answered(case, outcome, verb.request)
        return wrong, outcome.name if outcome.unserved else ""
