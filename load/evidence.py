"""The evidence package of a load run: the record, plan and verdicts drawn from it, signed, as after a certification.

So that `healthcard report`, `verify`, `compare` and the three forms of a report take it as any other package; a soak
leaves the same (`load.soak.evidence`). The verdicts are drawn by `conformance.evidence.measured`; no clause of the
standard is followed here.
"""

from __future__ import annotations

import datetime
import shlex
import shutil
import tempfile
from pathlib import Path

import msgspec

from conformance.evidence.circumstances import environment, judging_of_load
from conformance.evidence.load_verdicts import COMPLETE, ON_TIME
from conformance.evidence.measured import Measured, drawn
from conformance.evidence.model import SCHEMA_VERSION, Manifest, Product
from conformance.evidence.package import OF_PROFILE, PLAN, Package, PackageWriter, read_package
from conformance.evidence.signing import Signer, demo_signer
from conformance.evidence.under_load import Bound, Figures, LoadRun, WrongAnswer
from load.gates import gates
from load.result import LoadResult
from reference.standard import load

PACKAGE = "evidence.zip"


def write_evidence(
    found: LoadResult,
    out: Path,
    *,
    own: bool = False,
    signer: Signer | None = None,
    lab: str = "",
    operator: str = "",
) -> Package:
    """Write ``out/evidence.zip``; the package as read back from it. ``own``: the target was the reference platform.

    ``lab`` and ``operator`` say who tested. Raises OSError.
    """
    circumstances = Circumstances(
        url="" if own else found.target,
        books=found.lost_events is not None,
        wire=found.profile,
        started_ms=found.started_ms,
        ended_ms=found.started_ms + round(found.seconds * 1000),
        seed=found.seed,
        lab=lab,
        operator=operator,
    )
    return keep(record_of(found, own=own), circumstances, out, signer)


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What a manifest says of a run beside its record: ``wire`` is the profile spoken, the last two say who tested."""

    url: str
    """Of the platform; empty for our own."""
    books: bool
    """Whether the platform's record of uses could be read."""
    wire: str
    started_ms: int
    ended_ms: int
    seed: int
    lab: str = ""
    operator: str = ""


def keep(run: Measured, circumstances: Circumstances, out: Path, signer: Signer | None = None) -> Package:
    """Write ``out/evidence.zip`` for a record that keeps figures; the package as read back. Raises OSError."""
    standard = load()
    started = _moment(circumstances.started_ms)
    plan, results = drawn(standard, run, started=started)
    out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".evidence-", dir=out))
    try:
        writer = PackageWriter(folder)
        writer.keep_record(PLAN, plan)
        writer.keep_record(OF_PROFILE[plan.profile], run)
        writer.keep_results(results)
        writer.keep_expected({})
        manifest = Manifest(
            schema_version=SCHEMA_VERSION,
            product=Product(
                kind="platform",
                name=circumstances.url or "healthcard serve",
                vendor="",
                version="",
                sample="",
                capabilities={"readable-use-records": circumstances.books},
            ),
            profile=plan.profile,
            transport=f"HTTP: {circumstances.wire}",
            data_set="synthetic",
            lab=circumstances.lab,
            operator=circumstances.operator,
            started=started,
            ended=_moment(circumstances.ended_ms),
            seed=circumstances.seed,
            suite_digest=judging_of_load(),
            standard_digest=standard.digest,
            environment=environment(),
            files=(),
        )
        writer.seal(manifest, signer or demo_signer(), out / PACKAGE)
    finally:
        shutil.rmtree(folder)
    return read_package(out / PACKAGE)


def record_of(found: LoadResult, *, own: bool) -> LoadRun:
    """The record that evidence keeps of a result."""
    taken = {name: getattr(found, name) for name in Figures.__struct_fields__ if name != "interruptions"}
    return LoadRun(
        schema_version=SCHEMA_VERSION,
        command=_command(found, own=own),
        shape=found.shape,
        rate=found.rate,
        duration=found.duration,
        generators=found.generators,
        connections=found.connections,
        gates_from=found.gates_from,
        bounds=(*(gates()[gate.id].bounded(gate.limit) for gate in found.gates), *_of_the_run(found)),
        scheduled=found.scheduled,
        answered=found.answered,
        unserved=found.counts.unserved,
        seconds=found.seconds,
        figures=Figures(**taken, interruptions=len(found.interruptions)),
        interruptions=found.interruptions,
        totals_from=found.totals_from,
        response=found.response_histogram,
        service=found.service_histogram,
        outcomes=found.counts.outcomes,
        kinds=found.kinds,
        faults=found.counts.faults,
        wrong=tuple(WrongAnswer(**msgspec.structs.asdict(wrong)) for wrong in found.wrong),
    )


def _command(found: LoadResult, *, own: bool) -> str:
    """What repeats the run; file names and credentials are the user's own."""
    where = "--self" if own else f"--url {shlex.quote(found.target)} --cases FILE"
    when = "--trace FILE" if found.shape.startswith("trace ") else f"--shape {found.shape} --rate {found.rate:g}"
    return (
        f"healthcard load qr {where} --profile {found.profile} {when} --duration {found.duration:g} "
        f"--seed {found.seed} --generators {found.generators} --connections {found.connections} "
        f"--lag-bound {found.generator_lag_bound_ms:g} --gates {shlex.quote(found.gates_from)}"
    )


def _of_the_run(found: LoadResult) -> tuple[Bound, Bound]:
    """What the run itself must keep to."""
    lag = found.generator_lag_bound_ms
    return (
        Bound(requirement=ON_TIME, figure="generator_lag_p99_ms", side="most", limit=lag),
        Bound(requirement=COMPLETE, figure="interruptions", side="most", limit=0),
    )


def _moment(milliseconds: int) -> str:
    """A moment as a manifest has it."""
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).isoformat(timespec="seconds")
