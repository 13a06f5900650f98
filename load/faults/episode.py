"""One fault while codes are shown: it comes, lasts until health has told of it, and goes; and what was seen of it.

The fault is a context manager of whoever stages it: entering makes something fail, leaving heals it. Everything is
waited for with a deadline, nothing for a fixed time. Source: decision (rows ``fault.…`` of the catalogue).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Final, NamedTuple

import msgspec

from conformance.evidence.staged_faults import StagedFault
from load.cases import Case
from load.faults.ledger import Ledger
from load.faults.promises import recovery_seconds, seconds
from load.faults.traffic import Traffic
from load.single_use import USED_UP

WARM: Final = 30
"""Answers before the fault comes (decision)."""
AFTERWARDS: Final = 100
"""Answers after the recovery, in which used codes and those on their way when the fault came are shown (decision)."""
AFTERWARDS_SECONDS: Final = 15.0
IN_FLIGHT: Final = 1.0
"""Seconds after the fault's beginning in which answers may come that were on the disk before (decision)."""
LOOK_EVERY: Final = 0.1
STARTING: Final = 60.0
"""Seconds in which a platform must give its first answers (decision)."""
HEALTHY: Final = "fault.every.true-health"
PARTS: Final[dict[StagedFault, str]] = {"crypto-machine": "crypto-machine", "database": "store", "disk-full": "store"}
"""The part that /health names while a fault is there; the others have none."""


class Staged(msgspec.Struct, kw_only=True):
    """What whoever stages the fault did: how it ended, 0 being well and None not in its time."""

    breaking: int | None = 0
    healing: int | None = 0
    kills: int = 0
    longest_gap: float | None = None
    """Seconds until a killed worker was replaced, at most."""


Comes = Callable[[Staged], AbstractAsyncContextManager[None]]
"""Stages the fault and notes what it did."""


class Counted(NamedTuple):
    """What came of the codes up to a moment."""

    accepted: int
    judged: int
    lost: int
    not_sent: int
    turned_away: int
    out_of_time: int
    broken_off: int

    def since(self, before: Counted) -> Counted:
        """What came since."""
        return Counted(*(now - then for now, then in zip(self, before, strict=True)))


class Episode(msgspec.Struct, kw_only=True):
    """What was seen. Seconds are None where what they wait for did not come."""

    staged: Staged
    before: Counted | None = None
    """Up to the coming of the fault; None where it never came to that."""
    meanwhile: Counted | None = None
    """From a moment after the fault came until it went."""
    after: Counted | None = None
    """From the coming of the fault to the end."""
    health_read: bool = False
    told_after: float | None = None
    """Seconds until health named the part that fails."""
    recovered_after: float | None = None
    """Seconds from the end of the fault until a code was accepted; waited for as long as it is promised."""
    well_after: float | None = None
    """Seconds from the end of the fault until health was good."""
    untrue: int = 0
    """Answers of health that called the part well once they had told of it, with the fault still there."""
    silence: float = 0.0
    """Seconds between two answers that served, at most, from the coming of the fault on."""
    wait: float = 0.0
    """Seconds from a request to its answer or until it was given up, at most, from the coming of the fault on."""
    shown_again: int = 0
    given_up: int = 0
    ran_out: bool = False
    seconds: float = 0.0


