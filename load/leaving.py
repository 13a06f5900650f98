"""What a run under load leaves in its folder beside the evidence: the report, and its own figures for programs.

No clause of the standard is followed here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import typer

from reference.command_line import Language
from reference.languages import Text, say

if TYPE_CHECKING:
    from conformance.evidence.package import Package

write_report: Callable[[Package, Path, str], Text] | None = None
"""Writes the report beside the evidence and returns its headline; set by the front door, which knows reports."""


def leave(package: Package, found: object, name: str, out: Path, lang: Language) -> None:
    """Write report and figures (``name`` is their file) beside the package, and say where they are. Raises OSError."""
    (out / name).write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    headline = write_report(package, out, lang.value) if write_report is not None else package.results.because
    typer.echo(headline.inside(lang), err=True)
    typer.echo(say("Evidence and report: {out}", out=out).inside(lang), err=True)
