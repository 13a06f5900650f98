"""Where the time of a verification goes: measured parts put into categories, and the rest of the server's time.

The parts are measured in this process on the same database (`load.benchmarks.parts`, in groups of 64); the server's
processor time a verification is that of the search. What the parts do not explain is the framework: HTTP, event loop,
threads, and groups smaller than 64. Source: decision.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from load.benchmarks.parts import Part
from reference.languages import Text, say

TABLE = Path(__file__).with_name("parts.toml")
CategoryId = Literal["crypto", "store", "encoding", "judging", "framework", "other"]


class Category(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of work."""

    id: CategoryId
    title: Text
    colour: str


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    title: Text
    category: CategoryId
    bare: CategoryId | None = None
    whole: tuple[str, ...] = ()


class MeasuredPart(msgspec.Struct, frozen=True, kw_only=True):
    """One part in microseconds a verification: the platform's own code, and the bare primitive of it."""

    title: Text
    category: CategoryId
    inside: bool
    """Whether it is inside the part before it."""
    own_us: float
    bare_us: float
    primitive: str


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What a category takes of a verification, in microseconds."""

    category: CategoryId
    title: Text
    us: float


class WhereTimeGoes(msgspec.Struct, frozen=True, kw_only=True):
    """The parts and their sum by category; ``unknown`` says why there are none."""

    core_us: float | None = None
    shares: tuple[Share, ...] = ()
    parts: tuple[MeasuredPart, ...] = ()
    unknown: Text | None = None


class _Table(NamedTuple):
    categories: tuple[Category, ...]
    rows: dict[str, _Row]


@functools.cache
def table() -> _Table:
    """Categories and parts of `parts.toml`."""
    raw = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    rows = msgspec.convert(raw["part"], list[_Row])
    return _Table(msgspec.convert(raw["category"], tuple[Category, ...]), {row.name: row for row in rows})


def of_a_foreign_platform() -> WhereTimeGoes:
    """Nothing: it cannot be seen from outside."""
    return WhereTimeGoes(
        unknown=say("Where the time goes inside the platform cannot be seen from outside; only its answers can.")
    )


def of_another_profile() -> WhereTimeGoes:
    """Nothing: the parts are measured for one profile."""
    return WhereTimeGoes(unknown=say("The parts of a verification are measured for the profile sichuan alone."))


def of_an_interrupted_search() -> WhereTimeGoes:
    """Nothing: it was broken off before."""
    return WhereTimeGoes(unknown=say("The parts of a verification were not measured, since the search was broken off."))


def of_parts(parts: Sequence[Part], core_us: float | None) -> WhereTimeGoes:
    """The measured parts by category, and what remains of the server's processor time.

    A part whose name begins with spaces is inside the one before it, and taken off it.
    """
    sums: dict[CategoryId, float] = {category.id: 0.0 for category in table().categories}
    own = {part.name.strip(): part.own for part in parts}
    outer: CategoryId = "other"
    measured = []
    for part in parts:
        row = table().rows.get(part.name.strip()) or _unknown(part)
        inside = part.name.startswith(" ")
        if inside:
            sums[outer] -= part.own
        else:
            outer = row.category
        _add(sums, row, part, sum(own.get(name, 0.0) for name in row.whole))
        measured.append(
            MeasuredPart(
                title=row.title,
                category=row.category,
                inside=inside,
                own_us=part.own,
                bare_us=part.bare,
                primitive=part.primitive,
            )
        )
    if core_us is not None:
        sums["framework"] = core_us - sum(sums.values())
    shares = tuple(
        Share(category=category.id, title=category.title, us=sums[category.id])
        for category in table().categories
        if sums[category.id] > 0
    )
    return WhereTimeGoes(core_us=core_us, shares=shares, parts=tuple(measured))


def _add(sums: dict[CategoryId, float], row: _Row, part: Part, inside: float) -> None:
    """Count a part's own time, without what it spans; its primitive apart where that is of another kind."""
    time = part.own - inside
    if row.bare is not None:
        sums[row.bare] += part.bare
        time -= part.bare
    sums[row.category] += max(time, 0.0)


def _unknown(part: Part) -> _Row:
    name = part.name.strip()
    return _Row(name=name, title=Text(name, name), category="other")
