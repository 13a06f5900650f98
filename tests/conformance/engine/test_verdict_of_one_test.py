"""The verdict of one test straight from what its body raised, with reason and finding, word for word."""

from __future__ import annotations

import msgspec
import pytest

from conformance.engine.judging import NothingToJudge, judge, make_finding, settle_twins
from conformance.engine.transcript import Diverged, Transcript
from conformance.evidence.model import (
    Exchange,
    PlannedRequirement,
    PlannedTest,
    Severity,
    TestResult,
    Verdict,
)
from reference.card.apdu import ResponseApdu
from reference.card.violations import FileMissing, UnusableAnswer
from reference.languages import Text, say
from reference.ports import ProductUnreachable
from reference.standard.rows import Basis, Level
from reference.terminal.sam_session import SamRefuses
from reference.terminal.terminal import FlowBroken
from tests.runs import SteadyClock

A_TEXT = Text("text", "文字")
MISSING = FileMissing("DDF1", answer=say("nothing"))
GARBAGE = UnusableAnswer("SELECT", found="6A")
LOST = ProductUnreachable("Reader 7", "The reader is gone.", "Connect it again.")
REFUSED = SamRefuses("the PIN", ResponseApdu(b"", 0x6983))

REQUIREMENT = PlannedRequirement(
    id="card.x",
    level=Level.SHALL,
    basis=Basis.NORMATIVE,
    document="APP11",
    clause="6.3",
    text=A_TEXT,
    why=A_TEXT,
    severity=Severity.FAILS,
    tests=("small.it",),
)
POSITIVE = PlannedTest(
    id="small.it",
    nodeid="test_small.py::test_it",
    title=A_TEXT,
    requirements=("card.x",),
    side="positive",
    severity=Severity.FAILS,
)
NEGATIVE = msgspec.structs.replace(POSITIVE, id="small.no", side="negative", twin="small.it")


def seen(*kinds: str) -> Transcript:
    """A transcript of exchanges, each written as channel and kind."""
    transcript = Transcript(SteadyClock())
    for each in kinds:
        channel, _, kind = each.partition(" ")
        transcript.exchanges.append(
            Exchange(channel=channel, kind=kind, sent="00", received="9000", at_us=0, took_us=1)  # type: ignore[arg-type]
        )
    return transcript


BOTH = ("card apdu", "sam apdu", "card apdu")


def judged(raised: BaseException | None, test: PlannedTest = POSITIVE, kinds: tuple[str, ...] = BOTH) -> TestResult:
    return judge(test, REQUIREMENT, raised, seen(*kinds), took_us=42)


@pytest.mark.parametrize(
    ("raised", "test", "verdict", "reason"),
    [
        (None, POSITIVE, Verdict.PASSED, None),
        (None, NEGATIVE, Verdict.PASSED, None),
        (MISSING, POSITIVE, Verdict.FAILED, None),
        (MISSING, NEGATIVE, Verdict.FAILED, None),
        (GARBAGE, POSITIVE, Verdict.FAILED, None),
        (FlowBroken(MISSING), POSITIVE, Verdict.FAILED, None),
        (
            FlowBroken(MISSING),
            NEGATIVE,
            Verdict.INCONCLUSIVE,
            f"the preparation failed: {MISSING.tell(MISSING.summary).en}",
        ),
        (NothingToJudge(say("no results")), POSITIVE, Verdict.INCONCLUSIVE, "no results"),
        (
            REFUSED,
            POSITIVE,
            Verdict.BLOCKED,
            "the SAM does not serve this test (the PIN: 6983",
        ),
        (
            LOST,
            POSITIVE,
            Verdict.ERROR,
            "the product was lost: Reader 7: The reader is gone. Connect it again.",
        ),
        (Diverged(say("no results")), POSITIVE, Verdict.ERROR, "the recording does not fit: no results"),
        (ValueError("seven"), POSITIVE, Verdict.ERROR, "fault of the harness: ValueError: seven"),
        (SystemExit(3), NEGATIVE, Verdict.ERROR, "fault of the harness: SystemExit: 3"),
    ],
)
def test_each_exception_gives_its_verdict_and_reason(
    raised: BaseException | None, test: PlannedTest, verdict: Verdict, reason: str | None
) -> None:
    result = judged(raised, test)
    assert (result.test, result.verdict) == (test.id, verdict)
    assert (result.exchanges, result.took_us) == (3, 42)
    assert (result.reason is None) == (reason is None)
    if result.reason is not None and reason is not None:
        assert result.reason.en.startswith(reason)
        assert "None" not in result.reason.zh
    assert bool(result.findings) == (verdict is Verdict.FAILED)


