"""Asking the platform: in the wire profile's form, with bounded retry and growing pauses, and noticing when it is away.

What is sent again: a request that certainly did not arrive, one that the platform refused as a passing trouble
(`refusals.toml`, retry), and one that may be done twice without harm. A verification whose answer was lost is never
sent again by itself: a dynamic code holds once. Every try is signed anew, with its own time and nonce.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Protocol

from reference.ecard.verbs import Answer, ListMembers, Query, Register, ReportUses, ServerTime, Time, Verb
from reference.front_end.carrier import Carrier, PlatformAway
from reference.front_end.clock_check import ClockCheck
from reference.front_end.facts import limits
from reference.front_end.line import Line, MillisecondClock, TokenKeeper
from reference.gateway.wire import UnreadableAnswer, UnsupportedVerb, WireClient, WireRefusal
from reference.ports import Randomness
from reference.standard.ecard.refusals import refusals

HARMLESS_TWICE: Final = (Query, ListMembers, ServerTime, ReportUses, Register)
"""Verbs that may be done twice: they read, or the same serial or person again changes nothing."""
JITTER: Final = 256


class FrontEndClock(MillisecondClock, Protocol):
    """The front-end's clock."""

    def monotonic_us(self) -> int:
        """A steadily growing count of microseconds."""
        ...


Pause = Callable[[float], object]
"""Waits for seconds: `time.sleep` in service."""


class OutcomeUnknown(PlatformAway):
    """The platform may have done what it was asked, but its answer was lost."""


class Upstream:
    """The platform as the front-end asks it; from several threads."""

    def __init__(
        self,
        client: Callable[[str], WireClient],
        carrier: Carrier,
        clock: FrontEndClock,
        randomness: Randomness,
        pause: Pause,
        check: ClockCheck,
    ) -> None:
        self._client, self._carrier, self._check = client, carrier, check
        self._clock, self._randomness, self._pause = clock, randomness, pause
        self._lines: dict[str, Line] = {}
        self._keeper = TokenKeeper()
        self._lock = threading.Lock()
        self._away_until_us = 0
        self._last_away: PlatformAway | None = None

    @property
    def away(self) -> bool:
        """Whether the platform failed lately and is left alone."""
        return self._clock.monotonic_us() < self._away_until_us

    def ask(self, verb: Verb, terminal: str = "") -> Answer:
        """The answer to a verb, asked in the name of a terminal.

        Raises WireRefusal, UnreadableAnswer, UnsupportedVerb, PlatformAway, OutcomeUnknown.
        """
        line = self._line(terminal)
        last = self._last_away
        if last is not None and self.away:
            raise PlatformAway(last.address, last.why, sent=False)
        for number in range(limits()["tries"] - 1):
            try:
                return self._once(line, verb)
            except (PlatformAway, WireRefusal) as failure:
                if not may_be_repeated(verb, failure):
                    raise _told(failure) from failure
            self._pause(self._length_of_pause(number))
        try:
            return self._once(line, verb)
        except PlatformAway as away:
            self._leave_alone(away)
            raise (away if may_be_repeated(verb, away) else _told(away)) from away

    def server_time(self) -> bool:
        """Check the clock by the profile's own service; False where it has none. Raises as `ask`."""
        try:
            sent_ms = self._clock.now_ms()
            answer = self.ask(ServerTime())
        except UnsupportedVerb:
            return False
        if not isinstance(answer, Time):
            raise UnreadableAnswer("the answer to ServerTime tells no time")
        self._check.note(sent_ms, self._clock.now_ms(), answer.now_ms)
        return True

    def _once(self, line: Line, verb: Verb) -> Answer:
        try:
            answer = line.ask(verb)
        except (WireRefusal, UnreadableAnswer):
            self._away_until_us = 0
            raise
        self._away_until_us = 0
        return answer

    def _line(self, terminal: str) -> Line:
        """The line on which a terminal asks; all share the application's access token, where there is one."""
        with self._lock:
            if terminal not in self._lines:
                client = self._client(terminal)
                self._lines[terminal] = Line(
                    client, self._carrier, self._clock, self._randomness, self._keeper, self._check
                )
            return self._lines[terminal]

    def _length_of_pause(self, number: int) -> float:
        """Seconds before the next try: doubled each time, half of it by chance so that front-ends do not march."""
        length = min(limits()["first-pause-ms"] << number, limits()["longest-pause-ms"])
        return length * (1 + self._randomness.bytes(1)[0] / JITTER) / 2000

    def _leave_alone(self, away: PlatformAway) -> None:
        self._last_away = away
        self._away_until_us = self._clock.monotonic_us() + limits()["away-seconds"] * 1_000_000


def may_be_repeated(verb: Verb, failure: PlatformAway | WireRefusal) -> bool:
    """Whether a verb that failed may be sent again without being asked for."""
    if isinstance(failure, WireRefusal):
        return is_passing(failure)
    return not failure.sent or (isinstance(verb, HARMLESS_TWICE) and not getattr(verb, "strict", False))


def _told(failure: PlatformAway | WireRefusal) -> Exception:
    """A failure that is not bridged, as who asked is told of it."""
    if isinstance(failure, PlatformAway) and failure.sent:
        return OutcomeUnknown(failure.address, failure.why, sent=True)
    return failure


def is_passing(refused: WireRefusal) -> bool:
    """Whether the platform says that the same request may succeed later."""
    return bool(refused.ids) and all(id in refusals() and refusals()[id].retry for id in refused.ids)
