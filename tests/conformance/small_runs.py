"""Evidence of suites of one or two tests: whole packages within a tenth of a second."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

from conformance.engine.run import Suite, execute, seal
from conformance.engine.stand import Stand
from conformance.evidence.package import Package, PackageWriter, read_package
from conformance.evidence.sealing import Recipient
from conformance.evidence.signing import Signer, demo_signer
from conformance.evidence.two_parts import TwoPartWriter
from reference.standard import Standard, load
from simulators.sources import SeededRandomness
from tests.runs import demo_stand, suite_of


@functools.cache
def only(*requirements: str) -> Standard:
    """The standard with no more in its catalogue than these requirements, so that a small suite judges them all."""
    standard = load()
    smaller = dataclasses.replace(standard)
    # the place where cached_property keeps it
    smaller.__dict__["requirements"] = {id: standard.requirements[id] for id in requirements}
    return smaller


def small_package(
    out: Path,
    tests: str,
    stand: Stand | None = None,
    *,
    recipient: Recipient | None = None,
    signer: Signer | None = None,
    arguments: tuple[str, ...] = (),
    only: frozenset[str] | None = None,
) -> tuple[Package, Suite]:
    """The package of a run of these tests, left in ``out``, and the suite that they make."""
    chosen, stand = suite_of(out / "suite", tests), stand or demo_stand()
    writer = (
        PackageWriter(out / "partial")
        if recipient is None
        else TwoPartWriter(out / "partial", stand.standard, recipient, SeededRandomness(5))
    )
    started = stand.clock.now()
    execute(stand, chosen, writer=writer, pytest_arguments=arguments, only=only, started=started)
    seal(
        writer,
        stand,
        out / "evidence.zip",
        signer=signer or demo_signer(),
        started=started,
        lab="Lab",
        operator="Operator",
    )
    return read_package(out / "evidence.zip"), chosen
