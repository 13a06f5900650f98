"""The files that are run first are there, each once."""

from __future__ import annotations

from tests.conftest import LONGEST_FIRST, TESTS


def test_the_longest_files_exist_and_stand_once() -> None:
    assert [name for name in LONGEST_FIRST if not (TESTS / name).is_file()] == []
    assert len(set(LONGEST_FIRST)) == len(LONGEST_FIRST) > 0
