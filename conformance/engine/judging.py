"""From what a test body did to a verdict: the only place where an exception becomes one of the eight verdicts.

Source: architecture of the harness, verdicts. A refusal counts only if its positive twin passed in the same run.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from conformance.engine.planning import twin_of
from conformance.engine.transcript import Diverged, Transcript
from conformance.evidence.model import (
    Finding,
    PlannedRequirement,
    PlannedTest,
    Severity,
    TestResult,
    Verdict,
)
from reference.card.violations import UnusableAnswer, Violation
from reference.languages import Text, say
from reference.ports import ProductUnreachable
from reference.terminal.sam_session import SamRefuses
from reference.terminal.terminal import FlowBroken


class NothingToJudge(Exception):
    """The sample holds nothing that the test could judge: says what is missing."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


def judge(
    test: PlannedTest,
    requirement: PlannedRequirement,
    raised: BaseException | None,
    transcript: Transcript,
    *,
    took_us: int,
) -> TestResult:
    """The verdict of one test from what its body raised, before twins are looked at."""
    verdict, reason, violation = _verdict(test, raised, transcript)
    finding = () if violation is None else (make_finding(violation, requirement, transcript),)
    return TestResult(
        test=test.id,
        verdict=verdict,
        reason=reason,
        findings=finding,
        exchanges=len(transcript.exchanges),
        took_us=took_us,
    )


def _verdict(
    test: PlannedTest, raised: BaseException | None, transcript: Transcript
) -> tuple[Verdict, Text | None, Violation | None]:
    match raised:
        case None if not _touched_the_product(transcript):
            return Verdict.ERROR, say("the test ended without a single command to the product"), None
        case None:
            return Verdict.PASSED, None, None
        case UnusableAnswer() if _spoke_last(transcript) == "sam":  # the SAM's fault, never the card's
            return Verdict.BLOCKED, say("the SAM does not serve this test ({fault})", fault=raised), None
        case FlowBroken(violation=violation) if test.side == "negative":
            text = say("the preparation failed: {fault}", fault=violation.tell(violation.summary))
            return Verdict.INCONCLUSIVE, text, None
        case FlowBroken(violation=violation):
            return _weight(test), None, violation
        case Violation():
            return _weight(test), None, raised
        case NothingToJudge(reason=reason):
            return Verdict.INCONCLUSIVE, reason, None
        case SamRefuses():
            return Verdict.BLOCKED, say("the SAM does not serve this test ({fault})", fault=raised), None
        case ProductUnreachable():
            return Verdict.ERROR, say("the product was lost: {fault}", fault=raised.explained()), None
        case Diverged(reason=reason):
            return Verdict.ERROR, say("the recording does not fit: {fault}", fault=reason), None
    name = type(raised).__name__
    return Verdict.ERROR, say("fault of the harness: {name}: {fault}", name=name, fault=raised), None


def _touched_the_product(transcript: Transcript) -> bool:
    return any(exchange.kind == "apdu" and exchange.channel == "card" for exchange in transcript.exchanges)


def _spoke_last(transcript: Transcript) -> str:
    return transcript.exchanges[-1].channel if transcript.exchanges else ""


def _weight(test: PlannedTest) -> Verdict:
    return Verdict.FAILED if test.severity is Severity.FAILS else Verdict.WARNING


def make_finding(violation: Violation, requirement: PlannedRequirement, transcript: Transcript) -> Finding:
    """What a vendor needs to act on a violation."""
    return Finding(
        violation=type(violation).__name__,
        subject=violation.subject,
        requirement=requirement.id,
        summary=violation.tell(violation.summary),
        expected=violation.tell(violation.expected),
        actual=violation.tell(violation.actual),
        source=f"{requirement.document} {requirement.clause}",
        causes=tuple(violation.tell(cause) for cause in violation.causes),
        remedy=violation.tell(violation.remedy),
        exchange=transcript.last() if violation.exchange is None else violation.exchange,
    )


def settle_twins(tests: Mapping[str, PlannedTest], results: Mapping[str, TestResult]) -> tuple[TestResult, ...]:
    """The results after every refusal whose twin did not pass has become inconclusive."""
    settled = []
    for id, result in results.items():
        test = tests[id]
        twin = results.get(twin_of(test, results)) if test.twin else None
        if test.twin and result.verdict is Verdict.PASSED and (twin is None or twin.verdict is not Verdict.PASSED):
            result = msgspec.structs.replace(
                result,
                verdict=Verdict.INCONCLUSIVE,
                reason=say("refused, but the positive twin {twin} did not pass in this run", twin=test.twin),
            )
        settled.append(result)
    return tuple(settled)
