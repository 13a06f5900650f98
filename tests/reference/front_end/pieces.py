"""Pieces of a front-end for tests: a clock and pauses that do not wait, and a platform that answers as it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from reference.ecard.verbs import Account, Answer, Code, Person, Reported, ReportUses, Verb, Verified
from reference.front_end.carrier import Carried, PlatformAway
from reference.front_end.clock_check import ClockCheck
from reference.front_end.facts import carried_by
from reference.front_end.owners import CodeValidator
from reference.front_end.reading import Reader
from reference.front_end.service import FrontEnd
from reference.front_end.spool import Spool
from reference.front_end.terminals import InHouseTerminal, Terminals
from reference.front_end.uploading import Uploader
from reference.front_end.upstream import Upstream
from reference.gateway.wire import Request, WireRefusal
from simulators.sources import SeededRandomness
from tests.platform import NOON_MS

TERMINAL = "5101000010300"
BLOCKED = "5101000010301"
CARD = "99CEAF7217DCFBA97402465CA54C7877980A3C1785B14EFAE41A1A2258206025"
STATIC = f"{CARD}:1"
DYNAMIC = f"{CARD}:0:{'A1' * 16}"
MERGED = f"{CARD}:1:{'130000000000000000'}:5101A0001"
INSURANCE = "424" + "0" * 25
ACCOUNT = Account(
    person=Person(id_type="01", id_number="11010020171225006X", name="测试甲"),
    index_id="C3CABF018DF969CF18C51728CC07252FD99AFD85115862A8A7246D2C80607C87",
    ecard_id=CARD,
    state="normal",
    registered_ms=0,
    updated_ms=0,
)
VERIFIED = Verified(account=ACCOUNT, kind="dynamic", expires_ms=NOON_MS + 60_000, uses_left=0)
CODE = Code(text=DYNAMIC, kind="dynamic", ecard_id=CARD, issued_ms=NOON_MS)
LOST = PlatformAway("http://platform", "timed out", sent=True)
UNREACHED = PlatformAway("http://platform", "Connection refused", sent=False)
CONSUMED = WireRefusal("00", "二维码已使用", frozenset({"code.consumed"}))
PASSING = WireRefusal("00", "系统忙", frozenset({"system.busy"}))


@dataclass
class HeldClock:
    """Stands until it is moved; pauses move it."""

    at_ms: int = NOON_MS
    paused: list[float] = field(default_factory=list)

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic_us(self) -> int:
        return self.at_ms * 1000

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.at_ms += round(seconds * 1000)


@dataclass
class ToldPlatform:
    """Client and carrier in one: what it was asked, and what it answers to each request in turn, the last for ever."""

    answers: list[Answer | Exception | Callable[[Verb], Answer]] = field(default_factory=lambda: [VERIFIED])
    asked: list[Verb] = field(default_factory=list)
    nonces: list[bytes] = field(default_factory=list)
    date_ms: int | None = None
    id: str = "sichuan"
    address: str = "http://platform"

    def write(self, verb: Verb, now_ms: int, nonce: bytes) -> Request:
        self.asked.append(verb)
        self.nonces.append(nonce)
        return Request("POST", "/", {}, b"")

    def carry(self, request: Request) -> Carried:
        if isinstance(self.answers[0], PlatformAway):
            raise self._next()  # type: ignore[misc]
        return Carried(200, b"", self.date_ms)

    def read(self, verb: Verb, body: bytes) -> Answer:
        answer = self._next()
        if isinstance(answer, Exception):
            raise answer
        return answer(verb) if callable(answer) else answer

    def _next(self) -> Answer | Exception | Callable[[Verb], Answer]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@dataclass
class Bench:
    """A front-end with all its pieces at hand."""

    platform: ToldPlatform
    clock: HeldClock
    check: ClockCheck
    upstream: Upstream
    spool: Spool
    uploader: Uploader
    front_end: FrontEnd


def bench(folder: Path, profile: str = "sichuan", owners: dict[str, CodeValidator] | None = None) -> Bench:
    """A front-end before a told platform."""
    platform, clock, check = ToldPlatform(), HeldClock(), ClockCheck(30)
    upstream = Upstream(lambda terminal: platform, platform, clock, SeededRandomness(1), clock.pause, check)
    spool = Spool(folder / "front-end.db")
    carries = carried_by(profile)
    terminals = Terminals(
        [InHouseTerminal(TERMINAL, "0300", "01"), InHouseTerminal(BLOCKED, "0301", "01", state="blocked")]
    )
    front_end = FrontEnd(upstream, Reader(upstream, owners or {}), spool, terminals, carries, clock, check)  # type: ignore[arg-type]
    return Bench(platform, clock, check, upstream, spool, Uploader(spool, upstream, carries, clock), front_end)


def all_kept(verb: Verb) -> Answer:
    """The platform keeps every use."""
    assert isinstance(verb, ReportUses)
    return Reported(kept=len(verb.uses), known=0)
