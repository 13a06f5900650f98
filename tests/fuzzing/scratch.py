"""Files for targets that take a path: one folder a process, gone with it."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fuzzing-")


def folder() -> Path:
    """The process's own folder."""
    return Path(_folder().name)


def written(name: str, data: bytes) -> Path:
    """A file of this name with these bytes."""
    path = folder() / name
    path.write_bytes(data)
    return path
