"""A platform that runs already as the target: each step takes cases from the user's file that no step had before.

A single-use code that is shown twice stays within one step: judged by totals, its two cases belong together.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from load.cases import Case, read_cases, write_cases
from load.totals import UseCount
from reference.store import Store


class ForeignPlatform:
    """A platform at an address. ``store``: its database, where it can be reached."""

    def __init__(self, url: str, cases: Path, folder: Path, store: Store | None) -> None:
        self.url = url
        self._left: Iterator[Case] = read_cases(cases)
        self._shown: set[int] = set()
        self._file = folder / "cases"
        self._store = store

    def counting(self) -> UseCount | None:
        """A count of the uses in its database, where one is named."""
        return UseCount(self._store) if self._store is not None else None

    def cases(self, count: int, rate: float, seed: int) -> Path | None:
        """The next cases of the file; None when fewer than so many are left."""
        taken = list(itertools.islice((case for case in self._left if case.code_key not in self._shown), count))
        self._shown.update(case.code_key for case in taken if case.code_key)
        if len(taken) < count:
            return None
        write_cases(self._file, taken)
        return self._file

    def cpu_seconds(self) -> float | None:
        """Not seen from outside."""
        return None
