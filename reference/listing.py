"""What the commands share that list rows of the standard: choosing by a name, and showing for people or programs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from reference.command_line import Language, refused
from reference.languages import Text
from reference.standard.errors import among


def require_known(name: str, known: Collection[str], problem: Text, lang: Language) -> None:
    """Refuse the call when a name is given that is not among the known ones. Raises typer.Exit."""
    if name and name not in known:
        remedy = among(known)
        raise refused(Text(f"{problem.en} {remedy.en}", f"{problem.zh} {remedy.zh}"), lang)


def table_of(headings: Sequence[Text], cells: Iterable[Sequence[str]], lang: Language) -> Table:
    """A table for a terminal."""
    table = Table(*(heading.inside(lang) for heading in headings), row_styles=("", "dim"))
    for row in cells:
        table.add_row(*row)
    return table


def show_rows(
    rows: object, cells: Iterable[Sequence[str]], table: Table, summary: Text, lang: Language, *, as_json: bool
) -> None:
    """The rows as JSON; on a terminal the table and its summary; elsewhere the cells, one row a line, with tabs."""
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
    elif (console := Console()).is_terminal:
        console.print(table, summary.inside(lang))
    else:
        for row in cells:
            typer.echo("\t".join(row))
