"""Deriving the verdicts of a run again from its transcripts, without the product.

The same test bodies run against chips that play the recording back; every verdict and finding must come out the same.
Source: architecture of the harness, evidence.
"""

from __future__ import annotations

import msgspec

from conformance.engine.run import execute, suite, suite_digest
from conformance.engine.stand import RecordedChips, Stand, SystemClock
from conformance.evidence.model import TestResult, Verdict
from conformance.evidence.package import Package
from reference.languages import Text, say
from reference.standard import Standard

SUITES = {"user-card": "card"}
"""The suite that each kind of product is certified with."""
NOT_RUN = frozenset({Verdict.SKIPPED, Verdict.NOT_APPLICABLE})


class CannotRederive(ValueError):
    """The package's verdicts cannot be derived here: says why and what to use instead."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class Difference(msgspec.Struct, frozen=True):
    """A verdict that comes out otherwise than recorded."""

    test: str
    recorded: Text
    derived: Text


def rederive(package: Package, standard: Standard, only: frozenset[str] | None = None) -> dict[str, TestResult]:
    """The results of the package's tests, derived again from their transcripts. Raises CannotRederive."""
    check_versions(package, standard)
    recorded = {result.test: result for result in package.results.tests}
    reached = frozenset(id for id, result in recorded.items() if result.verdict not in NOT_RUN)
    stand = Stand(
        standard=standard,
        product=package.manifest.product,
        chips=RecordedChips(package.transcripts),
        transport=package.manifest.transport,
        data_set=package.manifest.data_set,
        expected=package.expected,
        clock=SystemClock(),
        seed=package.manifest.seed,
    )
    chosen = suite(SUITES[package.manifest.product.kind])
    _, results = execute(stand, chosen, only=reached if only is None else only)
    return {result.test: result for result in results.tests}


def check_versions(package: Package, standard: Standard) -> None:
    """Raise CannotRederive when suite or tables are not those of the run."""
    tool = package.manifest.environment.tool
    if package.manifest.suite_digest != suite_digest():
        raise CannotRederive(
            say(
                "the package was made with another version of the suite; derive it again with {tool}",
                tool=tool,
            )
        )
    if package.manifest.standard_digest != standard.digest:
        raise CannotRederive(
            say(
                "the package was made with other tables of the standard; give those with --tables, or use {tool}",
                tool=tool,
            )
        )


def differences(package: Package, derived: dict[str, TestResult]) -> tuple[Difference, ...]:
    """Where a derived verdict or finding is not the recorded one."""
    found = []
    for recorded in package.results.tests:
        again = derived[recorded.test]
        if recorded.verdict in NOT_RUN:
            continue
        if _essence(recorded) != _essence(again):
            found.append(Difference(recorded.test, _described(recorded), _described(again)))
    return tuple(found)


def _essence(result: TestResult) -> tuple[object, ...]:
    return result.verdict, result.exchanges, result.findings


def _described(result: TestResult) -> Text:
    names = ", ".join(finding.violation for finding in result.findings) or "–"
    return say("{verdict} ({findings})", verdict=result.verdict.value, findings=names)
