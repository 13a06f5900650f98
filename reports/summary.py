"""What a report says, drawn once from the evidence; page, JSON and JUnit file only give it a form.

The verdicts follow `conformance.evidence.verdicts`; no clause of the standard is followed here.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import msgspec

from conformance.evidence.decoding import command_name, tables_for
from conformance.evidence.model import (
    Exchange,
    Manifest,
    Overall,
    Plan,
    PlannedRequirement,
    PlannedTest,
    Results,
    TestResult,
    Verdict,
    Waiver,
    WaiverOutcome,
)
from conformance.evidence.package import Package
from conformance.evidence.staged_faults import FaultRun
from conformance.evidence.timing import Timing, timings
from conformance.evidence.under_faults import SoakRun
from conformance.evidence.under_load import LoadRun
from conformance.evidence.verdicts import (
    completed,
    conclude,
    counts,
    requirement_verdicts,
    tally,
)
from conformance.evidence.waiving import in_error, requirements_of
from reference.languages import Text, say
from reference.standard.rows import Basis, Level

WITHOUT_ANSWER = (Verdict.ERROR, Verdict.BLOCKED, Verdict.SKIPPED, Verdict.INCONCLUSIVE)
"""Verdicts of tests that leave a question open, the most urgent first."""

HEADLINE_GROUPS: tuple[tuple[Text, tuple[Basis, ...]], ...] = (
    (say("normative"), (Basis.NORMATIVE,)),
    (say("from the field"), (Basis.FIELD,)),
    (say("decided"), (Basis.SIBLING, Basis.DECISION)),
)

AREA_PARTS = 2
"""How many leading parts of a requirement's id name its area: ``card.df02``."""


class JudgedTest(msgspec.Struct, frozen=True, kw_only=True):
    """A planned test with its result and, where the report shows it, its transcript."""

    planned: PlannedTest
    result: TestResult
    reproduce: str
    """The command that shows it again."""
    exchanges: tuple[Exchange, ...] = ()


