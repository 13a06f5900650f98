"""Requirements that figures judge: the rows, tests and findings that load runs, soaks and staged faults write alike.

Source: decision; no clause speaks of load or faults.
"""

from __future__ import annotations

from collections.abc import Iterable

from conformance.evidence.load_findings import Fault
from conformance.evidence.model import (
    SCHEMA_VERSION,
    Finding,
    Plan,
    PlannedRequirement,
    PlannedTest,
    Severity,
    TestResult,
    Verdict,
)
from reference.languages import Text, say
from reference.standard.rows import Requirement

NO_OFFICIAL_BOUND = say("All bounds are decisions of this project; no official text gives one.")
NOT_EVERY_CODE = say(
    "Correct answers to the codes that were shown do not prove that every other code is answered correctly."
)


def plan(
    profile: str, title: Text, requirements: Iterable[PlannedRequirement], tests: Iterable[PlannedTest], limits: Text
) -> Plan:
    """The plan of a run against bounds of this project. ``limits``: what such a run does not show."""
    return Plan(
        schema_version=SCHEMA_VERSION,
        profile=profile,
        profile_title=title,
        standard=say("bounds are decisions, no official limits"),
        switches={},
        requirements=tuple(requirements),
        tests=tuple(tests),
        limits=(NO_OFFICIAL_BOUND, limits, NOT_EVERY_CODE),
    )


def planned(row: Requirement, tests: Iterable[str], not_applicable: Text | None) -> PlannedRequirement:
    """A requirement of the catalogue as a plan has it, judged by these tests."""
    return PlannedRequirement(
        id=row.id,
        level=row.level,
        basis=row.source.basis,
        document=row.source.document,
        clause=row.source.clause,
        text=row.text,
        why=row.why,
        severity=Severity.FAILS,
        tests=tuple(tests),
        not_testable=row.not_testable,
        not_applicable=not_applicable,
    )


def bound_as_test(
    id: str, row: Requirement, table: str, title: Text, not_applicable: Text | None, twin: str = ""
) -> PlannedTest:
    """The test of one bound, which stands in ``table``."""
    return PlannedTest(
        id=id,
        nodeid=f"{table}::{row.id}",
        title=title,
        requirements=(row.id,),
        side="negative" if twin else "positive",
        severity=Severity.FAILS,
        twin=twin,
        not_applicable=not_applicable,
    )


def judged(
    test: PlannedTest,
    verdict: Verdict,
    reason: Text | None,
    findings: tuple[Finding, ...],
    *,
    answered: int,
    seconds: float,
) -> TestResult:
    """The result of a bound's test, in a run of so many answers; one that does not apply rests on none."""
    if test.not_applicable is not None:
        verdict, reason, findings = Verdict.NOT_APPLICABLE, test.not_applicable, ()
    return TestResult(
        test=test.id,
        verdict=verdict,
        reason=reason,
        findings=findings,
        exchanges=0 if verdict is Verdict.NOT_APPLICABLE else answered,
        took_us=round(seconds * 1e6),
    )


def wanted(figure: Text, limit: Text) -> Text:
    """A bound in words, from the name of its figure."""
    return say("{figure} {limit}", figure=figure, limit=limit)


def told(figure: Text, found: Text) -> Text:
    """What a figure came to, in words."""
    return say("{figure}: {found}", figure=figure, found=found)


def missed(plan: Plan, requirement: str, figure: str, fault: Fault, expected: Text, actual: Text) -> Finding:
    """The finding on a bound of a planned requirement that was not kept."""
    row = next(row for row in plan.requirements if row.id == requirement)
    return Finding(
        violation=fault.name,
        subject=figure,
        requirement=row.id,
        summary=fault.summary,
        expected=expected,
        actual=actual,
        source=f"{row.document} {row.clause}",
        causes=fault.causes,
        remedy=fault.remedy,
        exchange=None,
    )


def not_as_asked(told: Iterable[Text]) -> Text:
    """Why a run says nothing: what it was to do and did not."""
    reasons = list(told)
    return say(
        "the run did not do what was asked of it: {reasons}",
        reasons=Text("; ".join(text.en for text in reasons), "；".join(text.zh for text in reasons)),
    )


def nothing_shown(kinds: Iterable[str]) -> Text:
    """Why the absence of a mistake says nothing: none of these kinds of code was answered."""
    return say(
        "no code was answered on which the mistake could have been made ({kinds})",
        kinds=", ".join(sorted(kinds)) or "–",
    )
