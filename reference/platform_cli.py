"""The commands ``healthcard platform …``: what the platform does (coverage), and who may use it (administration).

`coverage` needs the tables alone; the others open the platform's database and need the extra ``platform``.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from reference.command_line import Lang, Language, both, example, refused
from reference.languages import Text, say
from reference.listing import require_known, show_rows, table_of
from reference.platform_commands import apps, following, institutions, operators, purging, terminals
from reference.standard import StandardError
from reference.standard.platform import Function, State, functions

app = typer.Typer()
group = typer.Typer(
    no_args_is_help=True, help=both(say("The platform: what it does, and who may use it: apps, institutions, people."))
)
app.add_typer(group, name="platform")
for name, verbs in (("app", apps), ("institution", institutions), ("terminal", terminals), ("operator", operators)):
    group.add_typer(verbs.group, name=name)
group.command("purge", epilog=example("healthcard platform purge --database sqlite:///healthcard.db"))(purging.purge)
group.command("follow-merges", epilog=example("healthcard platform follow-merges --database sqlite:///healthcard.db"))(
    following.follow_merges
)


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
    require_known(state, [*State], say("There is no state {name}.", name=state), lang)
    require_known(area.upper(), {row.area for row in every}, say("There is no area {name}.", name=area), lang)
    rows = [row for row in every if state in ("", row.state) and area.upper() in ("", row.area)]
    cells = [_cells(row, lang) for row in rows]
    show_rows(rows, cells, _table(cells, lang), _summary(rows), lang, as_json=as_json)


def _cells(row: Function, lang: Language) -> tuple[str, ...]:
    why = row.reason.inside(lang) if row.reason is not None else " ".join(row.tests)
    return (row.id, row.state.value, row.room, row.name.inside(lang), why)


def _table(cells: list[tuple[str, ...]], lang: Language) -> Table:
    headings = (say("function"), say("state"), say("room"), say("name"), say("tests, or why none"))
    return table_of(headings, [(*others, why.replace(" tests/", "\ntests/")) for *others, why in cells], lang)


def _summary(rows: list[Function]) -> Text:
    counts = {state: sum(row.state is state for row in rows) for state in State}
    return say(
        "{number} functions: {done} done, {open} open, {context} context.",
        number=len(rows),
        done=counts[State.DONE],
        open=counts[State.OPEN],
        context=counts[State.CONTEXT],
    )
