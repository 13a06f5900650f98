"""The files of the project, as the house rules see them: what is written by hand, without environments and caches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("reference", "simulators", "conformance", "load", "reports", "healthcard")
"""The packages that are shipped."""
FOLDERS = (*PACKAGES, "tests", "docs", ".ci")


def files(*folders: str) -> Iterator[Path]:
    """All files below the folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def python_files(*folders: str) -> Iterator[Path]:
    """All Python files below the folders."""
    return (path for path in files(*folders) if path.suffix == ".py")


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the project with its content, those at the top included."""
    at_the_top = (path for path in sorted(ROOT.iterdir()) if path.is_file())
    for path in (*at_the_top, *files(*FOLDERS)):
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def named(path: Path) -> str:
    """A file's name from the project's top."""
    return str(path.relative_to(ROOT))
