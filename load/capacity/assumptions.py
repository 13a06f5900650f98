"""What a projection rests on: the shipped table `assumptions.toml`, and a user's file that changes parts of it.

Each value carries its basis: published, computed, decision, or given (by the user's file). No published source names a
required rate, so that the report shows every value it multiplies.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from reference.languages import Text, say

TABLE = Path(__file__).with_name("assumptions.toml")
Basis = Literal["published", "computed", "decision", "given"]


class Sourced(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number and where it comes from."""

    value: float
    basis: Basis
    source: Text


class Assumption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A factor of the projection, from ``least`` to ``most``."""

    id: str
    title: Text
    value: float
    least: float
    most: float | None = None
    basis: Basis
    source: Text


class Region(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """For whom is reckoned."""

    id: str
    kind: Literal["province", "nation", "given"] = "given"
    title: Text
    residents: Sourced
    cards_per_resident: Sourced
    uses_per_card_year: Sourced


class Assumptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The factors and the regions."""

    assumption: tuple[Assumption, ...]
    region: tuple[Region, ...]

    def value(self, id: str) -> float:
        """A factor by its id."""
        return next(row.value for row in self.assumption if row.id == id)


class _ChangedRegion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    title: str = ""
    residents: float | None = None
    cards_per_resident: float | None = None
    uses_per_card_year: float | None = None


class _Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    assumptions: dict[str, float] = {}
    regions: dict[str, _ChangedRegion] = {}


class UnusableAssumptions(Exception):
    """A file of assumptions that cannot be used; ``text`` names it, the reason and the next step."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@functools.cache
def shipped() -> Assumptions:
    """The table beside this file."""
    return msgspec.convert(tomllib.loads(TABLE.read_text(encoding="utf-8")), Assumptions)


def assumptions_of(path: Path | None) -> Assumptions:
    """The shipped assumptions with what a file changes. Raises UnusableAssumptions."""
    if path is None:
        return shipped()
    changes = _read(path)
    _require_known(path, changes.assumptions)
    factors = tuple(_changed(path, row, changes.assumptions.get(row.id)) for row in shipped().assumption)
    known = {row.id: row for row in shipped().region}
    regions = [_region(path, row, changes.regions.get(id)) for id, row in known.items()]
    added = [_added(path, id, row) for id, row in changes.regions.items() if id not in known]
    return Assumptions(assumption=factors, region=(*regions, *added))


def _read(path: Path) -> _Changes:
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _Changes)
    except OSError as error:
        raise UnusableAssumptions(say("{file}: {reason}", file=path, reason=error.strerror)) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UnusableAssumptions(say("{file}: {reason}", file=path, reason=str(error))) from None


def _require_known(path: Path, given: Mapping[str, float]) -> None:
    known = [row.id for row in shipped().assumption]
    for id in given:
        if id not in known:
            raise UnusableAssumptions(
                say("{file}: there is no assumption {id}. They are: {known}.", file=path, id=id, known=", ".join(known))
            )


def _changed(path: Path, row: Assumption, value: float | None) -> Assumption:
    if value is None:
        return row
    _require_within(path, row.id, value, row.least, row.most)
    return msgspec.structs.replace(row, value=value, basis="given", source=Text(path.name, path.name))


def _region(path: Path, row: Region, change: _ChangedRegion | None) -> Region:
    if change is None:
        return row
    given = _numbers(path, row.id, change)
    title = Text(change.title, change.title) if change.title else row.title
    return msgspec.structs.replace(row, title=title, **given)


def _added(path: Path, id: str, change: _ChangedRegion) -> Region:
    given = _numbers(path, id, change)
    lacking = [name for name in ("residents", "cards_per_resident", "uses_per_card_year") if name not in given]
    if lacking:
        raise UnusableAssumptions(
            say(
                "{file}: the region {id} lacks {names}.",
                file=path,
                id=id,
                names=", ".join(lacking).replace("_", "-"),
            )
        )
    title = change.title or id
    return Region(id=id, kind="given", title=Text(title, title), **given)


def _numbers(path: Path, id: str, change: _ChangedRegion) -> dict[str, Any]:
    """The numbers that a file gives for a region."""
    given = {name: getattr(change, name) for name in ("residents", "cards_per_resident", "uses_per_card_year")}
    found: dict[str, Sourced] = {}
    for name, value in given.items():
        if value is not None:
            _require_within(path, f"{id}.{name}".replace("_", "-"), value, 0.0, None)
            found[name] = Sourced(value=value, basis="given", source=Text(path.name, path.name))
    return found


def _require_within(path: Path, id: str, value: float, least: float, most: float | None) -> None:
    """Raise UnusableAssumptions for a number out of its range."""
    if math.isfinite(value) and least <= value and (most is None or value <= most):
        return
    if most is None:
        text = say(
            "{file}: {id} is {value:g}, but must be at least {least:g}.", file=path, id=id, value=value, least=least
        )
    else:
        text = say(
            "{file}: {id} is {value:g}, but must be from {least:g} to {most:g}.",
            file=path,
            id=id,
            value=value,
            least=least,
            most=most,
        )
    raise UnusableAssumptions(text)
