"""The command ``healthcard requirements``: lists what a profile demands, with its clause and basis.

The rows come from `reference/standard/requirements/`; each cites APP11, REV2 or another document.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from reference.command_line import Lang, Language, both, example, refused
from reference.languages import Text, say
from reference.standard import StandardError, load
from reference.standard.errors import among
from reference.standard.rows import Basis, Level, Requirement

app = typer.Typer()


@app.command(epilog=example("healthcard requirements --level shall --grep df02.ef05"))
def requirements(
    profile: Annotated[
        str, typer.Option(help=both(say("Reading of the standard: a profile's name or file.")))
    ] = "national-2012",
    level: Annotated[str, typer.Option(help=both(say("Only this level: shall, should, may.")))] = "",
    basis: Annotated[str, typer.Option(help=both(say("Only this basis: normative, field, sibling, decision.")))] = "",
    grep: Annotated[str, typer.Option(help=both(say("Only rows whose id, clause or text contains this.")))] = "",
    as_json: Annotated[bool, typer.Option("--json", help=both(say("One JSON array, with both languages.")))] = False,
    lang: Lang = Language.EN,
) -> None:
    """List the requirements of a profile. 列出一个配置的全部要求。"""
    wanted_level = _one_of(Level, level, say("There is no level {name}.", name=level), lang)
    wanted_basis = _one_of(Basis, basis, say("There is no basis {name}.", name=basis), lang)
    try:
        catalogue = load(profile).requirements
    except StandardError as error:
        raise refused(error.text, lang) from error
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


def _one_of(kind: type[StrEnum], name: str, problem: Text, lang: Language) -> str:
    """The name, if the kind has it, or nothing for no choice."""
    if name and name not in set(kind):
        remedy = among([*kind])
        raise refused(Text(f"{problem.en} {remedy.en}", f"{problem.zh} {remedy.zh}"), lang)
    return name


def _contains(row: Requirement, wanted: str) -> bool:
    """Whether id, clause or text contain the words, whatever their case."""
    texts = (row.id, str(row.source), row.text.en, row.text.zh, row.why.en, row.why.zh)
    return any(wanted.lower() in text.lower() for text in texts)


def _cells(row: Requirement, lang: Language) -> tuple[str, ...]:
    tested = say("test") if row.not_testable is None else say("no test: {reason}", reason=row.not_testable)
    return (
        row.id,
        row.level.value,
        row.source.basis.value,
        str(row.source),
        row.text.inside(lang),
        tested.inside(lang),
    )


def _table(rows: list[Requirement], lang: Language) -> Table:
    headings = (say("requirement"), say("level"), say("basis"), say("source"), say("text"), say("judged by"))
    table = Table(*(heading.inside(lang) for heading in headings), row_styles=("", "dim"))
    for row in rows:
        table.add_row(*_cells(row, lang))
    return table


def _summary(rows: list[Requirement]) -> Text:
    untested = sum(row.not_testable is not None for row in rows)
    return say("{count} requirements, {untested} of them without a test.", count=len(rows), untested=untested)
