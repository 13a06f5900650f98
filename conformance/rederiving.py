"""Deriving the verdicts of a run again from its transcripts, without the product.

The same test bodies run against chips that play the recording back; plan, verdicts, findings and the overall verdict
must come out the same.
Source: architecture of the harness, evidence.
"""

from __future__ import annotations

import msgspec

from conformance.engine.planning import PlanningFault, twin_of
from conformance.engine.run import execute, suite, suite_digest
from conformance.engine.stand import RecordedChips, Stand
from conformance.evidence.circumstances import judging_of_load
from conformance.evidence.measured import Measured, differing, drawn
from conformance.evidence.model import Plan, TestResult, Verdict
from conformance.evidence.package import OF_PROFILE, PLAN, RESULTS, Package
from conformance.evidence.verdicts import VERDICT_NAMES, conclude
from reference.languages import Text, say
from reference.operating_system import SystemClock
from reference.standard import Standard

SUITES = {"user-card": "card"}
"""The suite that each kind of product is certified with."""


class CannotRederive(ValueError):
    """The package's verdicts cannot be derived here: says why and what to use instead."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class Difference(msgspec.Struct, frozen=True):
    """A verdict that comes out otherwise than recorded; ``test`` names the file where it is not one test's."""

    test: str
    recorded: Text
    derived: Text


class Derived(msgspec.Struct, frozen=True):
    """What comes out when a package's transcripts are judged again."""

    plan: Plan
    results: dict[str, TestResult]
    closed: frozenset[str] = frozenset()
    """Tests whose verdicts need the sealed part; they are not among the results."""


def rederive(package: Package, standard: Standard, only: frozenset[str] | None = None) -> Derived:
    """The results of the package's tests, derived again from their transcripts. Raises CannotRederive.

    A test counts as reached when its result says so or when it left a transcript. What is withheld is not derived.
    """
    check_versions(package, standard)
    if package.measured is not None:
        return _derived_from_figures(package, package.measured, standard)
    closed = needing_the_sealed_part(package)
    skipped = {result.test for result in package.results.tests if result.verdict is Verdict.SKIPPED}
    reached = frozenset(test.id for test in package.plan.tests if test.id not in skipped or package.transcript(test.id))
    stand = Stand(
        standard=standard,
        product=package.manifest.product,
        chips=RecordedChips(package.transcripts),
        transport=package.manifest.transport,
        data_set=package.manifest.data_set,
        expected=package.expected,
        clock=SystemClock(),
        seed=package.manifest.seed,
        budget=package.plan.budget,
        waivers=package.plan.waivers,
    )
    chosen = suite(SUITES[package.manifest.product.kind])
    try:
        plan, results = execute(
            stand, chosen, only=(reached if only is None else only) - closed, started=package.manifest.started
        )
    except PlanningFault as fault:
        raise CannotRederive(say("fault of the harness: {fault}", fault=fault)) from fault
    return Derived(plan, {result.test: result for result in results.tests if result.test not in closed}, closed)


def _derived_from_figures(package: Package, run: Measured, standard: Standard) -> Derived:
    """A load run, soak or staged fault has a record of its figures in place of transcripts."""
    plan, results = drawn(standard, run, started=package.manifest.started)
    return Derived(plan, {result.test: result for result in results.tests})


def needing_the_sealed_part(package: Package) -> frozenset[str]:
    """The tests of which something is withheld, and refusals whose positive twin is one of them."""
    withheld = {result.test for result in package.results.tests if result.withheld}
    ids = {test.id for test in package.plan.tests}
    leaning = {test.id for test in package.plan.tests if test.twin and twin_of(test, ids) in withheld}
    return frozenset(withheld | leaning)


def judge_again(package: Package, standard: Standard, test: str) -> TestResult:
    """One test derived again, together with the twin that it leans on. Raises CannotRederive."""
    planned = next(row for row in package.plan.tests if row.id == test)
    twin = {twin_of(planned, {row.id for row in package.plan.tests})} if planned.twin else set()
    return rederive(package, standard, only=frozenset({test} | twin)).results[test]


def check_versions(package: Package, standard: Standard) -> None:
    """Raise CannotRederive when suite or tables are not those of the run, or no suite judges the kind of product."""
    tool = package.manifest.environment.tool
    if package.measured is None and package.manifest.product.kind not in SUITES:
        raise CannotRederive(
            say(
                "no suite judges products of the kind {kind}; use {tool}", kind=package.manifest.product.kind, tool=tool
            )
        )
    if package.manifest.suite_digest != (suite_digest() if package.measured is None else judging_of_load()):
        raise CannotRederive(
            say(
                "the package was made with another version of the suite; derive it again with {tool}",
                tool=tool,
            )
        )
    if package.measured is None and package.manifest.profile != standard.profile.id:
        raise CannotRederive(
            say(
                "the run was made with the profile {recorded}, not {given}; give its file with --profile",
                recorded=package.manifest.profile,
                given=standard.profile.id,
            )
        )
    if package.manifest.standard_digest != standard.digest:
        raise CannotRederive(
            say(
                "the package was made with another profile or other tables of the standard; "
                "give them with --profile and --tables, or use {tool}",
                tool=tool,
            )
        )


def differences(package: Package, derived: Derived) -> tuple[Difference, ...]:
    """Where plan, verdict, finding or overall verdict is not the recorded one; empty where all are."""
    if package.plan != derived.plan:
        as_recorded, as_derived = (say("{count} tests", count=len(plan.tests)) for plan in (package.plan, derived.plan))
        return (Difference(PLAN, as_recorded, as_derived),)
    recorded = {result.test: result for result in package.results.tests}
    found = [
        Difference(id, _described(recorded.get(id)), _described(again))
        for id, again in derived.results.items()
        if id not in recorded or _essence(recorded[id]) != _essence(again)
    ]
    return (*found, *_figure_differences(package), *_overall_differences(package))


def _figure_differences(package: Package) -> tuple[Difference, ...]:
    """The figures of a load run, soak or staged fault that do not follow from the rest of its record."""
    if package.measured is None:
        return ()
    return tuple(
        Difference(
            OF_PROFILE[package.plan.profile],
            say("{figure}: {found}", figure=row.name, found=row.recorded),
            say("{figure}: {found}", figure=row.name, found=row.derived),
        )
        for row in differing(package.measured)
    )


def _overall_differences(package: Package) -> tuple[Difference, ...]:
    """Whether the overall verdict follows from the recorded ones, and the run owns up to what it left out."""
    results = package.results
    left_out = any(result.verdict is Verdict.SKIPPED for result in results.tests)
    narrowed = results.narrowed or (results.stopped is None and left_out)
    drawn = conclude(
        package.plan, results.tests, started=package.manifest.started, narrowed=narrowed, stopped=results.stopped
    )
    recorded = (results.overall, results.because, results.narrowed, results.waivers, results.tests)
    if recorded == (drawn.overall, drawn.because, narrowed, drawn.waivers, drawn.tests):
        return ()
    return (Difference(RESULTS, results.because, drawn.because),)


def _essence(result: TestResult) -> tuple[object, ...]:
    return result.verdict, result.exchanges, result.findings


def _described(result: TestResult | None) -> Text:
    if result is None:
        return say("no result")
    names = ", ".join(finding.violation for finding in result.findings) or "–"
    return say("{verdict} ({findings})", verdict=VERDICT_NAMES[result.verdict], findings=names)
