"""A run through a reader that misbehaves: never a false pass, and evidence of it that can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.certifying import exit_code
from conformance.evidence.model import Overall, Verdict
from conformance.evidence.package import Package, read_package
from conformance.evidence.timing import timings
from conformance.rederiving import differences, rederive
from conformance.selfcheck.stands import simulated_stand
from reference.command_line import Exit
from reference.standard import load
from simulators.cards import demo_card, demo_sam
from simulators.readers.faulty import Fault, FaultyReader, Garbage, Gone, Mute, Slow, Truncated
from tests.runs import SteadyClock, certified, demo_stand

STANDARD = load()
DONE = {Verdict.PASSED, Verdict.NOT_APPLICABLE}


def through(out: Path, *faults: Fault, select: str = "") -> Package:
    """The demo card's certification through a reader with these faults, read back from its zip."""
    certified(out, demo_stand(STANDARD, card=FaultyReader(demo_card(STANDARD), *faults)), select=select)
    package = read_package(out / "evidence.zip")
    assert differences(package, rederive(package, STANDARD)) == (), "the evidence gives the same verdicts again"
    return package


def verdicts(package: Package) -> list[Verdict]:
    """All verdicts, in the order of the plan."""
    found = {result.test: result.verdict for result in package.results.tests}
    return [found[test.id] for test in package.plan.tests]


@pytest.mark.parametrize("first", [1, 400])
def test_a_card_that_falls_mute_ends_the_run_as_unreachable_though_it_answers_resets(
    tmp_path: Path, first: int
) -> None:
    package = through(tmp_path, Mute(first))
    assert exit_code(package.results) is Exit.UNREACHABLE
    assert "does not answer" in str(package.results.stopped)
    found = verdicts(package)
    lost = found.index(Verdict.ERROR)
    assert set(found[:lost]) <= DONE
    assert set(found[lost:]) <= {Verdict.ERROR, Verdict.SKIPPED, Verdict.BLOCKED, Verdict.NOT_APPLICABLE}
    assert found.count(Verdict.ERROR) == 3
    for result in package.results.tests:
        kinds = [exchange.kind for exchange in package.transcript(result.test)]
        assert (kinds[-1:] == ["lost"]) == (result.verdict is Verdict.ERROR)


@pytest.mark.parametrize("after", [0, 400])
def test_a_card_that_is_gone_for_good_ends_the_run_at_once(tmp_path: Path, after: int) -> None:
    package = through(tmp_path, Gone(after))
    assert exit_code(package.results) is Exit.UNREACHABLE
    assert package.results.overall is Overall.INCOMPLETE
    found = verdicts(package)
    assert found.count(Verdict.ERROR) == 1
    assert set(found[: found.index(Verdict.ERROR)]) <= DONE


def test_a_card_that_comes_back_after_a_reset_is_tested_on(tmp_path: Path) -> None:
    package = through(tmp_path, Gone(25, back=True), select="reset or attributes")
    found = verdicts(package)
    assert exit_code(package.results) is Exit.INCOMPLETE
    assert package.results.stopped is None
    assert Verdict.PASSED in found[found.index(Verdict.ERROR) :]
    assert Verdict.FAILED not in found, "a lost card is no violation"


def test_a_card_that_is_lost_while_it_is_changed_ends_the_run_though_it_comes_back(tmp_path: Path) -> None:
    """What the harness wrote and could not put back would be found by later tests and blamed on the card."""
    package = through(tmp_path, Gone(25, back=True))
    assert exit_code(package.results) is Exit.UNREACHABLE
    assert "which was changing it" in str(package.results.stopped)
    assert Verdict.FAILED not in verdicts(package)
    assert Verdict.WARNING not in verdicts(package)
    lost = [result.test for result in package.results.tests if result.verdict is Verdict.ERROR]
    assert lost[-1].startswith("cyclic_files.a_cyclic_file_keeps_the_newest_records_first")


SPOILING = {
    "cut": Truncated(30),
    "cut-to-one-byte": Truncated(30, to_one_byte=True),
    "one-bit-flipped": Garbage(7),
}


@pytest.mark.parametrize("fault", SPOILING.values(), ids=SPOILING)
def test_spoiled_answers_are_never_conformant_and_no_fault_of_the_harness(tmp_path: Path, fault: Fault) -> None:
    package = through(tmp_path, fault)
    assert package.results.overall is Overall.NOT_CONFORMANT
    assert exit_code(package.results) is Exit.NOT_CONFORMANT
    assert Verdict.ERROR not in verdicts(package)
    assert all(result.findings for result in package.results.tests if result.verdict is Verdict.FAILED)


@pytest.mark.parametrize("fault", [Truncated(1), Truncated(1, to_one_byte=True)], ids=["cut", "one-byte"])
def test_nothing_passes_when_every_answer_is_cut(tmp_path: Path, fault: Fault) -> None:
    package = through(tmp_path, fault, select="read_rights or reset or tree or secured_update")
    passed = [result.test for result in package.results.tests if result.verdict is Verdict.PASSED]
    exchanged = [test for test in passed if any(e.kind == "apdu" for e in package.transcript(test))]
    assert Verdict.FAILED in verdicts(package)
    assert exchanged == []


def test_a_slow_reader_changes_no_verdict_and_shows_in_the_times(tmp_path: Path) -> None:
    clock = WaitedClock()
    card = FaultyReader(demo_card(STANDARD), Slow(50), sleep=clock.sleep)
    package = certified(tmp_path, simulated_stand(STANDARD, card=card, clock=clock))
    assert package.results.overall is Overall.CONFORMANT
    for row in timings(package.transcripts.values()):
        slow = row.channel == "card" and row.command != "RESET"
        assert (row.p50 >= 50_000) == slow, row


class WaitedClock(SteadyClock):
    """A steady clock that also goes on while somebody sleeps by it."""

    def sleep(self, seconds: float) -> None:
        self.looked += int(seconds * 1_000_000)


OF_THE_SAM = {
    "mute": Mute(60),
    "gone": Gone(60),
    "coming-back": Gone(9, back=True),
    "cut": Truncated(5),
    "cut-to-one-byte": Truncated(5, to_one_byte=True),
    "one-bit-flipped": Garbage(3),
}


@pytest.mark.parametrize("fault", OF_THE_SAM.values(), ids=OF_THE_SAM)
def test_a_faulty_reader_of_the_sam_never_makes_a_card_conformant(tmp_path: Path, fault: Fault) -> None:
    sam = FaultyReader(demo_sam(5, STANDARD), fault)
    package = certified(tmp_path, demo_stand(STANDARD, sam=sam), select="read_rights or secured_update")
    assert package.results.overall is not Overall.CONFORMANT
    assert exit_code(package.results) is not Exit.CONFORMANT


def test_faults_together_end_as_the_worst_of_them(tmp_path: Path) -> None:
    package = through(tmp_path, Slow(0), Garbage(7), Gone(300))
    assert package.results.stopped is not None
    assert package.results.overall is Overall.NOT_CONFORMANT, "what was found before stays found"
