"""The command ``report``: an evidence package in, `report.html`, `report.json` and `junit.xml` out.

No clause of the standard is followed here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.evidence.opening import open_package
from reference.command_line import Lang, Language, both, example, refused
from reference.languages import say
from reports.writing import write

app = typer.Typer(no_args_is_help=True)


@app.command(epilog=example("healthcard report evidence.zip --out report --lang zh"))
def report(
    package: Annotated[Path, typer.Argument(help=both(say("The evidence package: the zip, or its folder.")))],
    out: Annotated[Path, typer.Option(help=both(say("Folder that the reports are written into.")))] = Path("report"),
    lang: Lang = Language.EN,
) -> None:
    """Write the report of a run, as a page for people and as JSON and JUnit for programs. 生成报告。"""
    evidence = open_package(package, lang)
    try:
        summary = write(evidence, out, lang.value)
    except OSError as error:
        raise refused(
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
