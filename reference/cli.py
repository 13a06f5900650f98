"""The command ``healthcard requirements``: lists what a profile demands, and accounts for all obligations.

The rows come from `reference/standard/requirements/`; each cites APP11, REV2 or another document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.languages import Text, say
from reference.standard import StandardError, load
from reference.standard.errors import among
from reference.standard.requirements.accounting import State, accounts
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
    accounting: Annotated[
        bool, typer.Option("--accounting", help=both(say("What has become of every obligation in the documents.")))
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help=both(say("One JSON array, with both languages.")))] = False,
    lang: Lang = Language.EN,
) -> None:
    """List the requirements of a profile. 列出一个配置的全部要求。"""
    if accounting:
        if level or basis or grep:
            raise refused(say("The accounting counts every row: leave out --level, --basis and --grep."), lang)
        _account_for(profile, as_json, lang)
        return
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


def _account_for(profile: str, as_json: bool, lang: Language) -> None:
    """Show the accounting; the exit code says that it is incomplete where an obligation is open."""
    try:
        found = accounts(load(profile), load())
    except StandardError as error:
        raise refused(error.text, lang) from error
    open_ids = [account.id for account in found if account.state is State.OPEN]
    counted = Counter((account.actor, account.state, account.words) for account in found)
    cells: list[tuple[str, ...]] = [
        (actor or "–", words.inside(lang), str(count)) for (actor, _, words), count in _in_order(counted)
    ]
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
    elif (console := Console()).is_terminal:
        headings = (say("product"), say("what has become of it"), say("obligations"))
        console.print(_rows(headings, cells, lang), _accounted(len(found), open_ids).inside(lang))
    else:
        for row in cells:
            typer.echo("\t".join(row))
    for id in open_ids:
        typer.echo(say("open: {id}", id=id).inside(lang), err=True)
    if open_ids:
        raise typer.Exit(Exit.INCOMPLETE)


def _in_order(
    counted: Mapping[tuple[str, State, Text], int],
) -> list[tuple[tuple[str, State, Text], int]]:
    """The counts by product, then in the order of the states."""
    states = list(State)
    return sorted(counted.items(), key=lambda item: (item[0][0], states.index(item[0][1]), item[0][2].en))


def _accounted(count: int, open_ids: list[str]) -> Text:
    return say("{count} obligations, {open} of them open.", count=count, open=len(open_ids))


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
    return _rows(headings, [_cells(row, lang) for row in rows], lang)


def _rows(headings: tuple[Text, ...], rows: list[tuple[str, ...]], lang: Language) -> Table:
    """A table for a terminal."""
    table = Table(*(heading.inside(lang) for heading in headings), row_styles=("", "dim"))
    for row in rows:
        table.add_row(*row)
    return table


def _summary(rows: list[Requirement]) -> Text:
    untested = sum(row.not_testable is not None for row in rows)
    return say("{count} requirements, {untested} of them without a test.", count=len(rows), untested=untested)
