"""Executing a suite against a stand, and writing what happened into an evidence package.

pytest runs inside this process with a configuration of its own: no plugin autoload, no foreign conftest, importlib
mode (decisions: evidence, replay, redaction).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

import conformance.suites
import reference
from conformance.engine.planning import PlanningFault
from conformance.engine.plugin import SuiteRun
from conformance.engine.stand import Stand
from conformance.evidence.circumstances import digest_of, environment
from conformance.evidence.model import (
    SCHEMA_VERSION,
    Exchange,
    Manifest,
    Plan,
    PlannedTest,
    Results,
    TestResult,
)
from conformance.evidence.package import PLAN, PackageWriter
from conformance.evidence.signing import Signer
from conformance.evidence.verdicts import conclude
from reference.languages import Text, say

SUITES = Path(conformance.suites.__file__).parent
DECIDING = (
    Path(__file__).parent,
    Path(__file__).parent.parent / "evidence",
    *(Path(reference.__file__).parent / room for room in ("card", "crypto", "languages", "terminal")),
)
"""Folders that decide what a verdict means, beside the suites."""


class Suite(msgspec.Struct, frozen=True):
    """A suite: where its modules are, whose requirements it judges, what it does not prove."""

    folder: Path
    actor: str
    limits: tuple[Text, ...]


def suite(name: str) -> Suite:
    """One of the project's suites by name (``card``)."""
    folder = SUITES / name
    described = tomllib.loads((folder / "suite.toml").read_text(encoding="utf-8"))
    return Suite(folder, described["actor"], tuple(Text(**limit) for limit in described["limits"]))


def suite_digest() -> str:
    """SM3 over everything, beside the tables, that decides what a verdict means.

    The suites, the engine that runs them, the rules that draw the overall verdict, the terminal's flows, and the
    violations with their wording in both languages.
    """
    return digest_of((*DECIDING, SUITES))


class UnusableSelection(ValueError):
    """The expression that narrows a run (-k) cannot be read: ``text`` says what it must look like."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class Progress:
    """Told of a run's steps as they happen; this one keeps silent."""

    def planned(self, plan: Plan) -> None:
        """The plan stands."""

    def finished(self, test: PlannedTest, result: TestResult) -> None:
        """One test is over (twins are settled at the end)."""


def make_plan(stand: Stand, chosen: Suite) -> Plan:
    """The plan alone, without touching the product. Raises PlanningFault."""
    run = _session(stand, chosen, ["--collect-only"], Progress(), None, None)
    assert run.plan is not None
    return run.plan


def execute(
    stand: Stand,
    chosen: Suite,
    *,
    writer: PackageWriter | None = None,
    progress: Progress | None = None,
    pytest_arguments: Sequence[str] = (),
    only: frozenset[str] | None = None,
    started: str | None = None,
) -> tuple[Plan, Results]:
    """Run the suite; plan and results, with twins and waivers settled and the overall verdict drawn.

    ``started`` is the time that the manifest will give, by which waivers expire; without it, the stand's clock now.
    Exchanges go into ``writer`` test by test; plan and results too, however the run ends. Raises PlanningFault,
    UnusableSelection, and OSError when the writer cannot write.
    """
    began = stand.clock.now() if started is None else started
    run = _session(stand, chosen, list(pytest_arguments), progress or Progress(), writer, only)
    assert run.plan is not None
    cut_short = run.stopped is None and len(run.results) < len(run.tests)
    narrowed = run.narrowed or cut_short
    drawn = conclude(run.plan, run.settled(), started=began, narrowed=narrowed, stopped=run.stopped)
    results = drawn.results(narrowed=narrowed, stopped=run.stopped)
    if writer is not None:
        writer.keep_results(results)
        writer.keep_expected(stand.expected)
    return run.plan, results


def _session(
    stand: Stand,
    chosen: Suite,
    arguments: list[str],
    progress: Progress,
    writer: PackageWriter | None,
    only: frozenset[str] | None,
) -> SuiteRun:
    def planned(plan: Plan) -> None:
        if writer is not None:
            writer.keep_record(PLAN, plan)
        progress.planned(plan)

    def finished(test: PlannedTest, result: TestResult, exchanges: tuple[Exchange, ...]) -> None:
        try:
            if writer is not None:
                writer.keep_transcript(test.id, exchanges)
        except OSError as fault:
            unwritten.append(fault)
            pytest.exit("the evidence cannot be written")
        progress.finished(test, result)

    faults: list[str] = []
    unwritten: list[OSError] = []
    run = SuiteRun(stand, actor=chosen.actor, limits=chosen.limits, on_plan=planned, on_result=finished, only=only)
    options = [
        f"--rootdir={SUITES}",
        f"--config-file={SUITES / 'pytest.ini'}",
        f"--confcutdir={SUITES}",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:terminal",
        "-p",
        "no:logging",
        "-p",
        "no:unraisableexception",  # collects the whole memory's garbage after each run: seconds in a long session
    ]
    with _no_foreign_plugins():
        code = pytest.main([*options, *arguments, str(chosen.folder)], plugins=[run, _Faults(faults.append)])
    if run.fault is not None:
        raise run.fault
    if unwritten:
        raise unwritten[0]
    if code == pytest.ExitCode.USAGE_ERROR and arguments:
        raise UnusableSelection(
            say(
                "{arguments}: this selection of tests cannot be read. "
                "Name parts of tests' names, joined by and, or, not.",
                arguments=" ".join(arguments),
            )
        )
    if run.plan is None or faults:
        raise PlanningFault("; ".join(faults) or f"the suite could not be collected (pytest exit code {int(code)})")
    return run


class _Faults:
    """Collects what went wrong while the suite was read."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tell = tell

    def pytest_configure(self, config: pytest.Config) -> None:
        """Nobody reads pytest's own reports here; in their long form a card that fails everything takes minutes."""
        config.option.tbstyle = "native"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be imported is a fault of the harness, never a passed run."""
        if report.failed:
            self.tell(str(report.longrepr))

    def pytest_internalerror(self, excrepr: object) -> None:
        """So is an error inside the engine."""
        self.tell(str(excrepr))


@contextmanager
def _no_foreign_plugins() -> Iterator[None]:
    """Whatever plugins are installed on the machine, a certification does not load them."""
    name, before = "PYTEST_DISABLE_PLUGIN_AUTOLOAD", os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ[name] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def seal(
    writer: PackageWriter,
    stand: Stand,
    zip_path: Path,
    *,
    signer: Signer,
    started: str,
    lab: str,
    operator: str,
    rerun_of: str = "",
) -> None:
    """Write manifest and signature and pack the evidence."""
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        product=stand.product,
        profile=stand.standard.profile.id,
        transport=stand.transport,
        data_set=stand.data_set,
        lab=lab,
        operator=operator,
        started=started,
        ended=stand.clock.now(),
        seed=stand.seed,
        suite_digest=suite_digest(),
        standard_digest=stand.standard.digest,
        environment=environment(),
        files=(),
        rerun_of=rerun_of,
    )
    writer.seal(manifest, signer, zip_path)
