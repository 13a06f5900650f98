"""With what evidence was made: the environment, and a digest of the code that decides what a verdict means.

Source: architecture of the harness, evidence: verdicts are derived again only under the rules that drew them.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable
from pathlib import Path

import reference
from conformance.evidence.model import Environment

PACKAGES = ("cryptography", "gmssl", "msgspec", "pytest", "pyscard")
EVIDENCE = Path(__file__).parent
LANGUAGES = Path(reference.__file__).parent / "languages"


def environment() -> Environment:
    """What the run was made with."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return Environment(
        tool=f"healthcard {importlib.metadata.version('healthcard')}",
        python=platform.python_version(),
        platform=platform.platform(),
        packages=found,
    )


def digest_of(folders: Iterable[Path]) -> str:
    """SM3 over name and content of all code, tables and messages in the folders."""
    total = hashlib.new("sm3")
    for root in folders:
        for pattern in ("*.py", "*.toml", "*.po"):
            for file in sorted(root.rglob(pattern)):
                name = f"{root.name}/{file.relative_to(root).as_posix()}"
                total.update(name.encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def judging_of_load() -> str:
    """The digest of what draws the verdicts of a load run from its record, with their wording in both languages."""
    return digest_of((EVIDENCE, LANGUAGES))
