"""What the capacity report says, as one object written as JSON, and the exit code that follows from it.

Exit codes: 0 a saturation point or a lower bound was found and every answer was right; 1 some answer was wrong; 2 not
even the lowest rate held, or the search was broken off, so that there is no figure.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from conformance.evidence.model import Verdict
from load.capacity.assumptions import Assumption
from load.capacity.cost import Cost
from load.capacity.projection import Projected
from load.capacity.search import Bracket, Outcome
from load.capacity.steps import Step
from load.capacity.where_time_goes import WhereTimeGoes
from reference.command_line import Exit
from reference.languages import Text, say
from reference.standard.rows import Level

SCHEMA_VERSION = 1


Limit = Literal["platform", "generator", "rate", "cases or time", "nothing held", "wrong answer", "interrupted"]


class Saturation(msgspec.Struct, frozen=True, kw_only=True):
    """What the search found. Rates are verifications a second."""

    bracket: Bracket
    throughput: float | None
    """What was answered in the highest step that held."""
    uncertainty: float | None
    """The width of the bracket as a share of its lower end."""
    limited_by: Limit
    """What ended the rise: the platform itself, or what made the figure a lower bound."""

    @property
    def lower_bound(self) -> bool:
        """Whether the platform may carry more."""
        return self.limited_by in ("generator", "rate", "cases or time")


class JudgedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement of the catalogue with what the search says of it, and why where that is no plain answer."""

    id: str
    level: Level
    text: Text
    verdict: Verdict
    because: Text | None


class CapacityResult(msgspec.Struct, frozen=True, kw_only=True):
    """The report. ``workers`` and ``cores`` are the platform's, where they are known."""

    schema_version: int = SCHEMA_VERSION
    kind: Literal["load.capacity"] = "load.capacity"
    target: str
    own: bool
    """Whether the target was the reference platform on this machine."""
    profile: str
    started_ms: int
    seed: int
    step_seconds: float
    connections: int
    generators: int
    workers: int | None
    cores: int | None
    gates_from: str
    bounds: dict[str, float]
    p99_bound_ms: float
    generator_lag_bound_ms: float
    keeps_up: float
    incomplete: Text | None = None
    """Why the search, or what follows it, was broken off; None where all came to its end."""
    saturation: Saturation
    steps: tuple[Step, ...]
    time: WhereTimeGoes
    cost: Cost
    assumptions: tuple[Assumption, ...]
    projection: tuple[Projected, ...]
    requirements: tuple[JudgedRow, ...]

    @property
    def exit_code(self) -> Exit:
        """0 a figure with every answer right, 1 a wrong answer, 2 no figure or broken off."""
        if self.saturation.limited_by == "wrong answer":
            return Exit.NOT_CONFORMANT
        has_figure = self.saturation.throughput is not None and self.incomplete is None
        return Exit.CONFORMANT if has_figure else Exit.INCOMPLETE

    @property
    def headline(self) -> Text:
        """The result in one sentence."""
        found = self.saturation
        if found.limited_by == "wrong answer":
            return say("Answers or records were wrong under load: no rate counts until that is mended")
        if found.limited_by == "interrupted":
            return say("Broken off: no saturation point was found")
        if found.throughput is None:
            return say("No rate held: there is no figure")
        if found.lower_bound:
            return say("At least {rate:.0f} verifications a second: a lower bound", rate=found.throughput)
        return say("Saturated at {rate:.0f} verifications a second", rate=found.throughput)

    @property
    def explanation(self) -> Text:
        """What the figure means, and how sure it is."""
        return explained(self.saturation)


def saturation_of(bracket: Bracket, steps: tuple[Step, ...]) -> Saturation:
    """What the bracket says, with the throughput of its lower end; no figure of a search that was broken off."""
    if bracket.ended == "interrupted":
        return Saturation(bracket=bracket, throughput=None, uncertainty=None, limited_by="interrupted")
    held = [step.throughput for step in steps if step.outcome is Outcome.HELD and step.rate == bracket.held]
    return Saturation(
        bracket=bracket,
        throughput=max(held, default=None),
        uncertainty=bracket.uncertainty,
        limited_by=_limited_by(bracket),
    )


def _limited_by(bracket: Bracket) -> Limit:
    if bracket.ended == "wrong":
        return "wrong answer"
    if bracket.held is None:
        return "nothing held"
    if bracket.failed_as is Outcome.PLATFORM_SATURATED:
        return "platform"
    if bracket.failed_as is Outcome.GENERATOR_SATURATED:
        return "generator"
    return "rate" if bracket.ended == "highest" else "cases or time"


def explained(found: Saturation) -> Text:
    """What a saturation point, or the lack of one, means."""
    bracket = found.bracket
    match found.limited_by:
        case "platform":
            return say(
                "The platform held {held:.0f} a second and failed at {failed:.0f}: the saturation point lies between, "
                "an uncertainty of {share:.0%}.",
                held=bracket.held,
                failed=bracket.failed,
                share=found.uncertainty,
            )
        case "generator":
            return say(
                "Above {held:.0f} a second the generator lagged, not the platform: the run at {failed:.0f} is invalid. "
                "More generators, or another machine for them, may find more.",
                held=bracket.held,
                failed=bracket.failed,
            )
        case "rate":
            return say("The highest rate that was allowed held: raise --rate to find more.")
        case "cases or time":
            return say("The search ended before any step failed: more cases or a longer --budget may find more.")
        case "interrupted" if bracket.held is None:
            return say("The steps until then are kept; none of them held.")
        case "interrupted":
            return say("The steps until then are kept; the platform held {held:.0f} a second.", held=bracket.held)
        case "nothing held":
            return say("No step held, down to the lowest rate that was tried: the steps below say why.")
        case _:
            return say("The step with the wrong answers is the last one below; healthcard load qr tells more.")
