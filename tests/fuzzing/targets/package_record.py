"""Evidence packages signed again over changed files: what an attacker, or another tool, can hand us with a key."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from conformance.evidence.model import Manifest
from conformance.evidence.package import (
    MANIFEST,
    SIGNATURE,
    UnusablePackage,
    canonical_zip,
    digest,
    encode,
    read_package,
)
from conformance.evidence.signing import demo_signer
from tests.fuzzing.scratch import written
from tests.fuzzing.small_package import files_of, honest_files, small_packages

REFUSALS = (UnusablePackage,)
TOKENS = (
    b'"verdict": "passed"',
    b'"tests": []',
    b'"overall"',
    b"null",
    b'{"en": "", "zh": ""}',
    b'"extra": 1,',
    b"\\ud800",
)
SHARE = 3


@functools.cache
def _base() -> dict[str, bytes]:
    """The honest files."""
    return honest_files()


def target(data: bytes) -> None:
    """The first byte chooses the file; the rest replaces it before everything is digested and signed again."""
    files = dict(_base())
    paths = sorted(files.keys() - {SIGNATURE})
    files[paths[data[0] % len(paths) if data else 0]] = data[1:]
    package = read_package(written("again.zip", sealed(files)))
    for test in package.plan.tests:
        assert isinstance(package.transcript(test.id), tuple)


def sealed(files: dict[str, bytes]) -> bytes:
    """The zip with fitting digests, as far as the manifest can still be read, and a fitting signature."""
    head = files[MANIFEST]
    try:
        manifest = msgspec.json.decode(_base()[MANIFEST], type=Manifest)
        if head == _base()[MANIFEST]:
            others = sorted(files.keys() - {MANIFEST, SIGNATURE})
            listed = tuple(digest(path, files[path]) for path in others)
            head = encode(msgspec.structs.replace(manifest, files=listed))
    except msgspec.DecodeError:
        pass
    return canonical_zip(files | {MANIFEST: head, SIGNATURE: encode(demo_signer().sign(head))})


def seeds() -> Iterator[bytes]:
    """Every file of a package, as it is."""
    with tempfile.TemporaryDirectory() as place:
        files = files_of(next(small_packages(Path(place))))
    for number, path in enumerate(sorted(files.keys() - {SIGNATURE})):
        if len(files[path]) < 8000:
            yield bytes((number,)) + files[path]
