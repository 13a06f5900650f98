"""The engines that this machine must have: the compiled kernel on x86-64, all others everywhere."""

from __future__ import annotations

import platform
from typing import Final

from reference.crypto import Engine
from reference.crypto.fast import FastEngine
from reference.crypto.kernel import KernelEngine
from reference.crypto.oracle import GmsslEngine

HAS_KERNEL: Final = platform.machine() == "x86_64"
ENGINES: Final[tuple[type[Engine], ...]] = (*((KernelEngine,) if HAS_KERNEL else ()), FastEngine, GmsslEngine)
NAMES: Final = tuple(kind.name for kind in ENGINES)
