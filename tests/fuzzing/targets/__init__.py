"""The targets, one a module, each a place where bytes from outside come in.

A module has ``target(data)``, which raises nothing but its ``REFUSALS``; ``seeds()``, honest inputs for the committed
corpus; and where they help, ``TOKENS`` that mutations weave in. ``SHARE`` is its part of the inputs of a run: slow
targets get fewer.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Protocol, cast


class Target(Protocol):
    """What a module of this folder offers."""

    REFUSALS: tuple[type[Exception], ...]
    TOKENS: tuple[bytes, ...]
    SHARE: int

    def target(self, data: bytes) -> None:
        """Hand the bytes to the code under test. Raises only REFUSALS; an AssertionError is a broken promise."""
        ...

    def seeds(self) -> Iterator[bytes]:
        """Honest inputs, at least one of which is accepted."""
        ...


def names() -> tuple[str, ...]:
    """The names of all targets, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def named(name: str) -> Target:
    """The target of a name, or of a module named in full."""
    return cast("Target", importlib.import_module(name if "." in name else f"{__name__}.{name}"))
