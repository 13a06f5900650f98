"""One search from the options to the report: the target, the steps, what they cost, and what is written."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import typer

from load import gates as gating
from load.benchmarks import parts
from load.benchmarks.prepared import Prepared
from load.capacity import own_platform, where_time_goes
from load.capacity.asked import P99, Asked, WrongCall, bounds_for, check, settings_of
from load.capacity.assumptions import UnusableAssumptions, assumptions_of
from load.capacity.cost import cost_of
from load.capacity.foreign_platform import ForeignPlatform
from load.capacity.lines import as_lines, step_line
from load.capacity.projection import projected
from load.capacity.requirements import judged_rows
from load.capacity.result import CapacityResult, saturation_of
from load.capacity.search import Bracket, Limits, Outcome, search
from load.capacity.stepping import BY_THE_USER, Stepper, Target
from load.capacity.steps import KEEPS_UP, Step
from load.capacity.where_time_goes import WhereTimeGoes
from load.capacity.writing import Unwritable, write
from load.cases import UnreadableCases
from load.permit import NotPermitted
from load.reaching import require_reachable
from load.running import GeneratorFailed
from load.settings import RunSettings, UnreadableCredentials
from reference.command_line import Exit, Language, refused
from reference.languages import Text, say
from reference.ports import ProductUnreachable
from reference.store import Store

Tell = Callable[[Step], None]
PARTS_PROFILE = "sichuan"
"""The profile whose parts `load.benchmarks.parts` measures."""


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """What a search leaves behind."""

    target: str
    bracket: Bracket
    steps: tuple[Step, ...]
    incomplete: Text | None
    time: WhereTimeGoes
    cores: int | None


def answer(asked: Asked, json_file: str, out: str, lang: Language) -> Exit:
    """Search, write, and the exit code. Raises typer.Exit for what is refused or cannot be reached."""
    try:
        found = examined(asked, lambda step: typer.echo(step_line(step).inside(lang), err=True))
        lacking = write(found, json_file, out, lang)
    except (WrongCall, UnusableAssumptions, UnreadableCases, gating.UnusableGates, Unwritable) as error:
        raise refused(error.text, lang) from None
    except (NotPermitted, UnreadableCredentials) as error:
        raise refused(error.text, lang) from None
    except ProductUnreachable as error:
        raise refused(error.explained(), lang, Exit.UNREACHABLE) from None
    except GeneratorFailed as error:
        raise refused(error.text, lang, Exit.INCOMPLETE) from None
    except KeyboardInterrupt:
        raise refused(say("Interrupted before there was a report."), lang, Exit.INCOMPLETE) from None
    if json_file != "-":
        for line in as_lines(found):
            typer.echo(line.inside(lang))
    if lacking is not None:
        typer.echo(lacking.inside(lang), err=True)
    return found.exit_code


def examined(asked: Asked, tell: Tell = lambda step: None) -> CapacityResult:
    """The whole report. Raises what `answer` explains."""
    assumptions, bounds = assumptions_of(asked.assumptions), bounds_for(asked)
    settings = settings_of(asked)
    check(asked, settings)
    started_ms = time.time_ns() // 1_000_000
    searched = (_own if asked.own else _foreign)(asked, settings, bounds, tell)
    saturation = saturation_of(searched.bracket, searched.steps)
    return CapacityResult(
        target=searched.target,
        own=asked.own,
        profile=asked.profile,
        started_ms=started_ms,
        seed=asked.seed,
        step_seconds=asked.duration,
        connections=asked.connections,
        generators=asked.generators,
        workers=asked.workers if asked.own else None,
        cores=searched.cores,
        gates_from=asked.gates,
        bounds=bounds,
        p99_bound_ms=bounds[P99],
        generator_lag_bound_ms=asked.lag_bound,
        keeps_up=KEEPS_UP,
        incomplete=searched.incomplete,
        saturation=saturation,
        steps=searched.steps,
        time=searched.time,
        cost=cost_of(core_us(searched), saturation.throughput, searched.cores, asked.price, asked.currency),
        assumptions=assumptions.assumption,
        projection=projected(assumptions, saturation.throughput, searched.cores),
        requirements=judged_rows(saturation, searched.steps),
    )


def core_us(searched: Searched | Stepper) -> float | None:
    """Processor time a verification in the highest step that held, in microseconds."""
    held = [step for step in searched.steps if step.outcome is Outcome.HELD]
    return max(held, key=lambda step: step.rate).core_us if held else None


def _own(asked: Asked, settings: RunSettings, bounds: dict[str, float], tell: Tell) -> Searched:
    """Search the reference platform, then measure its parts on the same database."""
    with own_platform.filled() as held:
        with own_platform.served(held, asked.profile, asked.workers) as target:
            stepper, bracket = _searched(target, asked, settings, bounds, tell)
            cores = target.cores
        spent = _spent(held, asked.profile, stepper)
    return _found(target.url, stepper, bracket, spent, cores)


def _spent(held: Prepared, profile: str, stepper: Stepper) -> WhereTimeGoes:
    """The parts of a verification, unless the user wants to be done."""
    if profile != PARTS_PROFILE:
        return where_time_goes.of_another_profile()
    if stepper.interrupted is None:
        try:
            return where_time_goes.of_parts(parts.measure(held), core_us(stepper))
        except KeyboardInterrupt:
            stepper.interrupted = BY_THE_USER
    return where_time_goes.of_an_interrupted_search()


def _foreign(asked: Asked, settings: RunSettings, bounds: dict[str, float], tell: Tell) -> Searched:
    """Search a platform that runs already. Raises ProductUnreachable."""
    require_reachable(asked.url)
    store = Store(asked.database) if asked.database else None
    try:
        with tempfile.TemporaryDirectory(prefix="healthcard-capacity-") as folder:
            target = ForeignPlatform(asked.url, Path(settings.cases), Path(folder), store)
            stepper, bracket = _searched(target, asked, settings, bounds, tell)
    finally:
        if store is not None:
            store.close()
    spent = where_time_goes.of_a_foreign_platform()
    return _found(asked.url, stepper, bracket, spent, asked.cores)


def _found(url: str, stepper: Stepper, bracket: Bracket, spent: WhereTimeGoes, cores: int | None) -> Searched:
    return Searched(
        target=url,
        bracket=bracket,
        steps=tuple(stepper.steps),
        incomplete=stepper.interrupted,
        time=spent,
        cores=cores,
    )


def _searched(
    target: Target, asked: Asked, settings: RunSettings, bounds: dict[str, float], tell: Tell
) -> tuple[Stepper, Bracket]:
    stepper = Stepper(target, settings, bounds, asked.gates, asked.lag_bound, asked.budget, tell)
    limits = Limits(first=asked.first, highest=asked.rate, precision=asked.precision)
    bracket = search(stepper.attempt, limits)
    if stepper.interrupted is not None:
        bracket = msgspec.structs.replace(bracket, ended="interrupted")
    return stepper, bracket
