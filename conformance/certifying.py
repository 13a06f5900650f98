"""Certifying a product: from a stand to a sealed evidence package.

Follows the architecture's chapters on verdicts and evidence: the package is written as the run goes on, and sealed
however the run ends.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from conformance.engine.planning import twin_of
from conformance.engine.run import Progress, execute, seal, suite
from conformance.engine.stand import Stand
from conformance.evidence.model import Overall, Plan, Results, TestResult, Verdict
from conformance.evidence.package import Package, PackageWriter, read_package
from conformance.evidence.sealing import Recipient
from conformance.evidence.signing import Signer
from conformance.evidence.two_parts import TwoPartWriter
from conformance.evidence.verdicts import conclude
from conformance.rederiving import CannotRederive, check_versions
from reference.command_line import Exit
from reference.languages import Text, say
from reference.operating_system import SystemRandomness
from reference.ports import Randomness

PACKAGE = "evidence.zip"
PARTIAL = "evidence.partial"
SETTLED = frozenset({Verdict.PASSED, Verdict.NOT_APPLICABLE})
"""Verdicts that a later run takes over."""


class UnfitDataSet(ValueError):
    """The data set does not go with the rest of the request: ``text`` says why and what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class Laboratory(msgspec.Struct, frozen=True):
    """Who certifies; stands in the manifest."""

    lab: str = ""
    operator: str = ""


def certify(
    stand: Stand,
    suite_name: str,
    out: Path,
    *,
    signer: Signer,
    laboratory: Laboratory,
    progress: Progress,
    pytest_arguments: tuple[str, ...] = (),
    earlier: Package | None = None,
    recipient: Recipient | None = None,
    randomness: Randomness | None = None,
) -> Package:
    """Run the suite on the stand and leave ``out/evidence.zip``; the package as read back from it.

    While the run goes on its files stand in ``out/evidence.partial``. With an ``earlier`` package only what did not
    pass there is run again, and the rest is taken over. Real data need a ``recipient``, for whom what the public part
    withholds is sealed, under keys from ``randomness``. Raises UnfitDataSet, OSError, PlanningFault,
    and CannotRederive when the earlier package was made with another suite, other tables or another product.
    """
    check_data_sets(stand, recipient, earlier)
    again = None if earlier is None else to_run_again(earlier, stand)
    partial = out / PARTIAL
    shutil.rmtree(partial, ignore_errors=True)
    writer = (
        PackageWriter(partial)
        if recipient is None
        else TwoPartWriter(partial, stand.standard, recipient, randomness or SystemRandomness())
    )
    started = stand.clock.now()
    plan, results = execute(
        stand,
        suite(suite_name),
        writer=writer,
        progress=progress,
        pytest_arguments=pytest_arguments,
        only=again,
        started=started,
    )
    if earlier is not None and again is not None:
        take_over(writer, earlier, plan, results, again, started=started)
    seal(
        writer,
        stand,
        out / PACKAGE,
        signer=signer,
        started=started,
        lab=laboratory.lab,
        operator=laboratory.operator,
        rerun_of="" if earlier is None else earlier.manifest_digest,
    )
    shutil.rmtree(partial)
    return read_package(out / PACKAGE)


def check_data_sets(stand: Stand, recipient: Recipient | None, earlier: Package | None) -> None:
    """Raise UnfitDataSet unless real data are sealed for somebody, and made-up data for nobody."""
    real = stand.data_set == "real"
    if real and recipient is None:
        raise UnfitDataSet(
            say("Real data are sealed for a laboratory: name the file with its public key with --seal-for (see docs).")
        )
    if not real and recipient is not None:
        raise UnfitDataSet(say("Made-up data are kept whole: leave out --seal-for, or say --data-set real."))
    if earlier is not None and (real or earlier.manifest.data_set == "real"):
        raise UnfitDataSet(say("A run on real data is not continued from a package: run the whole suite."))
    if real and any(waiver.message for waiver in stand.waivers):
        raise UnfitDataSet(
            say("With real data a waiver cannot ask for a message, since messages may be withheld: name its subject.")
        )


def to_run_again(earlier: Package, stand: Stand) -> frozenset[str]:
    """The tests of an earlier run that did not pass, and the twins without which a refusal does not count."""
    check_versions(earlier, stand.standard)
    if (earlier.manifest.product, earlier.manifest.profile) != (stand.product, stand.standard.profile.id):
        raise CannotRederive(say("the package is of another product or profile: run the whole suite instead"))
    failed = {result.test for result in earlier.results.tests if result.verdict not in SETTLED}
    ids = {test.id for test in earlier.plan.tests}
    twins = {twin_of(test, ids) for test in earlier.plan.tests if test.id in failed and test.twin}
    return frozenset(failed | twins)


def take_over(
    writer: PackageWriter, earlier: Package, plan: Plan, results: Results, again: frozenset[str], *, started: str
) -> None:
    """Complete a run of some tests with the results and transcripts of the earlier run.

    Trap: what this run's budget blocks counts as blocked, also where it passed earlier under a larger one.
    """
    new = {result.test: result for result in results.tests}
    old = {result.test: result for result in earlier.results.tests}
    blocked = {
        test.id: TestResult(test=test.id, verdict=Verdict.BLOCKED, reason=test.blocked)
        for test in plan.tests
        if test.blocked is not None
    }
    for id in old.keys() - again - blocked.keys():
        writer.keep_transcript(id, earlier.transcript(id))
    tests = tuple(blocked.get(test.id) or (new if test.id in again else old)[test.id] for test in plan.tests)
    drawn = conclude(plan, tests, started=started, stopped=results.stopped)
    merged = msgspec.structs.replace(
        results,
        tests=drawn.tests,
        overall=drawn.overall,
        because=drawn.because,
        waivers=drawn.waivers,
        narrowed=False,
    )
    writer.keep_results(merged)


def exit_code(results: Results) -> Exit:
    """The exit code that a run's results give."""
    if results.stopped is not None and results.overall is Overall.INCOMPLETE:
        return Exit.UNREACHABLE
    return {
        Overall.CONFORMANT: Exit.CONFORMANT,
        Overall.WITH_WAIVERS: Exit.CONFORMANT,
        Overall.NOT_CONFORMANT: Exit.NOT_CONFORMANT,
        Overall.INCOMPLETE: Exit.INCOMPLETE,
    }[results.overall]
