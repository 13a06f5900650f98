"""The command ``healthcard requirements``: lists what a profile demands, with its clause and basis.

The rows come from `reference/standard/requirements/`; each cites APP11, REV2 or another document.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from reference.languages import Text, say
from reference.standard import StandardError, load
from reference.standard.errors import among
from reference.standard.rows import Basis, Level, Requirement

EXIT_USAGE = 64
LANGUAGES = ("en", "zh")

app = typer.Typer()


@app.command()
def requirements(
    profile: Annotated[str, typer.Option(help="Reading of the standard: a profile's name or file.")] = "national-2012",
    level: Annotated[str, typer.Option(help="Only this level: shall, should, may.")] = "",
    basis: Annotated[str, typer.Option(help="Only this basis: normative, field, sibling, decision.")] = "",
    grep: Annotated[str, typer.Option(help="Only rows whose id, clause or text contains this.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, with both languages.")] = False,
    lang: Annotated[str, typer.Option(help="Language of the list: en, zh.")] = "en",
) -> None:
    """List the requirements of a profile.

    Example: healthcard requirements --level shall --grep df02.ef05
    """
    if lang not in LANGUAGES:
        _refuse(say("There is no language {name}.", name=lang), among(LANGUAGES), "en")
    wanted_level = _one_of(Level, level, say("There is no level {name}.", name=level), lang)
    wanted_basis = _one_of(Basis, basis, say("There is no basis {name}.", name=basis), lang)
    try:
        catalogue = load(profile).requirements
    except StandardError as error:
        _refuse(error.text, None, lang)
    rows = [
        row
        for row in catalogue.values()
        if wanted_level in ("", row.level) and wanted_basis in ("", row.source.basis) and _contains(row, grep)
    ]
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
    elif (console := Console()).is_terminal:
        console.print(_table(rows, lang), _summary(rows).inside(lang))
    else:
        for row in rows:
            typer.echo("\t".join(_cells(row, lang)))


def _one_of(kind: type[StrEnum], name: str, problem: Text, lang: str) -> str:
    """The name, if the kind has it, or nothing for no choice."""
    if name and name not in set(kind):
        _refuse(problem, among([*kind]), lang)
    return name


def _refuse(problem: Text, remedy: Text | None, lang: str) -> NoReturn:
    """Say on one line of stderr what is wrong and what to do, and end with the exit code of a usage error."""
    typer.echo(" ".join(text.inside(lang) for text in (problem, remedy) if text), err=True)
    raise typer.Exit(EXIT_USAGE)


def _contains(row: Requirement, wanted: str) -> bool:
    """Whether id, clause or text contain the words, whatever their case."""
    texts = (row.id, str(row.source), row.text.en, row.text.zh, row.why.en, row.why.zh)
    return any(wanted.lower() in text.lower() for text in texts)


def _cells(row: Requirement, lang: str) -> tuple[str, ...]:
    tested = say("test") if row.not_testable is None else say("no test: {reason}", reason=row.not_testable)
    return (
        row.id,
        row.level.value,
        row.source.basis.value,
        str(row.source),
        row.text.inside(lang),
        tested.inside(lang),
    )


def _table(rows: list[Requirement], lang: str) -> Table:
    headings = (say("requirement"), say("level"), say("basis"), say("source"), say("text"), say("judged by"))
    table = Table(*(heading.inside(lang) for heading in headings), row_styles=("", "dim"))
    for row in rows:
        table.add_row(*_cells(row, lang))
    return table


def _summary(rows: list[Requirement]) -> Text:
    untested = sum(row.not_testable is not None for row in rows)
    return say("{count} requirements, {untested} of them without a test.", count=len(rows), untested=untested)
