"""What a search was asked for, and what is refused before anything is started."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec

from load.cases import read_cases
from load.gates import bounds_of
from load.permit import require_permitted
from load.running import longest
from load.settings import RunSettings, read_credentials
from reference.gateway.profiles import CLIENTS
from reference.languages import Text, say
from reference.operating_system import SystemClock

P99 = "load.qr.p99"
THROUGHPUT = "load.qr.throughput"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command; rates a second, times in seconds unless named otherwise."""

    url: str
    own: bool
    profile: str
    cases: str
    gates: str
    p99_ms: float | None
    first: float
    rate: float
    duration: float
    budget: float
    precision: float
    seed: int
    generators: int
    connections: int
    workers: int
    cores: int | None
    price: float | None
    currency: str
    assumptions: Path | None
    lag_bound: float
    credentials: Path | None
    permit: Path | None
    database: str


class WrongCall(Exception):
    """Options that cannot be used; ``text`` names them, the reason and the next step."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def settings_of(asked: Asked) -> RunSettings:
    """The run that every step alters in rate and cases. Raises UnreadableCredentials."""
    return RunSettings(
        url=asked.url,
        cases=str(Path(asked.cases).absolute()) if asked.cases else "",
        profile=asked.profile,
        credentials=read_credentials(asked.credentials) if asked.credentials else None,
        rate=asked.rate,
        duration=asked.duration,
        seed=asked.seed,
        generators=asked.generators,
        connections=asked.connections,
    )


def bounds_for(asked: Asked) -> dict[str, float]:
    """What a step is held against: the gates without their throughput, which is what is searched.

    Raises UnusableGates and WrongCall.
    """
    bounds = bounds_of(asked.gates)
    bounds.pop(THROUGHPUT, None)
    if asked.p99_ms is not None:
        bounds[P99] = asked.p99_ms
    if P99 not in bounds:
        raise WrongCall(say("The gates {name} bound no p99: add --p99-ms, or name other gates.", name=asked.gates))
    return bounds


def check(asked: Asked, settings: RunSettings) -> None:
    """Refuse what no search can be made of. Raises WrongCall, NotPermitted and UnreadableCases."""
    foreign_only = asked.cases or asked.database or asked.credentials or asked.cores
    if asked.own == bool(asked.url) or (asked.own and foreign_only) or (asked.url and not asked.cases):
        raise WrongCall(say("Name either --self alone, or --url with --cases."))
    if asked.profile not in CLIENTS:
        known = ", ".join(CLIENTS)
        raise WrongCall(say("There is no wire profile {name}: {known}.", name=asked.profile, known=known))
    if asked.first > asked.rate:
        raise WrongCall(say("--from {first:g} is above --rate {rate:g}: lower it.", first=asked.first, rate=asked.rate))
    numbers = (asked.first, asked.rate, asked.duration, asked.budget, asked.precision, asked.price or 0.0)
    if not all(map(math.isfinite, numbers)):
        raise WrongCall(say("Rates, times and prices must be finite numbers."))
    if asked.url:
        seconds = asked.budget + 2 * longest(msgspec.structs.replace(settings, rate=1.0))
        require_permitted(asked.url, asked.rate, SystemClock().now_ms(), seconds, asked.permit)
        if not Path(settings.cases).is_file():
            raise WrongCall(say("{file}: there is no such file of cases.", file=settings.cases))
        next(read_cases(Path(settings.cases)), None)
