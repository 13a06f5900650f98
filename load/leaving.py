"""What a run under load leaves: words on the screen, figures for programs, report beside the evidence, exit code.

No clause of the standard is followed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import typer

from conformance.evidence.model import Overall
from reference.command_line import Exit, Language
from reference.languages import Text, say

if TYPE_CHECKING:
    from conformance.evidence.package import Package

write_report: Callable[[Package, Path, str], Text] | None = None
"""Writes the report beside the evidence and returns its headline; set by the front door, which knows reports."""


def exit_of(overall: Overall) -> Exit:
    """0 all that applies passed, 1 something failed, 2 the run gives no answer."""
    if overall is Overall.CONFORMANT:
        return Exit.CONFORMANT
    return Exit.NOT_CONFORMANT if overall is Overall.NOT_CONFORMANT else Exit.INCOMPLETE


def show(found: object, lines: Iterable[str], json_file: str) -> None:
    """The lines on the screen, and the JSON where it is asked for; ``-`` is the screen alone. Raises OSError."""
    encoded = msgspec.json.format(msgspec.json.encode(found))
    if json_file == "-":
        typer.echo(encoded.decode())
        return
    for line in lines:
        typer.echo(line)
    if json_file:
        Path(json_file).write_bytes(encoded)


def leave(package: Package, found: object, name: str, out: Path, lang: Language) -> None:
    """Write report and figures (``name`` is their file) beside the package, and say where they are. Raises OSError."""
    (out / name).write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    headline = write_report(package, out, lang.value) if write_report is not None else package.results.because
    typer.echo(headline.inside(lang), err=True)
    typer.echo(say("Evidence and report: {out}", out=out).inside(lang), err=True)
