"""Platforms that are wrong under load, each in one way, as small ASGI applications, and a generator that needs no time.

They take the text of a code as the body of a request and answer with an outcome in one word; how long they took stands
in a header, since nothing here waits. `BROKEN` says which requirement of the catalogue each breaks, and as what it must
be caught; `HOLLOW` are those that do nothing, and must not pass for it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any, ClassVar

from load.cases import Case
from load.gates import bounds_of
from load.judging import Judge, Outcome, Recorded
from load.measuring import Latencies, Measured
from load.result import LoadResult, result_of
from load.settings import RunSettings
from reference.qr.use_log import ACCEPTED

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

COUNT = 1000
SECONDS = 1.0
REASONS = {
    "forged": "code.forged",
    "grafted": "code.grafted",
    "expired": "code.expired",
    "superseded": "code.superseded",
    "cancelled": "account.cancelled",
    "foreign": "code.foreign",
}
KINDS = ("static", "dynamic", "replayed", "replayed", *REASONS)
BOUNDS = bounds_of("correctness") | {
    "load.qr.error-share": 0.001,
    "load.qr.throughput": 100,
    "load.qr.p50": 100,
    "load.qr.p95": 500,
    "load.qr.p99": 1000,
    "load.qr.p999": 3000,
}


class Platform:
    """A platform that is right and quick: it knows the codes by their kind, and writes every use down."""

    def __init__(self) -> None:
        self.uses: list[str] = []
        self.spent: set[str] = set()
        self.asked = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Verify the code in the body."""
        self.asked += 1
        text = (await receive())["body"].decode()
        outcome = self.verify(text)
        if not outcome.startswith("system."):
            self.record(outcome)
        headers = [(b"seconds", str(self.seconds()).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": outcome.encode()})

    def verify(self, text: str) -> str:
        """The outcome, in one word."""
        kind, _, number = text.partition(" ")
        if kind in REASONS:
            return REASONS[kind]
        if kind != "static" and number in self.spent:
            return "code.consumed"
        self.spent.add(number)
        return ACCEPTED

    def record(self, outcome: str) -> None:
        """Write the use down."""
        self.uses.append(outcome)

    def seconds(self) -> float:
        """How long the answer took."""
        return 0.005

    def every(self, number: int) -> bool:
        """Whether this is such a request, by its place."""
        return self.asked % number == 0


class ForgedAccepted(Platform):
    """A token of the right form is enough: nobody looks the code up."""

    def verify(self, text: str) -> str:
        return ACCEPTED if text.startswith("forged") else super().verify(text)


class GoodRefused(Platform):
    """A lock that is waited for too long ends as a refusal."""

    def verify(self, text: str) -> str:
        return "code.expired" if text.startswith("static") and self.every(3) else super().verify(text)


class AnotherReason(Platform):
    """Every refusal is called expired."""

    def verify(self, text: str) -> str:
        right = super().verify(text)
        return right if right in (ACCEPTED, "code.consumed") else "code.expired"


class UseLost(Platform):
    """Some uses stay in memory and are dropped."""

    def record(self, outcome: str) -> None:
        if not self.every(50):
            super().record(outcome)


class SpentTwice(Platform):
    """Two workers count the uses of a code for themselves."""

    def verify(self, text: str) -> str:
        outcome = super().verify(text)
        return ACCEPTED if outcome == "code.consumed" and self.every(4) else outcome


class OftenBusy(Platform):
    """One request in a hundred finds no free connection to the database."""

    def verify(self, text: str) -> str:
        return "system.busy" if self.every(100) else super().verify(text)


class HangsOnce(Platform):
    """The last answer waits until all others have long gone."""

    def seconds(self) -> float:
        return 30.0 if self.asked == COUNT else 0.005


class SlowShare(Platform):
    """Every so many requests take so long."""

    share: ClassVar[int]
    slow: ClassVar[float]

    def seconds(self) -> float:
        return self.slow if self.every(self.share) else 0.005


class MostlySlow(SlowShare):
    """All answers take a fifth of a second."""

    share, slow = 1, 0.2


class TenthSlow(SlowShare):
    """One in ten waits for a disk."""

    share, slow = 10, 0.7


class FiftiethSlow(SlowShare):
    """One in fifty waits for a pool."""

    share, slow = 50, 1.5


class RarelySlow(SlowShare):
    """One in four hundred is sent a second time after a time limit."""

    share, slow = 400, 4.0


BROKEN: dict[type[Platform], tuple[str, str]] = {
    ForgedAccepted: ("load.qr.no-wrong-accept", "WrongAccept"),
    GoodRefused: ("load.qr.no-wrong-refusal", "WrongRefusal"),
    AnotherReason: ("load.qr.right-reason", "WrongReason"),
    UseLost: ("load.qr.no-lost-use", "LostUse"),
    SpentTwice: ("load.qr.single-use", "DoubleUse"),
    OftenBusy: ("load.qr.error-share", "TooManyErrors"),
    HangsOnce: ("load.qr.throughput", "TooFewAnswers"),
    MostlySlow: ("load.qr.p50", "TooSlow"),
    TenthSlow: ("load.qr.p95", "TooSlow"),
    FiftiethSlow: ("load.qr.p99", "TooSlow"),
    RarelySlow: ("load.qr.p999", "TooSlow"),
}
"""By platform: the requirement that it breaks, and the violation that it must be caught as."""


class AcceptsAll(Platform):
    """Says yes to whatever is shown."""

    def verify(self, text: str) -> str:
        return ACCEPTED


class RefusesAll(Platform):
    """Says no to whatever is shown, with a reason that fits some of it."""

    def verify(self, text: str) -> str:
        return "code.expired"


class ServesNobody(Platform):
    """Answers everything with a plea to come back later."""

    def verify(self, text: str) -> str:
        return "system.busy"


HOLLOW = (AcceptsAll, RefusesAll, ServesNobody)


def cases() -> Iterator[Case]:
    """Codes of every kind; each single-use code of the kind replayed is shown twice."""
    for number in range(COUNT):
        kind = KINDS[number % len(KINDS)]
        shown = number // len(KINDS)
        if kind in REASONS:
            yield Case(kind, f"{kind} {number}", frozenset({REASONS[kind]}))  # type: ignore[arg-type]
        elif kind == "replayed":
            yield Case("replayed", f"replayed r{shown}", frozenset({ACCEPTED, "code.consumed"}), "", shown + 1)
        else:
            yield Case(kind, f"{kind} {number}", frozenset({ACCEPTED}))  # type: ignore[arg-type]


def run_against(
    platform: Platform,
    *,
    bounds: dict[str, float] = BOUNDS,
    shown: Iterator[Case] | None = None,
    lag: float = 0.001,
    ended: bool = True,
    records: bool = True,
    reachable: bool = True,
) -> LoadResult:
    """What a run against the platform comes to."""
    judge, response, late = Judge(), Latencies(), Latencies()
    late.record(lag)
    last = 0.0
    listed = list(shown if shown is not None else cases())
    answers = asyncio.run(_all_asked(platform, listed))
    for place, (case, (outcome, seconds)) in enumerate(zip(listed, answers, strict=True)):
        judge.counts.scheduled += 1
        judge.counts.started += 1
        judge.answered(case, Outcome(frozenset({outcome})), f"r{place}")
        response.record(seconds)
        last = max(last, place / len(listed) * SECONDS + seconds)
    measured = Measured(
        ended=ended,
        started_ms=1_790_000_000_000,
        seconds=last,
        counts=judge.counts,
        response=response.encoded(),
        service=response.encoded(),
        lag=late.encoded(),
        wake=late.encoded(),
        wrong=tuple(judge.wrong),
        keys=judge.keys,
    )
    accepted = platform.uses.count(ACCEPTED)
    recorded = Recorded(accepted=accepted, refused=len(platform.uses) - accepted) if records else None
    settings = RunSettings(url="http://127.0.0.1:1", cases="", rate=COUNT / SECONDS, duration=SECONDS)
    return result_of(settings, measured, recorded, bounds, "own.toml", reachable_after=reachable)


async def _all_asked(platform: Platform, shown: list[Case]) -> list[tuple[str, float]]:
    return [await _asked(platform, case.text) for case in shown]


async def _asked(platform: Platform, text: str) -> tuple[str, float]:
    """One exchange with the application: the outcome, and how long it took."""
    sent: list[Message] = []
    bodies = itertools.chain([{"type": "http.request", "body": text.encode(), "more_body": False}])

    async def receive() -> Message:
        return next(bodies)

    async def send(message: Message) -> None:
        sent.append(message)

    await platform({"type": "http"}, receive, send)
    head, body = sent
    return body["body"].decode(), float(dict(head["headers"])[b"seconds"])
