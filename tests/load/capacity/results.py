"""Capacity results made up for tests: a platform that saturates at a known rate, without any run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conformance.evidence.model import Verdict
from load.benchmarks.parts import Part
from load.capacity.assumptions import assumptions_of
from load.capacity.cost import cost_of
from load.capacity.projection import projected
from load.capacity.requirements import judged_rows
from load.capacity.result import CapacityResult, saturation_of
from load.capacity.search import Bracket, Limits, Outcome, search
from load.capacity.steps import KEEPS_UP, Step
from load.capacity.where_time_goes import of_parts
from load.gates import gates
from load.measuring import WrongAnswer
from reference.languages import Text

BOUND_MS = 1000.0
RIGHT = [gate.id for gate in gates().values() if gate.always is not None]
PARTS = (
    Part("envelope: open, whole", 60.0, 4.0, "msgspec decodes the envelope"),
    Part("  of it the digest", 9.0, 8.0, "SM3 of as many bytes"),
    Part("  of it deciphering the body", 8.0, 6.0, "SM4 of as many blocks"),
    Part("answer: write and encipher", 14.0, 6.0, "SM4 of as many blocks"),
    Part("text of the code", 2.0, 0.3, "split at the colons"),
    Part("code and account: look-up", 6.0, 3.0, "sqlite3: both rows by a key of one"),
    Part("whole group, without marks and commit", 50.0, 0.0, ""),
    Part("commit, shared by the group", 4.0, 3.0, "fsync of a page"),
)

WRONG = (
    WrongAnswer(request="run-<7>", wrong="wrong-accept", kind="forged", expected=("code.forged",), got=("accepted",)),
)


def step(rate: float, outcome: Outcome = Outcome.HELD, number: int = 1, **fields: Any) -> Step:
    """A step whose latency grows with the rate."""
    late = 5.0 if outcome is Outcome.HELD else 900.0
    known: dict[str, Any] = {
        "number": number,
        "rate": rate,
        "scheduled": int(rate * 2),
        "answered": int(rate * 2),
        "waited": 0,
        "throughput": rate,
        "error_share": 0.0,
        "p50_ms": late,
        "p95_ms": late * 2,
        "p99_ms": late * 3,
        "p999_ms": late * 4,
        "service_p50_ms": 4.0,
        "service_p95_ms": 8.0,
        "service_p99_ms": 12.0,
        "service_p999_ms": 16.0,
        "generator_lag_p99_ms": 0.5,
        "valid": outcome is not Outcome.GENERATOR_SATURATED,
        "wrong_accepts": int(outcome is Outcome.WRONG),
        "wrong_refusals": 0,
        "wrong_reasons": 0,
        "lost_events": 0,
        "double_uses": 0,
        "core_us": 400.0,
        "outcome": outcome,
        "because": (),
        "wrong": WRONG if outcome is Outcome.WRONG else (),
        "verdicts": dict.fromkeys(RIGHT, Verdict.PASSED)
        | ({"load.qr.no-wrong-accept": Verdict.FAILED} if outcome is Outcome.WRONG else {}),
    }
    return Step(**(known | fields))


class MadeUpPlatform:
    """Holds up to a rate; beyond another one the generator lags."""

    def __init__(self, saturation: float, generator: float = float("inf")) -> None:
        self.saturation, self.generator = saturation, generator
        self.rates: list[float] = []
        self.steps: list[Step] = []

    def attempt(self, rate: float) -> Outcome | None:
        """A step at the rate."""
        self.rates.append(rate)
        outcome = Outcome.HELD
        if rate > self.saturation:
            outcome = Outcome.PLATFORM_SATURATED
        elif rate > self.generator:
            outcome = Outcome.GENERATOR_SATURATED
        self.steps.append(step(rate, outcome, len(self.rates)))
        return outcome


def capacity_result(
    saturation: float = 640.0,
    *,
    generator: float = float("inf"),
    target: str = "http://127.0.0.1:8080",
    foreign: bool = False,
    price: float | None = 0.3,
    currency: str = "CNY",
    assumptions: Path | None = None,
) -> CapacityResult:
    """The report of a search against a made-up platform."""
    platform = MadeUpPlatform(saturation, generator)
    bracket = search(platform.attempt, Limits(first=200.0, highest=20_000.0))
    return result_with(bracket, tuple(platform.steps), target, foreign, price, currency, assumptions)


def result_with(
    bracket: Bracket,
    steps: tuple[Step, ...],
    target: str = "http://127.0.0.1:8080",
    foreign: bool = False,
    price: float | None = None,
    currency: str = "CNY",
    assumptions: Path | None = None,
) -> CapacityResult:
    """The report of some steps."""
    found, known = saturation_of(bracket, steps), assumptions_of(assumptions)
    core_us = None if foreign else 400.0
    time = of_parts((), None) if foreign else of_parts(PARTS, core_us)
    return CapacityResult(
        target=target,
        own=not foreign,
        profile="sichuan",
        started_ms=1_767_225_600_000,
        seed=1,
        step_seconds=2.0,
        connections=64,
        generators=1,
        workers=None if foreign else 1,
        cores=None if foreign else 1,
        gates_from="province",
        bounds={"load.qr.p99": BOUND_MS},
        p99_bound_ms=BOUND_MS,
        generator_lag_bound_ms=10.0,
        keeps_up=KEEPS_UP,
        saturation=found,
        steps=steps,
        time=time if not foreign else type(time)(unknown=Text("not seen", "看不到")),
        cost=cost_of(core_us, found.throughput, None if foreign else 1, price, currency),
        assumptions=known.assumption,
        projection=projected(known, found.throughput, None if foreign else 1),
        requirements=judged_rows(found, steps),
    )