class JudgedRequirement(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement with its verdict; None where it cannot be tested."""

    planned: PlannedRequirement
    verdict: Verdict | None
    tests: tuple[JudgedTest, ...]

    @property
    def area(self) -> str:
        """The leading parts of the id, which name what the requirement is about."""
        return ".".join(self.planned.id.split(".")[:AREA_PARTS])


class SettledWaiver(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver or expected failure with what became of it in this run."""

    planned: Waiver
    outcome: WaiverOutcome
    tests: tuple[JudgedTest, ...]
    """The tests that failed, or warned, as it expects."""
    rules: tuple[str, ...]
    """The requirements that these tests break and for which it speaks."""

    @property
    def in_error(self) -> bool:
        """Whether it is itself an error of the run."""
        return bool(in_error([self.outcome]))

    @property
    def excuses(self) -> bool:
        """Whether a mandatory failure counts as waived because of it."""
        return self.planned.kind == "waiver" and any(test.result.verdict is Verdict.FAILED for test in self.tests)


class NamedTiming(msgspec.Struct, frozen=True, kw_only=True):
    """How long one command took, with its name."""

    timing: Timing
    name: Text


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a report says, in the order of the plan."""

    manifest: Manifest
    plan: Plan
    results: Results
    overall: Overall
    because: Text
    headline: Text
    counts: dict[Verdict, int]
    """Tests by verdict; their sum is the number of planned tests."""
    requirement_counts: dict[Verdict, int]
    """Requirements by verdict; those that cannot be tested are not among them."""
    requirements: tuple[JudgedRequirement, ...]
    tests: tuple[JudgedTest, ...]
    timings: tuple[NamedTiming, ...]
    load: LoadRun | None
    """The figures of a load run; None for any other."""
    soak: SoakRun | None
    """The figures of a soak; None for any other run."""
    fault: FaultRun | None
    """The figures of a staged fault; None for any other run."""
    waivers: tuple[SettledWaiver, ...]
    manifest_digest: str
    signer: str
    signer_standing: str

    @property
    def measured(self) -> LoadRun | SoakRun | FaultRun | None:
        """The figures of a run that keeps no exchanges; None for a run of a suite."""
        return self.load or self.soak or self.fault

    @property
    def contradicts_package(self) -> bool:
        """Whether the package claims another overall verdict than its own results give."""
        return self.overall is not self.results.overall

    def cut_short(self) -> list[Text]:
        """Why not everything planned was run; empty for a whole run."""
        reasons = []
        if self.results.stopped is not None:
            reasons.append(say("The run ended early: {reason}", reason=self.results.stopped))
        if self.results.narrowed:
            reasons.append(say("The run was narrowed by hand: not every planned test was run."))
        return reasons

    def with_verdict(self, *verdicts: Verdict) -> list[JudgedTest]:
        """The tests with one of these verdicts, in the order of the verdicts, then of the plan."""
        return [test for verdict in verdicts for test in self.tests if test.result.verdict is verdict]

    def without_answer(self) -> list[JudgedTest]:
        """The tests that left their question open."""
        return self.with_verdict(*WITHOUT_ANSWER)

    def not_testable(self) -> list[JudgedRequirement]:
        """The requirements that no test can judge."""
        return [row for row in self.requirements if row.planned.not_testable is not None]

    def not_applicable(self) -> list[JudgedRequirement]:
        """The requirements that the capability statement puts out of question."""
        return [row for row in self.requirements if row.verdict is Verdict.NOT_APPLICABLE]

    def areas(self) -> dict[str, list[JudgedRequirement]]:
        """The requirements by area, in the order of the plan."""
        grouped: dict[str, list[JudgedRequirement]] = {}
        for row in self.requirements:
            grouped.setdefault(row.area, []).append(row)
        return grouped

    def cell(self, level: Level, basis: Basis) -> list[JudgedRequirement]:
        """The requirements of one level and basis."""
        return [row for row in self.requirements if (row.planned.level, row.planned.basis) == (level, basis)]


def summarise(package: Package) -> Summary:
    """Draw everything from the evidence. A transcript is read only for tests that did not simply pass."""
    plan = package.plan
    results = completed(plan, package.results)
    drawn = conclude(
        plan,
        results.tests,
        started=package.manifest.started,
        narrowed=results.narrowed,
        stopped=results.stopped,
    )
    results = msgspec.structs.replace(results, tests=drawn.tests, waivers=drawn.waivers)
    verdicts = requirement_verdicts(plan, results)
    tests = {
        planned.id: JudgedTest(
            planned=planned,
            result=result,
            reproduce=replay_command(planned.id) if package.measured is None else package.measured.command,
            exchanges=_shown(package, result),
        )
        for planned, result in zip(plan.tests, results.tests, strict=True)
    }
    requirements = tuple(
        JudgedRequirement(
            planned=row,
            verdict=verdicts.get(row.id),
            tests=tuple(tests[id] for id in row.tests if id in tests),
        )
        for row in plan.requirements
    )
    waivers = tuple(
        _settled(waiver, outcome, tests) for waiver, outcome in zip(plan.waivers, drawn.waivers, strict=True)
    )
    return Summary(
        manifest=package.manifest,
        plan=plan,
        results=results,
        overall=drawn.overall,
        because=drawn.because,
        headline=_headline(plan, drawn.overall, requirements, sum(waiver.excuses for waiver in waivers)),
        counts=counts(results),
        requirement_counts=tally(verdicts.values()),
        requirements=requirements,
        tests=tuple(tests.values()),
        timings=_timings(package),
        load=package.load,
        soak=package.soak,
        fault=package.fault,
        waivers=waivers,
        manifest_digest=package.manifest_digest,
        signer=package.signature.signer,
        signer_standing=package.signer_standing,
    )


def _settled(waiver: Waiver, outcome: WaiverOutcome, tests: Mapping[str, JudgedTest]) -> SettledWaiver:
    covered = tuple(tests[id] for id in outcome.tests)
    rules = dict.fromkeys(rule for test in covered for rule in requirements_of(waiver, test.planned))
    return SettledWaiver(planned=waiver, outcome=outcome, tests=covered, rules=tuple(rules))


def _timings(package: Package) -> tuple[NamedTiming, ...]:
    tables = tables_for(package.plan.profile)
    return tuple(
        NamedTiming(timing=timing, name=command_name(timing.channel, timing.command, tables))
        for timing in timings(package.transcripts.values())
    )


def replay_command(test_id: str) -> str:
    """The command that plays a test's transcript back as a product."""
    return f"healthcard replay evidence.zip {shlex.quote(test_id)}"


def reason_not_applicable(row: JudgedRequirement) -> Text | None:
    """Why a requirement does not apply: the plan's reason for it, or that of the first of its tests."""
    reasons = [row.planned.not_applicable, *(test.result.reason for test in row.tests)]
    return next((reason for reason in reasons if reason is not None), None)


def _shown(package: Package, result: TestResult) -> tuple[Exchange, ...]:
    if result.verdict is Verdict.PASSED and not result.findings:
        return ()
    return package.transcript(result.test) if result.exchanges else ()


def _headline(plan: Plan, verdict: Overall, requirements: tuple[JudgedRequirement, ...], waivers: int) -> Text:
    """The verdict with what it is a verdict of, and on how many requirements of which standing it rests."""
    values = {"profile": plan.profile, "standard": plan.standard, "basis": _resting_on(verdict, requirements)}
    if verdict is Overall.CONFORMANT:
        return say("Conformant to profile {profile} ({standard}): {basis}", **values)
    if verdict is Overall.WITH_WAIVERS:
        number = say("1 waiver") if waivers == 1 else say("{number} waivers", number=waivers)
        return say("Conformant with {waivers} to profile {profile} ({standard}): {basis}", waivers=number, **values)
    if verdict is Overall.NOT_CONFORMANT:
        return say("Not conformant to profile {profile} ({standard}): {basis}", **values)
    return say("Incomplete, no verdict on profile {profile} ({standard}): {basis}", **values)


def _resting_on(verdict: Overall, requirements: tuple[JudgedRequirement, ...]) -> Text:
    """The numbers of the headline: ``212 normative, 48 decided, 31 not testable``.

    Only requirements that apply and can be tested count; when not all passed, with how many of them did.
    *Decided* are the rows that no official source states: siblings' and this project's own.
    """
    judged = [row for row in requirements if row.verdict not in (None, Verdict.NOT_APPLICABLE)]
    parts = []
    for name, bases in HEADLINE_GROUPS:
        group = [row for row in judged if row.planned.basis in bases]
        passed = sum(row.verdict is Verdict.PASSED for row in group)
        if not group:
            continue
        if verdict in (Overall.CONFORMANT, Overall.WITH_WAIVERS) and passed == len(group):
            parts.append(say("{number} {name}", number=passed, name=name))
        else:
            parts.append(say("{number} of {total} {name} passed", number=passed, total=len(group), name=name))
    not_testable = sum(row.planned.not_testable is not None for row in requirements)
    parts.append(say("{number} not testable", number=not_testable))
    return Text(", ".join(part.en for part in parts), "，".join(part.zh for part in parts))
