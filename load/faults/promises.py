"""How the promises under faults are judged: which findings break one, which time bounds it; see `promises.toml`.

The promises themselves are the rows ``fault.…`` of the catalogue of requirements, every one a decision of this project.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from conformance.evidence.staged_faults import StagedFault
from conformance.evidence.under_faults import PROMISES, Finding
from reference.standard import load
from reference.standard.rows import Requirement

TABLE = Path(__file__).with_name("promises.toml")
STALE = "fault.clock-stepped.stale"
"""The promise that says of a stepped clock what the others say of a recovery."""

Fault = Literal["every", StagedFault]
"""What fails: the second part of a promise's id."""


class Promise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What breaks a promise of the catalogue: findings of which one is one too many, or a time beyond ``seconds``."""

    id: str
    counts: tuple[Finding, ...] = ()
    seconds: float | None = None


@functools.cache
def promised() -> Mapping[str, Requirement]:
    """All promises by id, as the catalogue has them."""
    return {id: row for id, row in load().requirements.items() if id.startswith(PROMISES)}


@functools.cache
def promises() -> Mapping[str, Promise]:
    """The promises that something is counted or bounded for, by id."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {row.id: row for row in msgspec.convert(table["promise"], list[Promise])}


def seconds(id: str) -> float:
    """The bound of a promise that bounds a time. Raises KeyError and ValueError."""
    bound = promises()[id].seconds
    if bound is None:
        raise ValueError(f"{id} bounds no time")
    return bound


def recovery_seconds(fault: StagedFault) -> float:
    """How long a platform may take to accept codes again once a fault is gone."""
    return seconds(STALE if fault == "clock-stepped" else f"fault.{fault}.recovery")
