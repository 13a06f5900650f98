"""The command ``healthcard requirements``: lists what a profile demands, and accounts for all obligations.

The rows come from `reference/standard/requirements/`; each cites APP11, REV2 or another document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated

import typer

from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.languages import Text, say
from reference.listing import require_known, show_rows, table_of
from reference.standard import StandardError, load
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
    require_known(level, [*Level], say("There is no level {name}.", name=level), lang)
    require_known(basis, [*Basis], say("There is no basis {name}.", name=basis), lang)
    try:
        catalogue = load(profile).requirements
    except StandardError as error:
        raise refused(error.text, lang) from error
    rows = [
        row
        for row in catalogue.values()
        if level in ("", row.level) and basis in ("", row.source.basis) and _contains(row, grep)
    ]
    cells = [_cells(row, lang) for row in rows]
    headings = (say("requirement"), say("level"), say("basis"), say("source"), say("text"), say("judged by"))
    show_rows(rows, cells, table_of(headings, cells, lang), _summary(rows), lang, as_json=as_json)


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
    headings = (say("product"), say("what has become of it"), say("obligations"))
    summary = _accounted(len(found), open_ids)
    show_rows(found, cells, table_of(headings, cells, lang), summary, lang, as_json=as_json)
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


def _summary(rows: list[Requirement]) -> Text:
    untested = sum(row.not_testable is not None for row in rows)
    return say("{count} requirements, {untested} of them without a test.", count=len(rows), untested=untested)
