"""The commands ``healthcard platform …``: what the platform does (coverage), and who may use it (administration).

`coverage` needs the tables alone; the others open the platform's database and need the extra ``platform``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from reference.command_line import Lang, Language, both, example, refused
from reference.languages import Text, say
from reference.platform_commands import apps, institutions, operators, terminals
from reference.standard import StandardError
from reference.standard.errors import among
from reference.standard.platform import Function, State, functions

app = typer.Typer()
group = typer.Typer(
    no_args_is_help=True, help=both(say("The platform: what it does, and who may use it: apps, institutions, people."))
)
app.add_typer(group, name="platform")
for name, verbs in (("app", apps), ("institution", institutions), ("terminal", terminals), ("operator", operators)):
    group.add_typer(verbs.group, name=name)


@group.command(epilog=example("healthcard platform coverage --state open --area EMPI"))
def coverage(
    state: Annotated[str, typer.Option(help=both(say("Only this state: open, done, context.")))] = "",
    area: Annotated[str, typer.Option(help=both(say("Only this area, the middle of the id, as in ECARD.")))] = "",
    as_json: Annotated[bool, typer.Option("--json", help=both(say("One JSON array, with both languages.")))] = False,
    lang: Lang = Language.EN,
) -> None:
    """List the platform's functions, how far each is, and its tests. 列出平台功能、实现状态与测试。"""
    try:
        every = functions()
    except StandardError as error:
        raise refused(error.text, lang) from error
    _require_known(state, [*State], say("There is no state {name}.", name=state), lang)
    _require_known(area.upper(), {row.area for row in every}, say("There is no area {name}.", name=area), lang)
    rows = [row for row in every if state in ("", row.state) and area.upper() in ("", row.area)]
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
    elif (console := Console()).is_terminal:
        console.print(_table(rows, lang), _summary(rows).inside(lang))
    else:
        for row in rows:
            typer.echo("\t".join(_cells(row, lang)))


def _require_known(name: str, known: Sequence[str] | set[str], problem: Text, lang: Language) -> None:
    if name and name not in known:
        remedy = among(known)
        raise refused(Text(f"{problem.en} {remedy.en}", f"{problem.zh} {remedy.zh}"), lang)


def _cells(row: Function, lang: Language) -> tuple[str, ...]:
    why = row.reason.inside(lang) if row.reason is not None else " ".join(row.tests)
    return (row.id, row.state.value, row.room, row.name.inside(lang), why)


def _table(rows: list[Function], lang: Language) -> Table:
    headings = (say("function"), say("state"), say("room"), say("name"), say("tests, or why none"))
    table = Table(*(heading.inside(lang) for heading in headings), row_styles=("", "dim"))
    for row in rows:
        id, state, room, words, why = _cells(row, lang)
        table.add_row(id, state, room, words, why.replace(" tests/", "\ntests/"))
    return table


def _summary(rows: list[Function]) -> Text:
    counts = {state: sum(row.state is state for row in rows) for state in State}
    return say(
        "{number} functions: {done} done, {open} open, {context} context.",
        number=len(rows),
        done=counts[State.DONE],
        open=counts[State.OPEN],
        context=counts[State.CONTEXT],
    )
