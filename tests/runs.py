"""Runs that several tests look at: the demo card's certification, and suites of one or two tests."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from conformance.certifying import Laboratory, certify
from conformance.engine.run import Progress, Suite, execute
from conformance.engine.stand import Stand
from conformance.evidence.model import Plan, Results, TestResult
from conformance.evidence.package import Package
from conformance.evidence.signing import Signer, demo_signer
from conformance.selfcheck.stands import simulated_stand
from reference.ports import Chip, ProductUnreachable
from reference.standard import Standard, load
from reference.standard.rows import Requirement

SHALL, SHOULD = "card.structure.tree", "card.extauth.challenge-once"
"""Two requirements of the national profile: a violation of the first fails, one of the second warns."""

HEAD = '''"""A suite of a few tests."""

import pytest

from conformance.engine.judging import NothingToJudge
from conformance.engine.marks import each, refusal, requirement, uses_up
from conformance.engine.transcript import Diverged
from reference.card.apdu import ResponseApdu
from reference.card.violations import ChallengeNotRandom, FileMissing
from reference.languages import say
from reference.ports import ProductUnreachable
from reference.terminal.sam_session import SamRefuses
from reference.terminal.terminal import FlowBroken

MISSING = FileMissing("DDF1", answer=say("nothing"))
'''


class SteadyClock:
    """Goes on by one microsecond a look, so that two equal runs leave equal evidence."""

    def __init__(self) -> None:
        self.looked = 0

    def now(self) -> str:
        return "2026-01-02T03:04:05+00:00"

    def monotonic_us(self) -> int:
        self.looked += 1
        return self.looked


class LostAfter:
    """A chip that is gone after a number of commands, and does not come back with a reset."""

    def __init__(self, chip: Chip, commands: int) -> None:
        self.chip, self.left = chip, commands

    def reset(self) -> bytes:
        if self.left < 0:
            raise self._gone()
        return self.chip.reset()

    def transmit(self, command: bytes) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise self._gone()
        return self.chip.transmit(command)

    def _gone(self) -> ProductUnreachable:
        return ProductUnreachable("Reader 7", "The reader is gone.", "Connect it again.")


def demo_stand(standard: Standard | None = None, *, card: Chip | None = None, sam: Chip | None = None) -> Stand:
    """The simulated card and SAM, or other chips in their place, under a steady clock."""
    return simulated_stand(standard or load(), card=card, sam=sam, clock=SteadyClock())


def certified(out: Path, stand: Stand | None = None, *, signer: Signer | None = None, select: str = "") -> Package:
    """The card suite on a stand; leaves `evidence.zip` in ``out``."""
    return certify(
        stand or demo_stand(),
        "card",
        out,
        signer=signer or demo_signer(),
        laboratory=Laboratory("Lab", "Operator"),
        progress=Progress(),
        pytest_arguments=("-k", select) if select else (),
    )


def suite_of(folder: Path, tests: str) -> Suite:
    """A suite with one module of these tests."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "test_small.py").write_text(HEAD + tests, encoding="utf-8")
    return Suite(folder, "card", ())


def run_of(
    folder: Path,
    tests: str,
    stand: Stand | None = None,
    *,
    arguments: tuple[str, ...] = (),
    only: frozenset[str] | None = None,
) -> tuple[Plan, Results]:
    """Plan and results of a suite of these tests."""
    return execute(stand or demo_stand(), suite_of(folder, tests), pytest_arguments=arguments, only=only)


def result_of(results: Results, test: str) -> TestResult:
    """One test's result by the tail of its id."""
    (found,) = (result for result in results.tests if result.test == f"small.{test}")
    return found


def with_requirements(standard: Standard, rows: Iterable[Requirement]) -> Standard:
    """The standard with some rows of its catalogue replaced."""
    changed = dataclasses.replace(standard)
    catalogue = dict(standard.requirements) | {row.id: row for row in rows}
    changed.__dict__["requirements"] = catalogue  # the place where cached_property keeps it
    return changed
