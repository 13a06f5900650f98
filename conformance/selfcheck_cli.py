"""The command ``healthcard mutants``: the detection matrix, which shows that the suite's tests can fail."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich import progress as bars
from rich.console import Console
from rich.table import Table

from conformance.evidence.matrix import REQUIRED_RIGHT, TOLERATED_NOISE, Catch, Matrix
from conformance.selfcheck.matrix import chosen, detection_matrix
from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.languages import Text, say
from reference.standard import load

app = typer.Typer(no_args_is_help=True)

write_page: Callable[[Matrix, Path, str], None] | None = None
"""Writes the matrix as a page; set by the front door, which knows reports."""

MOST_NOISE = 10
UNEXPLAINED = say("not explained yet")


class Suite(StrEnum):
    """The suites that have mutants."""

    CARD = "card"


@app.command(epilog=example("healthcard mutants --only card.extauth.verifies"))
def mutants(
    product: Annotated[Suite, typer.Option(help=both(say("Suite that is held against its mutants.")))] = Suite.CARD,
    only: Annotated[str, typer.Option(help=both(say("Mutants of this requirement alone, by its id.")))] = "",
    full: Annotated[bool, typer.Option("--full", help=both(say("Let every mutant meet every test.")))] = False,
    jobs: Annotated[int, typer.Option(min=1, help=both(say("Processes side by side.")))] = os.cpu_count() or 1,
    json_file: Annotated[Path | None, typer.Option("--json", help=both(say("Write the matrix as JSON.")))] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help=both(say("Write the matrix as a page.")))] = None,
    lang: Lang = Language.EN,
) -> None:
    """Run the suite against cards with one fault each: all must be caught. 用变异卡检验检测套件。"""
    standard = load()
    wanted = chosen(standard, only)
    if not wanted:
        raise refused(
            say("No mutant breaks {id} first. Ids with their mutants: healthcard explain {id}", id=only), lang
        )
    began = time.monotonic()
    with _progress() as progress:
        task = progress.add_task("", total=len(wanted))

        def finished(catch: Catch) -> None:
            progress.update(task, advance=1, description=catch.mutant[-50:])

        matrix = detection_matrix(standard, wanted, jobs=jobs, full=full, finished=finished)
    show(matrix, lang, seconds=round(time.monotonic() - began))
    try:
        if json_file is not None:
            json_file.write_bytes(msgspec.json.format(msgspec.json.encode(matrix)) + b"\n")
        if html_file is not None and write_page is not None:
            write_page(matrix, html_file, lang.value)
    except OSError as fault:
        raise refused(say("The matrix cannot be written: {fault}. Name another file.", fault=fault), lang) from fault
    raise typer.Exit(Exit.CONFORMANT if matrix.holds else Exit.NOT_CONFORMANT)


def _progress() -> bars.Progress:
    console = Console(file=sys.stderr)
    return bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def show(matrix: Matrix, lang: Language, *, seconds: int) -> None:
    """The counts, the survivors with their reasons, and what is missing."""
    console = Console(highlight=False, markup=False)
    for line in counts(matrix, seconds):
        console.print(line.inside(lang))
    if matrix.survivors:
        heads = (say("mutant"), say("wanted"), say("found"), say("reason"))
        table = Table()
        for head in heads:
            table.add_column(head.inside(lang), overflow="fold")
        for row in matrix.survivors:
            reason = row.reason or UNEXPLAINED
            table.add_row(row.mutant, row.wanted, ", ".join(row.findings) or "–", reason.inside(lang))
        console.print(table)
    for failure in matrix.noise[:MOST_NOISE]:
        console.print(say("noise: {failure}", failure=failure).inside(lang), soft_wrap=True)
    if len(matrix.noise) > MOST_NOISE:
        more = say("… and {count} more: --json or --html lists all", count=len(matrix.noise) - MOST_NOISE)
        console.print(more.inside(lang))
    for id in matrix.requirements_without_mutant:
        console.print(say("no mutant breaks {id}", id=id).inside(lang))
    verdict = say("The suite detects its mutants.") if matrix.holds else say("The suite does not detect enough.")
    console.print(verdict.inside(lang), style="bold")


def counts(matrix: Matrix, seconds: int) -> tuple[Text, ...]:
    """What the matrix came to, with what is demanded."""
    return (
        say("{number} mutants in {seconds} s", number=matrix.mutants, seconds=seconds),
        say("caught: {number}", number=matrix.caught),
        say(
            "caught for the right reason: {number} ({share}, at least {least})",
            number=matrix.caught_for_right_reason,
            share=f"{matrix.right_share:.1%}",
            least=f"{REQUIRED_RIGHT:.0%}",
        ),
        say(
            "noise: {number} of {total} other tests ({share}, at most {most})",
            number=len(matrix.noise),
            total=matrix.sampled_tests,
            share=f"{matrix.noise_share:.1%}",
            most=f"{TOLERATED_NOISE:.0%}",
        ),
    )
