"""Which engine serves on this machine: the compiled kernel, else OpenSSL where it has the algorithms, else gmssl's."""

from __future__ import annotations

import functools

from reference.crypto.face import Engine, EngineUnavailable
from reference.crypto.fast import FastEngine
from reference.crypto.kernel import KernelEngine
from reference.crypto.oracle import GmsslEngine


@functools.cache
def engine() -> Engine:
    """The engine for this process: the first usable of `KernelEngine`, `FastEngine`, `GmsslEngine`; ``name`` tells."""
    for kind in (KernelEngine, FastEngine):
        try:
            return kind()
        except EngineUnavailable:
            continue
    return GmsslEngine()
