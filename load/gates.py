"""The gates of a load test: requirements of the catalogue with a bound each, which set the exit code.

The requirements are the rows `load.qr.…` of the catalogue, every one a decision of this project, and reports say so;
`gates.toml` says which figure of a run each is read from. Bounds come from a tier of that file or from a file of the
user's: ``[bounds]`` with ids and numbers. What a figure amounts to is judged by `conformance.evidence.under_load`.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from conformance.evidence.model import Verdict
from conformance.evidence.under_load import Bound, Figure, judge
from reference.languages import Text, say
from reference.standard import load
from reference.standard.rows import Basis, Level

TABLE = Path(__file__).with_name("gates.toml")
DEFAULT_TIER = "correctness"


class Gate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The figure that a requirement is read from, its side of the bound, and the bound that always holds, if any."""

    id: str
    figure: Figure
    bound: Literal["least", "most"]
    always: float | None = None

    def bounded(self, limit: float) -> Bound:
        """The bound as evidence keeps it."""
        return Bound(requirement=self.id, figure=self.figure, side=self.bound, limit=limit)


class Tier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds that belong together."""

    id: str
    title: Text
    source: str
    bounds: dict[str, float] = {}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bounds: dict[str, float]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A gate with its bound and what the run showed."""

    id: str
    level: Level
    basis: Basis
    source: str
    text: Text
    why: Text
    figure: Figure
    bound: Literal["least", "most"]
    limit: float
    value: float | None
    """None where the figure could not be had, or says nothing since the run is invalid."""
    verdict: Verdict

    held: bool | None
    """Whether it passed or failed; None where the run gives no answer."""


class UnusableGates(Exception):
    """A file or name of gates that cannot be used; ``text`` names it, the reason and the next step."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@functools.cache
def gates() -> Mapping[str, Gate]:
    """All gates by id."""
    return {row.id: row for row in msgspec.convert(_table()["gate"], list[Gate])}


@functools.cache
def tiers() -> Mapping[str, Tier]:
    """The shipped tiers by id."""
    return {row.id: row for row in msgspec.convert(_table()["tier"], list[Tier])}


def bounds_of(name: str) -> dict[str, float]:
    """The bounds of a tier, or of a file, with those that always hold. Raises UnusableGates.

    A file may not loosen what always holds: correctness under load has no tolerance.
    """
    wanted = tiers()[name].bounds if name in tiers() else _read(name)
    always = {gate.id: gate.always for gate in gates().values() if gate.always is not None}
    for id, limit in wanted.items():
        if id not in gates():
            raise UnusableGates(
                say("{file}: there is no gate {id}. The gates: {known}.", file=name, id=id, known=", ".join(gates()))
            )
        if not math.isfinite(limit) or limit < 0:
            raise UnusableGates(say("{file}: the bound of {id} is not a number from zero on.", file=name, id=id))
        if id in always and limit != always[id]:
            raise UnusableGates(
                say("{file}: the bound of {id} is always {limit}; remove the line.", file=name, id=id, limit=always[id])
            )
    bounds = always | wanted
    return {id: bounds[id] for id in gates() if id in bounds}


def judged(
    bounds: Mapping[str, float], figures: Mapping[str, float | None], *, valid: bool = True, kinds: frozenset[str]
) -> tuple[Judged, ...]:
    """Every gate that has a bound, held against the run's figures. ``kinds`` of code were judged by the platform."""
    return tuple(_judged(gates()[id], limit, figures, valid, kinds) for id, limit in bounds.items())


def _judged(
    gate: Gate, limit: float, figures: Mapping[str, float | None], valid: bool, kinds: frozenset[str]
) -> Judged:
    row, value = load().requirements[gate.id], figures[gate.figure]
    verdict = judge(gate.bounded(limit), value, valid=valid, kinds=kinds)
    return Judged(
        id=gate.id,
        level=row.level,
        basis=row.source.basis,
        source=str(row.source),
        text=row.text,
        why=row.why,
        figure=gate.figure,
        bound=gate.bound,
        limit=limit,
        value=value,
        verdict=verdict,
        held={Verdict.PASSED: True, Verdict.FAILED: False}.get(verdict),
    )


def _read(name: str) -> dict[str, float]:
    path = Path(name)
    if not path.exists():
        raise UnusableGates(
            say(
                "{name} is neither a file nor a tier: write a file with a table [bounds], or name one of {known}.",
                name=name,
                known=", ".join(tiers()),
            )
        )
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).bounds
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UnusableGates(say("{file}: {reason}", file=name, reason=str(error))) from None


def _table() -> dict[str, list[dict[str, object]]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))
