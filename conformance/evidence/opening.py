"""Opening a package that a user names: one that cannot be used ends the command, and nothing is executed."""

from __future__ import annotations

from pathlib import Path

from conformance.evidence.package import Package, UnusablePackage, read_package
from reference.command_line import Exit, Language, refused
from reference.languages import say


def open_package(
    path: Path, lang: Language, *, trusted: frozenset[str] = frozenset(), unusable: Exit = Exit.USAGE
) -> Package:
    """The package at ``path``; raises the command's exit, ``unusable`` for one that is damaged or was changed."""
    if not path.exists():
        raise refused(say("{path}: there is no such package. Name the evidence.zip that a run wrote.", path=path), lang)
    try:
        return read_package(path, trusted)
    except UnusablePackage as fault:
        text = say("{part}: {reason}. Nothing was executed.", part=fault.part, reason=fault.reason)
        raise refused(text, lang, unusable) from fault
