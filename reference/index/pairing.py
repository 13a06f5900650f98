"""Pairs of rows that belong together, found by Splink on DuckDB: trained on the rows themselves, without labels.

Needs the extra ``linkage``; everything else of the index does without it. Chance agreements (u) are counted on random
pairs, agreements of one person (m) are estimated by expectation maximisation. The same seed gives the same pairs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

import msgspec

from reference.index.errors import LinkageRefused
from reference.index.linkage_model import Level, Model
from reference.languages import say

KEY = "unique_id"
Cell = str | list[str] | None
Record = Mapping[str, Cell]
"""One row: ``unique_id`` and the model's columns; None for what is missing."""


class Pair(msgspec.Struct, frozen=True):
    """Two rows by their ids, and the probability that they belong together."""

    left: str
    right: str
    probability: float


class Pairing:
    """A model, trained once on two sets of rows (or one), that finds the pairs between them and inside the first.

    Raises LinkageRefused when the library is missing or there is nothing to compare.
    """

    def __init__(self, model: Model, left: Sequence[Record], right: Sequence[Record] = (), *, seed: int = 1) -> None:
        if not left:
            raise LinkageRefused(say("The batch has no rows. Name a file or list with at least one."))
        self._splink, self._duckdb = _libraries()
        self._model, self._left, self._right, self._seed = model, left, right, seed
        self._settings = _settings(model)

    def train(self) -> None:
        """Estimate m and u from the rows. Raises LinkageRefused when a training rule yields no pairs."""
        linker = self._linker(within_left=not self._right)
        setting, training = self._model.settings, linker.training
        block_on = self._splink.block_on
        training.estimate_probability_two_random_records_match(
            [block_on(*columns) for columns in self._model.columns("certain")], recall=setting["recall-of-certain"]
        )
        training.estimate_u_using_random_sampling(
            max_pairs=setting["sampled-pairs"], seed=self._seed, min_count_per_level=None, num_chunks=1
        )
        for columns in self._model.columns("train"):
            try:
                training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
            except self._splink.internals.exceptions.EMTrainingException as error:
                raise LinkageRefused(
                    say(
                        "No pairs agree on {columns}: there is nothing to learn from. Link without training.",
                        columns=", ".join(columns),
                    )
                ) from error
        self._settings = linker.misc.save_model_to_json()

    def between(self) -> tuple[Pair, ...]:
        """The probable pairs of a row on the left and a row on the right, the most probable first."""
        return self._pairs(self._linker(within_left=False)) if self._right else ()

    def within(self) -> tuple[Pair, ...]:
        """The probable pairs inside the left rows, the most probable first."""
        return self._pairs(self._linker(within_left=True))

    def _linker(self, *, within_left: bool) -> Any:
        memory = self._duckdb.connect()
        memory.execute("SET enable_progress_bar = false")
        database = self._splink.DuckDBAPI(memory)
        tables = [database.register(list(self._left), dataset_display_name="left_rows")]
        if not within_left:
            tables.append(database.register(list(self._right), dataset_display_name="right_rows"))
        settings = self._settings | {"link_type": "dedupe_only" if within_left else "link_only"}
        return self._splink.Linker(tables[0] if within_left else tables, settings, log_level=None)

    def _pairs(self, linker: Any) -> tuple[Pair, ...]:
        predicted = linker.inference.predict(
            threshold_match_probability=self._model.settings["probable"], warning_mode="never"
        )
        pairs = [Pair(row[f"{KEY}_l"], row[f"{KEY}_r"], row["match_probability"]) for row in predicted.as_record_list()]
        return tuple(sorted(pairs, key=lambda pair: (-pair.probability, pair.left, pair.right)))


def clusters(pairs: Iterable[Pair]) -> tuple[tuple[str, ...], ...]:
    """The groups of ids that pairs hold together, each sorted, in the order of their first ids."""
    group_of: dict[str, set[str]] = {}
    for pair in pairs:
        joined = group_of.get(pair.left, {pair.left}) | group_of.get(pair.right, {pair.right})
        group_of |= dict.fromkeys(joined, joined)
    return tuple(sorted({tuple(sorted(group)) for group in group_of.values()}))


def _libraries() -> tuple[ModuleType, ModuleType]:
    try:
        import duckdb
        import splink
        import splink.internals.exceptions
    except ImportError as error:
        raise LinkageRefused(
            say(
                "Batch linkage needs the package {package}. Install the extra: pip install 'healthcard[linkage]'.",
                package=error.name,
            )
        ) from error
    # Splink reports its progress as warnings, through handlers of its own.
    logging.getLogger("splink").setLevel(logging.ERROR)
    return splink, duckdb


def _settings(model: Model) -> dict[str, Any]:
    return {
        "unique_id_column_name": KEY,
        "comparisons": [_comparison(model, field, levels) for field, levels in model.levels.items()],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": " AND ".join(f'l."{column}" = r."{column}"' for column in columns)}
            for columns in model.columns("block")
        ],
        "retain_matching_columns": False,
    }


def _comparison(model: Model, field: str, levels: Sequence[Level]) -> dict[str, Any]:
    """A comparison of one field: missing, the levels in their order, and everything else as ``different``."""
    left, right = f'"{field}_l"', f'"{field}_r"'
    missing = {"sql_condition": f"{left} IS NULL OR {right} IS NULL", "is_null_level": True}
    described = [
        {"sql_condition": level.sql.format(l=left, r=right), "label_for_charts": level.level}
        | ({"tf_adjustment_column": field} if level.frequencies else {})
        | _shares(model, field, level.level)
        for level in levels
    ]
    other = {"sql_condition": "ELSE", "label_for_charts": "different"} | _shares(model, field, "different")
    return {"output_column_name": field, "comparison_levels": [missing, *described, other]}


def _shares(model: Model, field: str, level: str) -> dict[str, float]:
    if (field, level) not in model.shares:
        return {}
    m, u = model.shares[field, level]
    return {"m_probability": m, "u_probability": u}
