"""Certifying a product: from a stand to a sealed evidence package.

Follows the architecture's chapters on verdicts and evidence: the package is written as the run goes on, and sealed
however the run ends.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from conformance.engine.run import Progress, execute, seal, suite
from conformance.engine.stand import Stand
from conformance.evidence.model import Overall, Results
from conformance.evidence.package import Package, PackageWriter, read_package
from conformance.evidence.signing import Signer
from reference.command_line import Exit

PACKAGE = "evidence.zip"
PARTIAL = "evidence.partial"


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
) -> Package:
    """Run the suite on the stand and leave ``out/evidence.zip``; the package as read back from it.

    While the run goes on its files stand in ``out/evidence.partial``. Raises OSError, PlanningFault,
    UnusableSelection.
    """
    partial = out / PARTIAL
    shutil.rmtree(partial, ignore_errors=True)
    writer = PackageWriter(partial)
    started = stand.clock.now()
    execute(stand, suite(suite_name), writer=writer, progress=progress, pytest_arguments=pytest_arguments)
    seal(
        writer,
        stand,
        out / PACKAGE,
        signer=signer,
        started=started,
        lab=laboratory.lab,
        operator=laboratory.operator,
    )
    shutil.rmtree(partial)
    return read_package(out / PACKAGE)


def exit_code(results: Results) -> Exit:
    """The exit code that a run's results give."""
    if results.stopped is not None:
        return Exit.UNREACHABLE
    return {
        Overall.CONFORMANT: Exit.CONFORMANT,
        Overall.NOT_CONFORMANT: Exit.NOT_CONFORMANT,
        Overall.INCOMPLETE: Exit.INCOMPLETE,
    }[results.overall]