class Staging:
    """A platform at ``url`` to which cases are shown; `run` puts one fault into it."""

    def __init__(self, url: str, ledger: Ledger, traffic: Traffic, cases: Iterable[Case]) -> None:
        self._url, self._ledger, self._traffic, self._cases = url, ledger, traffic, iter(cases)
        self._showing: asyncio.Task[None] | None = None

    async def run(self, name: StagedFault, comes: Comes, lasts: float) -> Episode:
        """Stage the fault, see what comes of it, and end with nothing under way."""
        episode = Episode(staged=Staged())
        began = time.monotonic()
        self._showing = asyncio.create_task(self._traffic.work_off(self._cases))
        try:
            if await self._until(lambda: self._traffic.served >= WARM and self._accepted() > 0, STARTING):
                await self._stage(episode, comes, PARTS.get(name), recovery_seconds(name), lasts)
            episode.ran_out = self._showing.done() and episode.recovered_after is None
            # What is under way is waited for beyond this, with nobody else asking: no silence of the platform.
            episode.silence = max(self._traffic.longest_silence, time.monotonic() - self._traffic.last_served)
            self._traffic.stop()
            await self._showing
        finally:
            self._showing.cancel()
        episode.seconds = time.monotonic() - began
        episode.given_up, episode.wait = self._traffic.given_up, self._traffic.longest_wait
        return episode

    async def _stage(self, episode: Episode, comes: Comes, part: str | None, longest: float, lasts: float) -> None:
        episode.health_read = part is not None and (await self._health()).get(part, False)
        told_of = part if episode.health_read else None
        episode.before = before = self._counted()
        keys, used = self._ledger.judge.keys, list(self._traffic.used)
        unseen = {case.code_key for case in used if not keys[case.code_key] & USED_UP}
        self._traffic.listen_anew()
        async with comes(episode.staged):
            if episode.staged.breaking == 0:
                await self._suffer(episode, told_of, lasts)
        if episode.staged.breaking == episode.staged.healing == 0:
            await self._recover(episode, told_of, longest)
            if episode.recovered_after is not None:
                await self._show_again(used)
        episode.after = self._counted().since(before)
        episode.shown_again = sum(bool(keys[key] & USED_UP) for key in unseen)

    async def _suffer(self, episode: Episode, part: str | None, lasts: float) -> None:
        began = time.monotonic()

        async def in_flight() -> Counted:
            await asyncio.sleep(IN_FLIGHT)
            return self._counted()

        async def telling() -> float | None:
            return None if part is None else await self._health_until(part, False, seconds(HEALTHY))

        since, episode.told_after = await asyncio.gather(in_flight(), telling())
        while time.monotonic() < began + lasts:
            await asyncio.sleep(LOOK_EVERY)
        if episode.told_after is not None and part is not None and (await self._health()).get(part, False):
            episode.untrue += 1
        episode.meanwhile = self._counted().since(since)

    async def _recover(self, episode: Episode, part: str | None, longest: float) -> None:
        """Wait for an acceptance and for good health at once: on a platform that is lost, neither ever comes."""
        healed, before = time.monotonic(), self._accepted()

        async def accepted() -> None:
            if await self._until(lambda: self._accepted() > before, longest):
                episode.recovered_after = time.monotonic() - healed

        async def well() -> None:
            if part is not None:
                episode.well_after = await self._health_until(part, True, longest + seconds(HEALTHY))

        await asyncio.gather(accepted(), well())

    async def _show_again(self, used: Iterable[Case]) -> None:
        """Show codes again that were used before the fault, and others that were on their way when it came."""
        served = self._traffic.served
        self._traffic.show_used(used)
        await self._until(lambda: self._traffic.served >= served + AFTERWARDS, AFTERWARDS_SECONDS)

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
        return await asyncio.to_thread(health, self._url, seconds(HEALTHY))

    async def _until(self, holds: Callable[[], bool], longest: float) -> bool:
        """Whether it holds before the time or the cases are over."""
        last = time.monotonic() + longest
        while not holds() and time.monotonic() < last and self._showing is not None and not self._showing.done():
            await asyncio.sleep(LOOK_EVERY)
        return holds()

    def _accepted(self) -> int:
        return self._ledger.judge.counts.accepted

    def _counted(self) -> Counted:
        ledger = self._ledger
        return Counted(
            accepted=ledger.judge.counts.accepted,
            judged=ledger.judge.counts.accepted + ledger.judge.counts.refused,
            lost=ledger.lost,
            not_sent=ledger.not_sent,
            turned_away=ledger.unserved,
            out_of_time=ledger.out_of_time,
            broken_off=self._traffic.broken_off,
        )


def health(url: str, longest: float) -> dict[str, bool]:
    """What ``/health`` says of its parts; nothing where it says nothing in time, or in another form."""
    body = b""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=longest) as page:  # noqa: S310 - an http address
            body = page.read()
    except urllib.error.HTTPError as told:
        with contextlib.suppress(OSError):
            body = told.read()
    except (OSError, ValueError):
        return {}
    try:
        return msgspec.json.decode(body, type=_Told).parts
    except msgspec.DecodeError:
        return {}


class _Told(msgspec.Struct):
    parts: dict[str, bool]