@pytest.mark.parametrize("raised", [MISSING, FlowBroken(MISSING)])
def test_a_test_that_only_warns_warns(raised: Exception) -> None:
    result = judged(raised, msgspec.structs.replace(POSITIVE, severity=Severity.WARNS))
    assert (result.verdict, len(result.findings)) == (Verdict.WARNING, 1)


@pytest.mark.parametrize("kinds", [(), ("card reset",), ("card reset", "sam apdu"), ("card lost",)])
def test_nothing_passes_without_a_command_to_the_card(kinds: tuple[str, ...]) -> None:
    result = judged(None, kinds=kinds)
    assert (result.verdict, result.exchanges) == (Verdict.ERROR, len(kinds))
    assert result.reason is not None
    assert result.reason.en == "the test ended without a single command to the product"


def test_one_command_to_the_card_among_others_is_enough() -> None:
    assert judged(None, kinds=("card reset", "card apdu", "sam apdu")).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("kinds", "verdict"),
    [
        (("card apdu", "sam apdu"), Verdict.BLOCKED),
        (("sam apdu", "card apdu"), Verdict.FAILED),
        (("sam apdu", "card apdu", "card apdu"), Verdict.FAILED),
        ((), Verdict.FAILED),
    ],
)
def test_an_unusable_answer_is_held_against_the_chip_that_spoke_last(kinds: tuple[str, ...], verdict: Verdict) -> None:
    result = judged(GARBAGE, kinds=kinds)
    assert result.verdict is verdict
    if verdict is Verdict.BLOCKED:
        assert result.reason is not None
        assert "UnusableAnswer" in result.reason.en
        assert "UnusableAnswer" in result.reason.zh


def test_a_finding_tells_everything_that_a_vendor_needs() -> None:
    finding = make_finding(MISSING, REQUIREMENT, seen("card apdu", "sam apdu"))
    assert (finding.violation, finding.subject, finding.requirement) == ("FileMissing", "DDF1", "card.x")
    assert finding.source == "APP11 6.3"
    told = [MISSING.tell(text) for text in (MISSING.summary, MISSING.expected, MISSING.actual, MISSING.remedy)]
    assert [finding.summary, finding.expected, finding.actual, finding.remedy] == told
    assert finding.causes == tuple(MISSING.tell(cause) for cause in MISSING.causes)


@pytest.mark.parametrize(("pointed", "shown"), [(None, 1), (0, 0), (2, 2)])
def test_a_finding_points_at_the_given_exchange_or_the_cards_last(pointed: int | None, shown: int) -> None:
    violation = FileMissing("DDF1", answer=say("nothing")).at(pointed)
    assert make_finding(violation, REQUIREMENT, seen("card apdu", "card apdu", "sam apdu")).exchange == shown


def test_nothing_to_judge_is_told_in_english_as_an_exception() -> None:
    fault = NothingToJudge(A_TEXT)
    assert (str(fault), fault.reason) == ("text", A_TEXT)


# -- twins -------------------------------------------------------------------------------------------------------


def settled(*results: TestResult, twin: str = "small.it") -> dict[str, TestResult]:
    tests = {"small.it": POSITIVE, "small.no": msgspec.structs.replace(NEGATIVE, twin=twin)}
    return {result.test: result for result in settle_twins(tests, {result.test: result for result in results})}


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_refusal_stays_passed_only_beside_a_passed_twin(verdict: Verdict) -> None:
    results = settled(TestResult(test="small.no", verdict=Verdict.PASSED), TestResult(test="small.it", verdict=verdict))
    assert list(results) == ["small.no", "small.it"]
    expected = Verdict.PASSED if verdict is Verdict.PASSED else Verdict.INCONCLUSIVE
    assert (results["small.no"].verdict, results["small.it"].verdict) == (expected, verdict)
    if expected is Verdict.INCONCLUSIVE:
        assert results["small.no"].reason is not None
        assert "small.it" in results["small.no"].reason.en
        assert "small.it" in results["small.no"].reason.zh


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.PASSED])
def test_a_refusal_that_did_not_pass_keeps_its_verdict(verdict: Verdict) -> None:
    refusal = TestResult(test="small.no", verdict=verdict, exchanges=3)
    assert settled(refusal)["small.no"] == refusal


def test_a_twin_without_a_subject_serves_every_subject() -> None:
    refusal = TestResult(test="small.no", verdict=Verdict.PASSED)
    twin = TestResult(test="small.it", verdict=Verdict.PASSED)
    assert settled(refusal, twin, twin="small.it[EF05]")["small.no"] == refusal
    alone = settled(refusal, twin="small.it[EF05]")["small.no"]
    assert (alone.verdict, alone.exchanges) == (Verdict.INCONCLUSIVE, 0)
