"""Evidence packages as zips: any bytes are a package of this very form, or refused with a reason."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from conformance.evidence.package import UnusablePackage, read_package
from tests.fuzzing.corpus_files import CORPUS
from tests.fuzzing.scratch import folder, written
from tests.fuzzing.small_package import small_packages

REFUSALS = (UnusablePackage,)
TOKENS = (
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"../",
    b"/etc/passwd",
    b"manifest.json",
    b"\xff" * 4,
)
SHARE = 10


@functools.cache
def honest() -> tuple[bytes, ...]:
    """The honest packages of the corpus."""
    return tuple(path.read_bytes() for path in sorted((CORPUS / Path(__file__).stem).glob("seed-*.bin")))


def target(data: bytes) -> None:
    """The bytes as the zip: nothing but an honest package is taken, and nothing is unpacked onto the disk."""
    path = written("evidence.zip", data)
    before = sum(1 for _ in folder().iterdir())
    try:
        read_package(path)
        assert data in honest()
    finally:
        assert sum(1 for _ in folder().iterdir()) == before


def seeds() -> Iterator[bytes]:
    """Packages of a run cut down to one and to two tests."""
    with tempfile.TemporaryDirectory() as place:
        yield from small_packages(Path(place))
