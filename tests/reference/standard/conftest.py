"""A copy of the shipped tables that a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reference.standard import Standard, load
from reference.standard.loader import SHIPPED, loaded


class Tables:
    """A directory of tables, edited by replacing text, and loaded afresh."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a piece of text once; it must be there."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def add(self, name: str, text: str) -> None:
        """Append to a table."""
        path = self.root / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    def load(self, profile: str | Path = "national-2012") -> Standard:
        """Read what stands there now."""
        loaded.cache_clear()
        return load(profile, self.root)


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    """The shipped tables, copied."""
    root = tmp_path / "tables"
    shutil.copytree(SHIPPED, root, ignore=shutil.ignore_patterns("*.py", "__pycache__", "schemas", "requirements"))
    return Tables(root)
