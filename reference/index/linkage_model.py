"""What a batch linkage is made of: levels in SQL, rules for blocking and training, settings; read from a table.

The model of residents is `standard/index/linkage.toml`; other data need a table of their own, of the same form.
Source: Fellegi and Sunter's model as Splink carries it out; the tables by decision.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Literal

from reference.index.tables import weights
from reference.standard import load
from reference.standard.cells import Reading
from reference.standard.loader import SHIPPED
from reference.standard.reading import Folder
from reference.standard.rows import Row

RESIDENTS = "index/linkage.toml"


class Level(Row, frozen=True, kw_only=True):
    """A way in which two values of a field agree: SQL with ``{l}`` and ``{r}`` for the values.

    ``frequencies``: agreement on a rare value says more than on a frequent one.
    """

    field: str
    level: str
    sql: str
    frequencies: bool = False


class Rule(Row, frozen=True, kw_only=True):
    """Columns that must agree: for pairs to be compared, to be learned from, or to be one for certain."""

    use: Literal["block", "train", "certain"]
    columns: list[str]


class Setting(Row, frozen=True, kw_only=True):
    """A number that the linkage depends on."""

    id: str
    value: float


@dataclasses.dataclass(frozen=True)
class Model:
    """A whole model. ``shares`` are starting m and u by field and level; training replaces them."""

    levels: Mapping[str, tuple[Level, ...]]
    rules: tuple[Rule, ...]
    settings: Mapping[str, float]
    shares: Mapping[tuple[str, str], tuple[float, float]]

    def columns(self, use: str) -> list[list[str]]:
        """The columns of every rule of one use."""
        return [rule.columns for rule in self.rules if rule.use == use]


@functools.cache
def residents() -> Model:
    """The shipped model of residents, with the m and u of the online comparison to start from."""
    shares = {key: (row.m, row.u) for key, row in weights().agreements.items()}
    return read_model(Folder(SHIPPED), RESIDENTS, shares)


def read_model(folder: Folder, name: str, shares: Mapping[tuple[str, str], tuple[float, float]] | None = None) -> Model:
    """A model from a table. Raises StandardError for a wrong one."""
    folder.only_kinds(name, ("level", "rule", "setting"))
    reading = Reading(load().documents, {}, {})
    levels: dict[str, tuple[Level, ...]] = {}
    for raw in folder.rows(name, "level"):
        level = reading.row(Level, raw)
        if level is not None:
            levels[level.field] = (*levels.get(level.field, ()), level)
    rules = [reading.row(Rule, raw) for raw in folder.rows(name, "rule")]
    settings = [reading.row(Setting, raw) for raw in folder.rows(name, "setting")]
    return Model(
        levels,
        tuple(rule for rule in rules if rule is not None),
        {setting.id: setting.value for setting in settings if setting is not None},
        shares or {},
    )
