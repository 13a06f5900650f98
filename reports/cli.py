"""The command ``report``: an evidence package in, `report.html`, `report.json` and `junit.xml` out.

No clause of the standard is followed here.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from conformance.evidence.package import Package, UnusablePackage, read_package
from reference.languages import Text, say
from reports.writing import write

USAGE = 64
"""Exit code for a mistake in the call."""

app = typer.Typer(no_args_is_help=True)


class Language(StrEnum):
    """The languages of messages and reports."""

    ENGLISH = "en"
    CHINESE = "zh"


@app.command(epilog="Example: healthcard report evidence.zip --out report --lang zh")
def report(
    package: Annotated[Path, typer.Argument(help="The evidence package: the zip, or its folder.")],
    out: Annotated[Path, typer.Option(help="The folder that the reports are written into.")] = Path("report"),
    lang: Annotated[Language, typer.Option(help="The language that the page opens in.")] = Language.ENGLISH,
) -> None:
    """Write the report of a run, as a page for people and as JSON and JUnit for programs."""
    evidence = _read(package, lang)
    try:
        summary = write(evidence, out, lang.value)
    except OSError as error:
        raise _refused(
            say(
                "{out}: the report cannot be written: {error}. Choose another folder with --out.",
                out=out,
                error=error,
            ),
            lang,
        ) from None
    typer.echo(summary.headline.inside(lang))
    typer.echo(summary.because.inside(lang))
    for name in ("report.html", "report.json", "junit.xml"):
        typer.echo(str(out / name))


def _read(path: Path, lang: Language) -> Package:
    if not path.exists():
        raise _refused(
            say("{path}: there is no such package. Name the evidence.zip that a run wrote.", path=path), lang
        )
    try:
        return read_package(path)
    except UnusablePackage as error:
        raise _refused(say("{part}: {reason}", part=error.part, reason=error.reason), lang) from None


def _refused(message: Text, lang: Language) -> typer.Exit:
    typer.echo(message.inside(lang), err=True)
    return typer.Exit(USAGE)
