"""One front-end a spool: a second one on the same file would upload what the first is uploading.

The lock is the operating system's, on a file beside the spool, so that it ends with the process, however that ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from reference.languages import Text, say


class SpoolInUse(Exception):
    """Another process uses the spool, or its folder cannot be written; ``text`` says so."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def sole_user(spool: Path) -> Callable[[], None]:
    """Hold the spool for this process until it ends, or until what is returned is called. Raises SpoolInUse."""
    file = spool.resolve().with_name(spool.name + ".lock")
    try:
        held = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as failure:
        raise SpoolInUse(
            say("{file}: the spool cannot be kept there: {fault}. Name another.", file=spool, fault=failure.strerror)
        ) from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise SpoolInUse(
            say("{file}: another front-end uses this spool. End it, or name another.", file=spool)
        ) from None
    return lambda: os.close(held)
