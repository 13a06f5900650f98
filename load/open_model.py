"""Verifications driven by a schedule, whatever the platform answers: the part of a generator that knows the time.

Each connection takes the next arrival before it is due, signs its request, sleeps until the intended start and sends.
While every connection is busy the next arrivals wait; that counts as their response time, and none is left out. What
the generator itself loses (waking late, signing, reading) is its lag. Imports neither gevent nor Locust: `sleep` and
`listen` are handed in, by `locust_users` or by a test. Source: decision (open-model load).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from load.cases import Case, read_cases
from load.connection import BrokenAnswer, Connection
from load.judging import ACCEPTANCE, Judge, Outcome, Wrong
from load.measuring import Latencies, Measured
from load.settings import RunSettings
from reference.ecard.verbs import Verify
from reference.gateway.profiles import CLIENTS
from reference.gateway.wire import UnreadableAnswer, WireRefusal
from reference.qr.selection import admitted

LEAD = 0.5
"""Seconds from the start of the first connection to the run's begin, so that all of them stand ready."""
HEARTBEAT = 0.005
"""Seconds between two looks at how late the generator wakes up when nothing but itself can delay it."""
ALWAYS_DYNAMIC = frozenset({"dynamic", "grafted", "expired", "replayed"})
"""Kinds of case that may be shown at every step; static codes are not, whatever else is wrong with them."""
OK_STATUS = 200


class Arrival(NamedTuple):
    """One scheduled request: its number over all generators, its intended start on the process's clock, its case."""

    number: int
    due: float
    taken: float
    case: Case
    step: str


class Answered(NamedTuple):
    """What became of an arrival, for whoever shows it: response time in seconds, bytes, and what was wrong."""

    kind: str
    seconds: float
    size: int
    wrong: Wrong | None
    fault: str


class Generator:
    """One generator process of ``settings.generators``: hands out arrivals, sends, judges, measures."""

    def __init__(self, settings: RunSettings, index: int, sleep: Callable[[float], object]) -> None:
        self.settings = settings
        self._index = index
        self._sleep = sleep
        whole = settings.scheduled()
        self._schedule = whole.part(index, settings.generators)
        self._scheduled_seconds = whole.seconds
        self._cases: Iterator[Case] = read_cases(Path(settings.cases), index, settings.generators)
        self._client = CLIENTS[settings.profile](settings.known_as())
        self.warm_up()
        self.judge = Judge()
        self.judge.counts.scheduled = len(self._schedule)
        self.response, self.service = Latencies(), Latencies()
        self.lag, self.wake = Latencies(), Latencies()
        self._next = 0
        self._in_flight = 0
        self._begin = 0.0
        self._begin_ms = 0
        self._cpu = 0.0
        self._last = 0.0
        self._ran_out = False

    @property
    def begun(self) -> bool:
        """Whether the run's clock has started."""
        return self._begin > 0

    @property
    def exhausted(self) -> bool:
        """Whether no arrival is left to take: the schedule is at its end, or the cases are."""
        return self._ran_out or self._next >= len(self._schedule)

    @property
    def ended(self) -> bool:
        """Whether the schedule is worked off, and nothing is in flight."""
        return self.exhausted and not self._in_flight

    def begin(self) -> None:
        """Start the run's clock, a moment from now."""
        self._begin = self._last = time.perf_counter() + LEAD
        self._begin_ms = time.time_ns() // 1_000_000 + int(LEAD * 1000)
        self._cpu = time.process_time()

    def connection(self) -> Connection:
        """A connection for one caller of `perform`."""
        return Connection(self.settings.url, self.settings.timeout)

    def take(self) -> Arrival | None:
        """The next arrival, or None when there is none. Give each to `perform` before taking another."""
        if self.exhausted:
            return None
        case = next(self._cases, None)
        if case is None:
            self._ran_out = True
            return None
        place = self._next
        self._next += 1
        self._in_flight += 1
        return Arrival(
            number=self._index + place * self.settings.generators,
            due=self._begin + self._schedule.times[place],
            taken=time.perf_counter(),
            case=case,
            step=self._step(case, place),
        )

    def perform(self, arrival: Arrival, connection: Connection) -> Answered:
        """Sign, wait for the intended start, send, read, judge, and count."""
        try:
            return self._performed(arrival, connection)
        finally:
            self._in_flight -= 1

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
            ended=self.ended and self.judge.counts.started == len(self._schedule),
            seconds=max(self._last - self._begin, 0.0),
            scheduled_seconds=self._scheduled_seconds,
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

    def warm_up(self) -> None:
        """Write and read once, at every connection: tables and libraries are loaded before the clock starts."""
        verb = Verify(text="")
        self._client.write(verb, 0, bytes(16))
        with contextlib.suppress(UnreadableAnswer, WireRefusal):
            self._client.read(verb, b"")

    def _step(self, case: Case, place: int) -> str:
        """The schedule's step, where it has steps and this step admits the case's code; else the case's own."""
        if not self._schedule.steps:
            return case.step
        step = self._schedule.steps[place]
        return step if case.kind in ALWAYS_DYNAMIC or "static" in admitted(step) else case.step

    def _performed(self, arrival: Arrival, connection: Connection) -> Answered:
        request = f"{self.settings.run_id}-{arrival.number}"
        verb = Verify(text=arrival.case.text, step=arrival.step, request=request)
        ahead_ms = int((arrival.due - time.perf_counter()) * 1000)
        now_ms = time.time_ns() // 1_000_000 + max(ahead_ms, 0)
        nonce = (self._begin_ms << 64 | arrival.number).to_bytes(16, "big")
        encoded = connection.encode(self._client.write(verb, now_ms, nonce))
        delay = arrival.due - time.perf_counter()
        if delay > 0:
            self._sleep(delay)
        sent = time.perf_counter()
        self.judge.counts.started += 1
        if arrival.taken > arrival.due:
            self.judge.counts.waited += 1
        self.lag.record(sent - max(arrival.due, arrival.taken))
        try:
            status, body = connection.exchange(encoded)
        except OSError as error:
            return self._unanswered(arrival, request, error)
        ended = self._last = time.perf_counter()
        self.service.record(ended - sent)
        self.response.record(ended - arrival.due)
        wrong, fault = self._judged(arrival.case, verb, request, status, body)
        return Answered(arrival.case.kind, ended - arrival.due, len(body), wrong, fault)

    def _unanswered(self, arrival: Arrival, request: str, error: OSError) -> Answered:
        """Count a request without an answer; one that was waited for in vain took at least that long."""
        waited = time.perf_counter() - arrival.due
        fault = type(error).__name__
        if isinstance(error, TimeoutError):
            self.response.record(waited)
        self.judge.silent(arrival.case, fault, request)
        return Answered(arrival.case.kind, waited, 0, None, fault)

    def _judged(self, case: Case, verb: Verify, request: str, status: int, body: bytes) -> tuple[Wrong | None, str]:
        try:
            if status != OK_STATUS and not body:
                raise BrokenAnswer(f"status {status}")
            self._client.read(verb, body)
            outcome = ACCEPTANCE
        except WireRefusal as refusal:
            outcome = Outcome(refusal.ids)
        except (UnreadableAnswer, BrokenAnswer):
            fault = "unreadable" if status == OK_STATUS else f"HTTP {status}"
            self.judge.silent(case, fault, request, unreadable=True)
            return None, fault
        wrong = self.judge.answered(case, outcome, request)
        return wrong, outcome.name if outcome.unserved else ""
