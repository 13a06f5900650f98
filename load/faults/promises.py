"""The promises under faults as rows; see `promises.toml`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from reference.languages import Text
from reference.standard.rows import Level

TABLE = Path(__file__).with_name("promises.toml")

Fault = Literal["every", "worker-killed", "crypto-machine", "database", "disk-full", "clock-stepped"]


class Promise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A requirement on a platform in which something fails. ``seconds`` is its bound, where it bounds a time."""

    id: str
    fault: Fault
    level: Level
    source: str
    en: str
    zh: str
    why: Text
    seconds: float | None = None
    basis: Literal["decision"] = "decision"

    @property
    def text(self) -> Text:
        """The promise in both languages."""
        return Text(self.en, self.zh)


@functools.cache
def promises() -> Mapping[str, Promise]:
    """All promises by id."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {row.id: row for row in msgspec.convert(table["promise"], list[Promise])}


def seconds(id: str) -> float:
    """The bound of a promise that bounds a time. Raises KeyError and ValueError."""
    bound = promises()[id].seconds
    if bound is None:
        raise ValueError(f"{id} bounds no time")
    return bound
