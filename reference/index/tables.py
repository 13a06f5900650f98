"""The tables of matching as objects: agreement levels with their weights, and thresholds (`standard/index/`)."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from reference.languages import Text, say
from reference.standard import StandardError, load
from reference.standard.cells import Reading
from reference.standard.loader import SHIPPED
from reference.standard.reading import Folder
from reference.standard.rows import Row

WEIGHTS = "index/weights.toml"


class Agreement(Row, frozen=True, kw_only=True):
    """How two values of a field can agree, and how often pairs of one person (m) and of two (u) agree so."""

    field: str
    level: str
    m: float
    u: float
    title: Text

    @property
    def weight(self) -> float:
        """Bits for one person: log2(m / u)."""
        return math.log2(self.m / self.u)


class Threshold(Row, frozen=True, kw_only=True):
    """A number that matching depends on."""

    id: str
    value: float
    title: Text


class Search(Row, frozen=True, kw_only=True):
    """A rule that yields persons to compare: columns of `index_persons` with the number of leading characters that
    must be the same, 0 for the whole value."""

    id: str
    columns: dict[str, int]


@dataclasses.dataclass(frozen=True)
class Weights:
    """The agreement levels by field and level, the thresholds by id, and the search rules."""

    agreements: Mapping[tuple[str, str], Agreement]
    thresholds: Mapping[str, float]
    searches: tuple[Search, ...]

    @property
    def prior(self) -> float:
        """Bits with which every comparison starts: the logarithm of the odds before anything is compared."""
        return math.log2(self.thresholds["prior-odds"])


def weights(root: Path = SHIPPED) -> Weights:
    """The shipped weights, or those of another directory of tables. Raises StandardError for a wrong table."""
    return _read(root)


@functools.cache
def _read(root: Path) -> Weights:
    folder = Folder(root)
    folder.only_kinds(WEIGHTS, ("agreement", "threshold", "search"))
    reading = Reading(load().documents, {}, {})
    agreements = [reading.row(Agreement, raw) for raw in folder.rows(WEIGHTS, "agreement")]
    thresholds = [reading.row(Threshold, raw) for raw in folder.rows(WEIGHTS, "threshold")]
    searches = [reading.row(Search, raw) for raw in folder.rows(WEIGHTS, "search")]
    by_level = {(row.field, row.level): row for row in agreements if row is not None}
    _check_sums(by_level)
    return Weights(
        MappingProxyType(by_level),
        MappingProxyType({row.id: row.value for row in thresholds if row is not None}),
        tuple(row for row in searches if row is not None),
    )


def _check_sums(agreements: Mapping[tuple[str, str], Agreement]) -> None:
    for field in {field for field, _ in agreements}:
        rows = [row for (of, _), row in agreements.items() if of == field]
        for share in ("m", "u"):
            total = math.fsum(getattr(row, share) for row in rows)
            if not math.isclose(total, 1, abs_tol=1e-6):
                raise StandardError(
                    f"{WEIGHTS}, {field}",
                    say("the {share} of all levels add up to {total}, not to 1.", share=share, total=f"{total:.6f}"),
                    say("Correct the shares of this field."),
                )
