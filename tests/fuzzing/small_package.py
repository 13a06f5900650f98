"""Packages small enough for a corpus: a real run's, cut down to a few tests and signed again with the demo key."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from conformance.evidence.model import Manifest, Plan, Results
from conformance.evidence.package import (
    EXPECTED,
    MANIFEST,
    PLAN,
    RESULTS,
    SIGNATURE,
    canonical_zip,
    digest,
    encode,
    transcript_path,
)
from conformance.evidence.signing import demo_signer
from tests.fuzzing.corpus_files import CORPUS
from tests.runs import certified

NARROWED = "read_rights and EF05"


def files_of(package: bytes) -> dict[str, bytes]:
    """The files of a zip."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def honest_files() -> dict[str, bytes]:
    """The files of the corpus's first package."""
    return files_of((CORPUS / "package_zip" / "seed-01.bin").read_bytes())


def small_packages(folder: Path) -> Iterator[bytes]:
    """A narrowed run of the demo card cut down to its first test, and to its first two."""
    certified(folder, select=NARROWED)
    files = files_of((folder / "evidence.zip").read_bytes())
    for count in (1, 2):
        yield _cut(files, count)


def _cut(files: dict[str, bytes], count: int) -> bytes:
    plan, results = (
        msgspec.json.decode(files[PLAN], type=Plan),
        msgspec.json.decode(files[RESULTS], type=Results),
    )
    kept = [test for test in plan.tests if transcript_path(test.id) in files][:count]
    ids = {test.id for test in kept}
    wanted = {id for test in kept for id in test.requirements[:1]}
    smaller = {
        PLAN: encode(
            msgspec.structs.replace(
                plan,
                tests=tuple(kept),
                requirements=tuple(row for row in plan.requirements if row.id in wanted),
                limits=plan.limits[:1],
            )
        ),
        RESULTS: encode(msgspec.structs.replace(results, tests=tuple(row for row in results.tests if row.test in ids))),
        EXPECTED: b"{}\n",
    }
    smaller |= {transcript_path(id): files[transcript_path(id)] for id in ids}
    for path in files.keys() - smaller.keys() - {MANIFEST, SIGNATURE}:
        if not path.startswith("transcripts/"):
            smaller[path] = files[path]
    manifest = msgspec.json.decode(files[MANIFEST], type=Manifest)
    digests = tuple(digest(path, smaller[path]) for path in sorted(smaller))
    head = encode(msgspec.structs.replace(manifest, files=digests))
    return canonical_zip(smaller | {MANIFEST: head, SIGNATURE: encode(demo_signer().sign(head))})
