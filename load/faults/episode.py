"""One fault while codes are shown: it comes, lasts until health has told of it, and goes; and which promises held.

The fault is a context manager of whoever stages it: entering makes something fail, leaving heals it. Everything is
waited for with a deadline, nothing for a fixed time. Source: decision (rows ``fault.…`` of the catalogue).
"""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Final

import msgspec

from load.cases import Case
from load.faults.books import check_books
from load.faults.ledger import Findings, Ledger
from load.faults.promises import Fault, promised, promises, seconds
from load.faults.serving import Serving
from load.faults.traffic import Traffic
from reference.store import Store

WARM: Final = 30
"""Answers before the fault comes (decision)."""
IN_FLIGHT: Final = 1.0
"""Seconds after the fault's beginning in which answers may come that were on the disk before (decision)."""
LASTS: Final = 2.0
"""Seconds that a fault lasts at least (decision)."""
LOOK_EVERY: Final = 0.1
STARTING: Final = 60.0
HEALTHY: Final = "fault.every.true-health"
NOT_ACCEPTED: Final[dict[Fault, str]] = {
    "crypto-machine": "fault.crypto-machine.nothing-unchecked",
    "disk-full": "fault.disk-full.no-acceptance",
}
"""The promise that a fault lets nobody be accepted."""


class Episode(msgspec.Struct, kw_only=True):
    """What was seen. Seconds are None where what they wait for did not come."""

    fault: Fault
    accepted_meanwhile: int = 0
    told_after: float | None = None
    """Seconds until health named the part that fails."""
    recovered_after: float | None = None
    """Seconds from the end of the fault until a code was accepted; waited for as long as it is promised."""
    well_after: float | None = None
    """Seconds from the end of the fault until health was good."""
    untrue: int = 0
    """Answers of health that called the part well once they had told of it, with the fault still there."""
    given_up: int = 0
    findings: Findings

    def broken(self) -> set[str]:
        """The promises that did not hold."""
        found = of_findings(self.findings)
        if self.accepted_meanwhile and self.fault in NOT_ACCEPTED:
            found.add(NOT_ACCEPTED[self.fault])
        recovery = f"fault.{self.fault}.recovery"
        if self.recovered_after is None or self.given_up or self.recovered_after > seconds(recovery):
            found.add(recovery)
        if self.told_after is None or self.well_after is None or self.untrue:
            found.add(HEALTHY)
        assert found <= promised().keys()
        return found


def of_findings(findings: Findings) -> set[str]:
    """The promises that findings break whatever the fault is."""
    return {id for id, row in promises().items() if any(getattr(findings, name) for name in row.counts)}


class Staging:
    """A served platform over ``store`` with cases to show; `run` puts one fault into it."""

    def __init__(self, served: Serving, store: Store, cases: Iterator[Case], *, connections: int = 8) -> None:
        self._served, self._store, self._cases = served, store, cases
        self._ledger = Ledger(store)
        self._traffic = Traffic(
            served.url, self._ledger, run="fault", connections=connections, pace=0.02, seconds=20.0, tries=5000
        )

    async def run(
        self, name: Fault, part: str, fault: Callable[[], AbstractContextManager[None]], lasts: float = LASTS
    ) -> Episode:
        """Let ``part`` of health fail, see what comes of it, and close the books."""
        episode = Episode(fault=name, findings=self._ledger.findings)
        recovery = seconds(f"fault.{name}.recovery")
        deadline = time.monotonic() + STARTING + 2 * recovery
        traffic = asyncio.create_task(self._traffic.work_off(self._cases, deadline))
        try:
            await self._until(lambda: self._traffic.served >= WARM, STARTING)
            with fault():
                await self._suffer(episode, part, lasts)
            await self._recover(episode, part, recovery)
        finally:
            self._traffic.stop()
            await traffic
        self._served.kill()
        episode.given_up = self._traffic.given_up
        episode.findings = self._ledger.close()
        check_books(self._store, episode.findings)
        return episode

    async def _suffer(self, episode: Episode, part: str, lasts: float) -> None:
        began = time.monotonic()
        await asyncio.sleep(IN_FLIGHT)
        before = self._accepted()
        episode.told_after = await self._health_until(part, False, seconds(HEALTHY) - IN_FLIGHT)
        while time.monotonic() < began + lasts:
            await asyncio.sleep(LOOK_EVERY)
        if episode.told_after is not None and (await self._health()).get(part, False):
            episode.untrue += 1
        episode.accepted_meanwhile = self._accepted() - before

    async def _recover(self, episode: Episode, part: str, longest: float) -> None:
        """Wait for an acceptance and for good health at once: on a platform that is lost, neither ever comes."""
        healed, before = time.monotonic(), self._accepted()

        async def accepted() -> None:
            if await self._until(lambda: self._accepted() > before, longest):
                episode.recovered_after = time.monotonic() - healed

        async def well() -> None:
            episode.well_after = await self._health_until(part, True, longest + seconds(HEALTHY))

        await asyncio.gather(accepted(), well())

    async def _health_until(self, part: str, well: bool, longest: float) -> float | None:
        """Seconds until health says this of the part; None when it does not in time."""
        began = time.monotonic()
        while time.monotonic() < began + longest:
            told = await self._health()
            if told.get(part) is well:
                return time.monotonic() - began
            await asyncio.sleep(LOOK_EVERY)
        return None

    async def _health(self) -> dict[str, bool]:
        return await asyncio.to_thread(health, self._served.url, seconds(HEALTHY))

    async def _until(self, holds: Callable[[], bool], longest: float) -> bool:
        last = time.monotonic() + longest
        while not holds() and time.monotonic() < last:
            await asyncio.sleep(LOOK_EVERY)
        return holds()

    def _accepted(self) -> int:
        return self._ledger.judge.counts.accepted


def health(url: str, longest: float) -> dict[str, bool]:
    """What ``/health`` says of its parts; nothing where it says nothing in time."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=longest) as page:  # noqa: S310 - loopback
            body = page.read()
    except urllib.error.HTTPError as told:
        body = told.read()
    except OSError:
        return {}
    try:
        return msgspec.json.decode(body, type=_Told).parts
    except msgspec.DecodeError:
        return {}


class _Told(msgspec.Struct):
    parts: dict[str, bool]
