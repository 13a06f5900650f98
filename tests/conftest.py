"""The order of the tests: files that take longest come first, so that at the end no worker waits for another's.

`longest_first.txt` names them, by a run of the whole suite with ``--durations=0``; all other files keep their places.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LONGEST_FIRST = (TESTS / "longest_first.txt").read_text(encoding="utf-8").split()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the tests of the longest files to the front."""
    places = {TESTS / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
