"""What a test body did, and the verdict that it gets: every kind of exception through a whole small run."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from conformance.certifying import exit_code
from conformance.engine.judging import settle_twins
from conformance.engine.run import make_plan
from conformance.evidence.model import Overall, Results, TestResult, Verdict
from reference.command_line import Exit
from reference.ports import Chip, ProductUnreachable
from reference.standard import load
from simulators.cards import demo_card
from tests.chips import FixedChip
from tests.runs import SHALL, SHOULD, LostAfter, demo_stand, result_of, run_of, suite_of

SELECTED = 'terminal.select("DDF1"); '


def positive(requirement: str, body: str) -> str:
    return f'@requirement("{requirement}")\ndef test_it(terminal):\n    {SELECTED}{body}\n'


def negative(requirement: str, body: str, twin_body: str = "pass") -> str:
    return f"""
@requirement("{requirement}")
def test_twin(terminal):
    {SELECTED}{twin_body}

@requirement("{requirement}")
@refusal(twin="test_twin")
def test_it(terminal):
    {SELECTED}{body}
"""


CASES = [
    (positive(SHALL, "pass"), Verdict.PASSED),
    (positive(SHALL, "raise MISSING"), Verdict.FAILED),
    (positive(SHOULD, "raise MISSING"), Verdict.WARNING),
    (negative(SHALL, "raise MISSING"), Verdict.FAILED),
    (negative(SHOULD, "raise MISSING"), Verdict.WARNING),
    (positive(SHALL, "raise FlowBroken(MISSING)"), Verdict.FAILED),
    (positive(SHOULD, "raise FlowBroken(MISSING)"), Verdict.WARNING),
    (negative(SHALL, "raise FlowBroken(MISSING)"), Verdict.INCONCLUSIVE),
    (positive(SHALL, "raise NothingToJudge(say('no visit'))"), Verdict.INCONCLUSIVE),
    (negative(SHALL, "raise NothingToJudge(say('no visit'))"), Verdict.INCONCLUSIVE),
    (positive(SHALL, "raise SamRefuses('PIN', ResponseApdu(b'', 0x6983))"), Verdict.BLOCKED),
    (negative(SHALL, "raise SamRefuses('PIN', ResponseApdu(b'', 0x6983))"), Verdict.BLOCKED),
    (positive(SHALL, "raise Diverged(say('elsewhere'))"), Verdict.ERROR),
    (positive(SHALL, "assert False"), Verdict.ERROR),
    (negative(SHALL, "assert False"), Verdict.ERROR),
    (positive(SHALL, "1 / 0"), Verdict.ERROR),
    (negative(SHALL, "1 / 0"), Verdict.ERROR),
    (positive(SHALL, "raise KeyError('x')"), Verdict.ERROR),
    (positive(SHALL, "raise SystemExit(0)"), Verdict.ERROR),
    (positive(SHALL, "pytest.skip('no time')"), Verdict.ERROR),
    (positive(SHALL, "pytest.xfail('known')"), Verdict.ERROR),
    (positive(SHALL, "import warnings; warnings.warn('old')"), Verdict.ERROR),
    ("@pytest.mark.skip\n" + positive(SHALL, "pass"), Verdict.ERROR),
    ("@pytest.mark.xfail\n" + positive(SHALL, "raise MISSING"), Verdict.FAILED),
    (negative(SHALL, "pass"), Verdict.PASSED),
    (negative(SHALL, "pass", "raise MISSING"), Verdict.INCONCLUSIVE),
    (negative(SHALL, "pass", "1 / 0"), Verdict.INCONCLUSIVE),
    (negative(SHALL, "raise MISSING", "raise MISSING"), Verdict.FAILED),
]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """All cases in one run: the tests of case 7 are called it_7 and twin_7."""
    numbered = (
        source.replace("test_it", f"test_it_{number}").replace("test_twin", f"test_twin_{number}")
        for number, (source, _) in enumerate(CASES)
    )
    _, results = run_of(tmp_path_factory.mktemp("cases"), "\n\n".join(numbered))
    return results


@pytest.mark.parametrize(("number", "expected"), [(number, verdict) for number, (_, verdict) in enumerate(CASES)])
def test_what_a_body_raises_gives_the_verdict(judged: Results, number: int, expected: Verdict) -> None:
    """Traps 3 and 4: a skip is no pass, a crash is no correct refusal."""
    result = result_of(judged, f"it_{number}")
    assert result.verdict is expected, CASES[number][0]
    assert (result.reason is not None) == (expected not in (Verdict.PASSED, Verdict.FAILED, Verdict.WARNING))
    assert bool(result.findings) == (expected in (Verdict.FAILED, Verdict.WARNING))


def test_the_cases_together_fail_the_product(judged: Results) -> None:
    assert judged.overall is Overall.NOT_CONFORMANT
    assert exit_code(judged) is Exit.NOT_CONFORMANT


def test_a_finding_names_requirement_clause_and_the_exchange_that_shows_it(tmp_path: Path) -> None:
    _, results = run_of(tmp_path, positive(SHALL, "raise MISSING"))
    (finding,) = result_of(results, "it").findings
    row = load().requirements[SHALL]
    assert (finding.requirement, finding.source) == (SHALL, f"{row.source.document} {row.source.clause}")
    assert (finding.violation, finding.subject) == ("FileMissing", "DDF1")
    assert finding.exchange == result_of(results, "it").exchanges - 1
    assert finding.causes
    assert finding.summary.zh != finding.summary.en


@pytest.mark.parametrize(
    "body",
    [
        "def test_it(terminal): pass",
        "def test_it(bench): bench.sam.reset(); bench.sam.open()",
        "def test_it(bench): bench.card.reset()",
        "def test_it(): pass",
    ],
)
def test_a_test_without_a_command_to_the_product_is_an_error(tmp_path: Path, body: str) -> None:
    """Trap 2: nothing passes with no device attached."""
    _, results = run_of(tmp_path, f'@requirement("{SHALL}")\n{body}\n')
    result = result_of(results, "it")
    if body.startswith("def test_it(terminal)"):  # its preparation speaks to the card
        assert result.verdict is Verdict.PASSED
    else:
        assert (result.verdict, results.overall) == (Verdict.ERROR, Overall.INCOMPLETE)
        assert "without a single command" in str(result.reason)


def test_an_unusable_preparation_of_a_refusal_is_inconclusive(tmp_path: Path) -> None:
    """Trap 11: a refusal that fails for another reason counts for nothing."""
    card = FixedChip(bytes.fromhex("6982"), demo_card().reset())
    _, results = run_of(tmp_path, negative(SHALL, "pass"), demo_stand(card=card))
    assert result_of(results, "it").verdict is Verdict.INCONCLUSIVE
    assert result_of(results, "twin").verdict is Verdict.FAILED


MANY = "".join(
    f'@requirement("{SHALL}")\ndef test_{name}(bench):\n    bench.card.reset()\n    bench.card.select("DDF1")\n\n\n'
    for name in ("alpha", "beta", "gamma", "delta")
)


def test_a_lost_product_ends_the_run_and_what_is_left_is_skipped(tmp_path: Path) -> None:
    stand = demo_stand(card=LostAfter(demo_card(), 3))
    _, results = run_of(tmp_path, MANY, stand)
    verdicts = [result.verdict for result in results.tests]
    assert verdicts == [Verdict.PASSED, Verdict.ERROR, Verdict.SKIPPED, Verdict.SKIPPED]
    assert "Reader 7" in str(results.stopped)
    assert "small.beta" in str(results.stopped)
    assert all(result.reason == results.stopped for result in results.tests[2:])
    assert (results.overall, exit_code(results)) == (Overall.INCOMPLETE, Exit.UNREACHABLE)


@pytest.mark.parametrize(
    ("arguments", "only", "run"),
    [
        (("-k", "alpha"), None, 1),
        (("-k", "omega"), None, 0),
        ((), frozenset({"small.beta", "small.gamma"}), 2),
        (("-k", "beta"), frozenset({"small.beta", "small.gamma"}), 1),
        (("--maxfail=1", "-k", "not alpha"), None, 3),
    ],
)
def test_a_narrowed_run_is_incomplete_and_says_what_was_left_out(
    tmp_path: Path, arguments: tuple[str, ...], only: frozenset[str] | None, run: int
) -> None:
    """Trap 2, 3 and 19: what was not run has not passed."""
    plan, results = run_of(tmp_path, MANY, arguments=arguments, only=only)
    verdicts = [result.verdict for result in results.tests]
    assert verdicts.count(Verdict.PASSED) == run
    assert verdicts.count(Verdict.SKIPPED) == len(plan.tests) - run == 4 - run
    assert results.narrowed
    assert (results.overall, exit_code(results)) == (Overall.INCOMPLETE, Exit.INCOMPLETE)


def test_a_run_that_stops_at_the_first_finding_is_narrowed(tmp_path: Path) -> None:
    source = MANY.replace('select("DDF1")', 'select("DDF1"); raise MISSING', 1).replace(SHALL, SHOULD)
    _, results = run_of(tmp_path, source, arguments=("-x",))
    assert [result.verdict for result in results.tests] == [Verdict.WARNING, *[Verdict.SKIPPED] * 3]
    assert results.narrowed
    assert results.overall is Overall.INCOMPLETE


def test_a_refusal_run_without_its_twin_is_inconclusive(tmp_path: Path) -> None:
    _, results = run_of(tmp_path, negative(SHALL, "pass"), arguments=("-k", "test_it"))
    assert result_of(results, "it").verdict is Verdict.INCONCLUSIVE
    assert result_of(results, "twin").verdict is Verdict.SKIPPED


def test_a_suite_without_tests_is_incomplete(tmp_path: Path) -> None:
    """Trap 19: empty input is not conformant."""
    plan, results = run_of(tmp_path, "")
    assert (plan.tests, results.tests, results.overall) == ((), (), Overall.INCOMPLETE)


@pytest.mark.parametrize(
    "twin", [Verdict.FAILED, Verdict.WARNING, Verdict.ERROR, Verdict.BLOCKED, Verdict.SKIPPED, None]
)
def test_a_refusal_counts_only_beside_a_passed_twin(tmp_path: Path, twin: Verdict | None) -> None:
    suite = suite_of(tmp_path, negative(SHALL, "pass"))
    tests = {test.id: test for test in make_plan(demo_stand(), suite).tests}
    results = {"small.it": TestResult(test="small.it", verdict=Verdict.PASSED)}
    if twin is not None:
        results["small.twin"] = TestResult(test="small.twin", verdict=twin)
    settled = {result.test: result.verdict for result in settle_twins(tests, results)}
    assert settled["small.it"] is Verdict.INCONCLUSIVE


def test_the_sam_s_garbage_is_not_held_against_the_card(tmp_path: Path) -> None:
    _, results = run_of(tmp_path, positive(SHALL, "pass"), demo_stand(sam=FixedChip(b"")))
    assert result_of(results, "it").verdict not in (Verdict.FAILED, Verdict.WARNING, Verdict.PASSED)


@pytest.mark.parametrize("answer", [b"", b"\x90"])
@pytest.mark.parametrize("to_reset", [b"", b"\x3b", None])
def test_a_card_that_answers_garbage_fails_and_nothing_crashes(
    tmp_path: Path, answer: bytes, to_reset: bytes | None
) -> None:
    card = FixedChip(answer, demo_card().reset() if to_reset is None else to_reset)
    _, results = run_of(tmp_path, MANY + positive(SHALL, "pass"), demo_stand(card=card))
    assert {result.verdict for result in results.tests} == {Verdict.FAILED}
    named = {finding.violation for result in results.tests for finding in result.findings}
    assert named <= {"UnusableAnswer", "WrongResetAnswer"}


def test_results_survive_being_written_and_read(tmp_path: Path) -> None:
    _, results = run_of(tmp_path, positive(SHALL, "raise MISSING"))
    assert msgspec.json.decode(msgspec.json.encode(results), type=Results) == results


class MuteOnce:
    """A chip that stays mute on one command and works again after a reset."""

    def __init__(self, chip: Chip, command: int) -> None:
        self.chip, self.left = chip, command

    def reset(self) -> bytes:
        return self.chip.reset()

    def transmit(self, command: bytes) -> bytes:
        self.left -= 1
        if self.left == 0:
            raise ProductUnreachable("Reader 7", "No answer in time.", "Check the card.")
        return self.chip.transmit(command)


def test_a_product_that_comes_back_after_a_reset_is_tested_on(tmp_path: Path) -> None:
    _, results = run_of(tmp_path, MANY, demo_stand(card=MuteOnce(demo_card(), 4)))
    verdicts = [result.verdict for result in results.tests]
    assert verdicts == [Verdict.PASSED, Verdict.ERROR, Verdict.PASSED, Verdict.PASSED]
    assert results.stopped is None
    assert (results.overall, exit_code(results)) == (Overall.INCOMPLETE, Exit.INCOMPLETE)
