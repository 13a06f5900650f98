"""Which engine serves on this machine: the fast one where OpenSSL has the algorithms, else gmssl's."""

from __future__ import annotations

import functools

from reference.crypto.face import Engine, EngineUnavailable
from reference.crypto.fast import FastEngine
from reference.crypto.oracle import GmsslEngine


@functools.cache
def engine() -> Engine:
    """The engine for this process: `FastEngine` when usable, else `GmsslEngine`; ``name`` tells which."""
    try:
        return FastEngine()
    except EngineUnavailable:
        return GmsslEngine()
