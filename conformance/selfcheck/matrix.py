"""The detection matrix: all mutants, run side by side in processes of their own, and what they show of the suite.

Its outcome does not depend on the number of processes or on their order: each mutant is run from its own seed, and the
record lists them in the order of the registry.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.pool import ApplyResult

from conformance.engine.run import suite_digest
from conformance.evidence.matrix import SCHEMA_VERSION, Catch, Matrix, Survivor
from conformance.selfcheck.mutation import confront, testable
from reference.standard import Standard, load
from simulators.cards.mutants import Mutant, registered
from simulators.cards.mutants.survivors import survivors

PATIENCE_S = 300
"""A mutant that takes longer hangs: it is not caught."""


def chosen(standard: Standard, requirement: str = "") -> list[Mutant]:
    """The mutants of one requirement, or of all."""
    return [mutant for mutant in registered(standard) if not requirement or mutant.breaks[0] == requirement]


def detection_matrix(
    standard: Standard,
    mutants: Sequence[Mutant],
    *,
    jobs: int,
    full: bool = False,
    finished: Callable[[Catch], None] = lambda catch: None,
) -> Matrix:
    """Run the mutants in ``jobs`` processes; ``finished`` is told of each in the order of the registry."""
    catches = []
    with _running(standard, mutants, jobs, full) as running:
        for mutant, result in zip(mutants, running, strict=True):
            try:
                catch = result.get(PATIENCE_S)
            except multiprocessing.TimeoutError:
                catch = _not_run(mutant, f"no answer in {PATIENCE_S} s")
            except Exception as fault:
                catch = _not_run(mutant, f"{type(fault).__name__}: {fault}")
            catches.append(catch)
            finished(catch)
    return drawn_up(standard, catches, full=full)


def drawn_up(standard: Standard, catches: Sequence[Catch], *, full: bool) -> Matrix:
    """The matrix of these mutants."""
    explained = survivors()
    every = list(registered(standard))
    first = {mutant.breaks[0] for mutant in every}
    return Matrix(
        schema_version=SCHEMA_VERSION,
        profile=standard.profile.id,
        suite_digest=suite_digest(),
        standard_digest=standard.digest,
        whole=len(catches) == len(every),
        full=full,
        mutants=len(catches),
        caught=sum(catch.caught for catch in catches),
        caught_for_right_reason=sum(catch.for_the_right_reason for catch in catches),
        sampled_tests=sum(catch.sampled for catch in catches),
        survivors=tuple(
            Survivor(
                mutant=catch.mutant,
                requirement=catch.breaks[0],
                wanted=catch.wanted,
                findings=(catch.fault,) if catch.fault else catch.findings,
                reason=explained.get(catch.mutant),
            )
            for catch in catches
            if not catch.for_the_right_reason
        ),
        noise=tuple(f"{catch.mutant}: {test}" for catch in catches for test in catch.noise),
        requirements_without_mutant=tuple(id for id in testable(standard) if id not in first),
        catches=tuple(catches),
    )


def _not_run(mutant: Mutant, fault: str) -> Catch:
    return Catch(
        mutant=mutant.name,
        why=mutant.why,
        breaks=mutant.breaks,
        wanted=f"{mutant.caught_as} {mutant.subject}".strip(),
        fault=fault,
    )


# -- the processes -----------------------------------------------------------------------------------------------

_known: dict[str, Mutant] = {}
"""In a worker: its own mutants by name. A mutant holds functions, which cannot be sent from process to process."""


@contextmanager
def _running(
    standard: Standard, mutants: Sequence[Mutant], jobs: int, full: bool
) -> Iterator[list[ApplyResult[Catch]]]:
    """All mutants under way in a pool, which is ended on leaving, hung processes as well."""
    profile = standard.profile.id
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield [pool.apply_async(_confront, (profile, mutant.name, full)) for mutant in mutants]


def _confront(profile: str, name: str, full: bool) -> Catch:
    standard = load(profile)
    if not _known:
        _known.update((mutant.name, mutant) for mutant in registered(standard))
    return confront(_known[name], standard, full=full)
