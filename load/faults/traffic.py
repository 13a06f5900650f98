"""Codes shown over many connections, as fast as the platform answers: a closed model, where only correctness counts.

Who gets no answer shows his code again, as a clerk does; who is told that the platform cannot serve now, too. Some
requests are sent again as they were, which a platform must notice. Requests are signed when they are sent: old ones are
refused. Source: decision (correctness under faults); the open model of `load.open_model` is for speed.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import ssl
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from load.cases import Case
from load.connection import Connection
from load.faults.ledger import IN_DOUBT, Ledger, after_lost
from load.faults.wire import AnswerLost, NotSent, Wire, connected
from load.judging import ACCEPTANCE, CONSUMED, Outcome
from reference.ecard.verbs import Verify
from reference.gateway.demo import demo_credentials
from reference.gateway.profiles.sichuan_client import SichuanClient
from reference.gateway.wire import UnreadableAnswer, WireClient, WireRefusal

OK_STATUS: Final = 200
PAUSE: Final = 0.05
"""Seconds before the next attempt where nobody answers or serves (decision)."""
NUMBERS: Final = 1 << 64
"""More than the requests of a run."""
USED_KEPT: Final = 50
"""How many used codes are kept, the last ones, to be shown again."""
REQUESTS_A_CONNECTION: Final = 50
"""Requests after which a connection is opened anew, so that workers that were started again get some (decision)."""


class Shown(NamedTuple):
    """A code about to be shown."""

    case: Case
    tries: int = 0


class Traffic:
    """Some connections to one platform, and what became of the codes they showed."""

    def __init__(
        self,
        url: str,
        ledger: Ledger,
        *,
        run: str,
        client: WireClient | None = None,
        connections: int = 64,
        seconds: float = 10.0,
        tries: int = 400,
        replayed_share: float = 0.0,
        pace: float = 0.0,
        seed: int = 1,
    ) -> None:
        """``seconds``: how long an answer is waited for; ``tries``: how often a code is shown until it is given up.

        ``pace``: seconds that a connection rests after each code; 0 asks for all that the platform gives. ``client``:
        of the demo client in Sichuan's form when left out.
        """
        parts = urlsplit(url)
        self._secure = ssl.create_default_context() if parts.scheme == "https" else None
        self._host, self._port = parts.hostname or "", parts.port or (443 if self._secure else 80)
        self._encoder = Connection(url, seconds)
        self._client: WireClient = client or SichuanClient(demo_credentials("sichuan"))
        self.ledger = ledger
        self._run, self._connections, self._seconds, self._tries = run, connections, seconds, tries
        self._replayed_share, self._pace = replayed_share, pace
        self._drawn = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._again: deque[Shown] = deque()
        self.used: deque[Case] = deque(maxlen=USED_KEPT)
        """The single-use codes that were accepted last."""
        self._number = int.from_bytes(hashlib.sha256(run.encode()).digest()[:8]) << 64
        """Of the request, which makes its nonce: no other run's."""
        self._stopped = False
        self.served = self.given_up = self.broken_off = 0
        self.last_served = time.monotonic()
        self.longest_silence = 0.0
        """Seconds between two answers that served, or to the end, at most, while codes were waiting."""
        self.longest_wait = 0.0
        """Seconds from a request to its answer, or until it was given up, at most."""

    async def work_off(self, cases: Iterator[Case], deadline: float = float("inf")) -> None:
        """Show all cases, or until the deadline of the monotonic clock; then nothing is under way."""
        self.last_served = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for _ in range(self._connections):
                group.create_task(self._work(cases, deadline))
        ended = min(time.monotonic(), deadline)
        self.longest_silence = max(self.longest_silence, ended - self.last_served)

    def stop(self) -> None:
        """Show nothing more; `work_off` ends once what is under way is answered."""
        self._stopped = True

    def listen_anew(self) -> None:
        """Forget how long nobody was served, and anybody waited, so far."""
        self.longest_silence, self.last_served, self.longest_wait = 0.0, time.monotonic(), 0.0

    def show_used(self, cases: Iterable[Case]) -> None:
        """Show codes next that are used up, and to be refused as such."""
        self._again.extendleft(Shown(msgspec.structs.replace(case, expected=frozenset({CONSUMED}))) for case in cases)

    async def _work(self, cases: Iterator[Case], deadline: float) -> None:
        wire: Wire | None = None
        try:
            while time.monotonic() < deadline and not self._stopped:
                if self._again:
                    shown = self._again.popleft()
                else:
                    case = next(cases, None)
                    if case is None:
                        return
                    shown = Shown(case)
                wire = await self._show(shown, wire)
                if self._pace:
                    await asyncio.sleep(self._pace)
        finally:
            if wire is not None:
                wire.close()

    async def _show(self, shown: Shown, wire: Wire | None) -> Wire | None:
        """Show one code on the connection, or on a new one; the connection, while it is good."""
        if wire is not None and wire.exchanged >= REQUESTS_A_CONNECTION:
            wire.close()
        if wire is None or not wire.open:
            self.broken_off += wire is not None and wire.broken_off
            try:
                wire = await connected(self._host, self._port, self._seconds, self._secure)
            except NotSent:
                self.ledger.not_sent += 1
                await self._later(shown)
                return None
        self._number += 1
        request = f"{self._run}-{self._number % NUMBERS:x}"
        verb = Verify(text=shown.case.text, step=shown.case.step, request=request)
        now_ms, nonce = time.time_ns() // 1_000_000, self._number.to_bytes(16, "big")
        encoded = self._encoder.encode(self._client.write(verb, now_ms, nonce))
        try:
            outcome = await self._outcome(wire, verb, encoded)
        except AnswerLost as lost:
            self.ledger.silent(shown.case, request, str(lost))
            await self._later(Shown(after_lost(shown.case), shown.tries))
            return None
        self.ledger.answered(shown.case, outcome, request)
        if self.ledger.turned_away(outcome):
            doubtful = outcome.ids & IN_DOUBT
            await self._later(Shown(after_lost(shown.case) if doubtful else shown.case, shown.tries))
            return wire
        self._note_served()
        if outcome.accepted and shown.case.code_key:
            self.used.append(shown.case)
        # What the access platform refuses by its form it does not note: such a request may come again.
        if outcome.recorded and wire.open and self._drawn.random() < self._replayed_share:
            try:
                self.ledger.replayed(await self._outcome(wire, verb, encoded))
            except AnswerLost:
                return None
        return wire

    async def _outcome(self, wire: Wire, verb: Verify, encoded: bytes) -> Outcome:
        """What the platform says. Raises AnswerLost, also for an answer that says nothing."""
        sent = time.monotonic()
        try:
            status, body = await wire.exchange(encoded, self._seconds)
        finally:
            self.longest_wait = max(self.longest_wait, time.monotonic() - sent)
        try:
            self._client.read(verb, body)
        except WireRefusal as refusal:
            return Outcome(refusal.ids)
        except UnreadableAnswer:
            raise AnswerLost("unreadable" if status == OK_STATUS else f"HTTP {status}") from None
        return ACCEPTANCE

    async def _later(self, shown: Shown) -> None:
        """Show it again after a moment, or give it up."""
        if shown.tries + 1 >= self._tries:
            self.given_up += 1
            return
        self._again.append(Shown(shown.case, shown.tries + 1))
        await asyncio.sleep(PAUSE)

    def _note_served(self) -> None:
        now = time.monotonic()
        self.longest_silence = max(self.longest_silence, now - self.last_served)
        self.last_served = now
        self.served += 1
