"""Evidence packages as folders: one file of an honest one is replaced by any bytes."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from conformance.evidence.package import MANIFEST, SIGNATURE, UnusablePackage, read_package
from tests.fuzzing.scratch import folder
from tests.fuzzing.small_package import files_of, honest_files, small_packages

REFUSALS = (UnusablePackage,)
TOKENS = (
    b'"schema_version": 2',
    b'"files": []',
    b'"public_key"',
    b'"demo"',
    b'"sm3"',
    b"null",
    b"\\ud800",
    b"\xef\xbb\xbf",
)
SHARE = 6


@functools.cache
def _place() -> tuple[Path, dict[str, bytes]]:
    """The folder, with the honest files in it."""
    root, files = folder() / "package", honest_files()
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root, files


def target(data: bytes) -> None:
    """The first byte chooses the file, the rest replaces it: only the file's own bytes are taken."""
    root, files = _place()
    path = sorted(files)[data[0] % len(files) if data else 0]
    (root / path).write_bytes(data[1:])
    try:
        read_package(root)
        assert data[1:] == files[path] or path == SIGNATURE
    finally:
        (root / path).write_bytes(files[path])


def seeds() -> Iterator[bytes]:
    """Every file of a package, as it is."""
    with tempfile.TemporaryDirectory() as place:
        files = files_of(next(small_packages(Path(place))))
    for number, path in enumerate(sorted(files)):
        if path in (MANIFEST, SIGNATURE) or len(files[path]) < 8000:
            yield bytes((number,)) + files[path]
