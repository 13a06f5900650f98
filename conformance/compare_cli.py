"""The command ``healthcard compare``: what changed from one evidence package to another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from conformance.comparing import (
    FIELDS,
    Changed,
    Comparison,
    Direction,
    OneSided,
    RequirementChange,
    Side,
    TestChange,
    compare,
)
from conformance.evidence.opening import open_package
from conformance.evidence.verdicts import OVERALL_NAMES, VERDICT_NAMES
from conformance.evidence_cli import STANDINGS, trusted_keys
from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.languages import Text, say

app = typer.Typer(no_args_is_help=True)

MOST_ROWS = 40
"""Rows of one table on the terminal; the JSON file has them all."""

DIRECTIONS: dict[Direction, Text] = {
    Direction.WORSE: say("worse"),
    Direction.BETTER: say("better"),
    Direction.OTHERWISE: say("on other grounds"),
}


@app.command(name="compare", epilog=example("healthcard compare before/evidence.zip after/evidence.zip"))
def compare_packages(
    older: Annotated[Path, typer.Argument(metavar="A", help=both(say("The older evidence package.")))],
    newer: Annotated[Path, typer.Argument(metavar="B", help=both(say("The newer evidence package.")))],
    trust: Annotated[
        Path | None, typer.Option(help=both(say("Text file with the public keys of trusted signers.")))
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help=both(say("Write the comparison as JSON.")))] = None,
    lang: Lang = Language.EN,
) -> None:
    """Compare two runs: what got worse or better, and what they were held to. 比较两次测试。"""
    trusted = trusted_keys(trust, lang)
    packages = [open_package(path, lang, trusted=trusted, unusable=Exit.INCOMPLETE) for path in (older, newer)]
    comparison = compare(*packages)
    if json_file is not None:
        try:
            json_file.write_bytes(msgspec.json.format(msgspec.json.encode(comparison)) + b"\n")
        except OSError as fault:
            text = say("The comparison cannot be written: {fault}. Name another file.", fault=fault)
            raise refused(text, lang) from fault
    show(comparison, lang)
    raise typer.Exit(Exit.NOT_CONFORMANT if comparison.regression else Exit.CONFORMANT)


def show(comparison: Comparison, lang: Language) -> None:
    """The comparison as tables, the worst first; what did not change is not shown."""
    console = Console(highlight=False, markup=False)
    for name, side in (("A", comparison.before), ("B", comparison.after)):
        console.print(_head(name, side).inside(lang), soft_wrap=True)
    if comparison.rules:
        warning = say(
            "The runs were not held to the same rules: a verdict of one may mean something else in the other."
        )
        console.print(warning.inside(lang), style="bold")
    before_after = (Text("A", "A"), Text("B", "B"))
    for title, heads, rows in (
        (
            say("Tests with another result"),
            (say("change"), say("test"), *before_after),
            [_test_row(change, lang) for change in comparison.tests],
        ),
        (say("Tests that disappeared"), (say("test"), say("verdict")), _one_sided(comparison.disappeared, lang)),
        (say("Tests that appeared"), (say("test"), say("verdict")), _one_sided(comparison.appeared, lang)),
        (
            say("Requirements that changed"),
            (say("requirement"), say("what"), *before_after),
            [_requirement_row(change, lang) for change in comparison.requirements],
        ),
        (say("Rules of the runs"), (say("what"), *before_after), _changed_rows(comparison.rules, lang)),
        (say("Product and circumstances"), (say("what"), *before_after), _changed_rows(comparison.circumstances, lang)),
        (say("Waivers"), (say("what"), *before_after), _changed_rows(comparison.waivers, lang)),
    ):
        _table(console, title, heads, rows, lang)
    console.print(_conclusion(comparison).inside(lang), style="bold")


def _head(name: str, side: Side) -> Text:
    return say(
        "{name}: {product}, {started}: {overall}; signer {signer} ({standing})",
        name=name,
        product=side.product,
        started=side.started,
        overall=OVERALL_NAMES[side.overall],
        signer=side.signer,
        standing=STANDINGS[side.signer_standing],
    )


def _conclusion(comparison: Comparison) -> Text:
    worse = sum(change.direction is Direction.WORSE for change in comparison.tests)
    better = sum(change.direction is Direction.BETTER for change in comparison.tests)
    counted = say(
        "worse: {worse}, disappeared: {gone}, better: {better}, new: {new}",
        worse=worse,
        gone=len(comparison.disappeared),
        better=better,
        new=len(comparison.appeared),
    )
    if comparison.regression:
        return say("B is a step back ({counted}).", counted=counted)
    return say("B is no step back ({counted}).", counted=counted)


def _test_row(change: TestChange, lang: Language) -> tuple[str, ...]:
    sides = (
        (change.before, change.findings_before, change.waived_before),
        (change.after, change.findings_after, change.waived_after),
    )
    told = []
    for verdict, findings, waivers in sides:
        marks = [say("named by {id}", id=id).inside(lang) for id in waivers]
        told.append("\n".join((VERDICT_NAMES[verdict].inside(lang), *findings, *marks)))
    return (DIRECTIONS[change.direction].inside(lang), change.test, *told)


def _one_sided(tests: Iterable[OneSided], lang: Language) -> list[tuple[str, ...]]:
    return [(row.test, VERDICT_NAMES[row.verdict].inside(lang)) for row in tests]


def _requirement_row(change: RequirementChange, lang: Language) -> tuple[str, ...]:
    name = FIELDS[change.field] if change.field else say("the whole requirement")
    return change.requirement, name.inside(lang), _cell(change.before, lang), _cell(change.after, lang)


def _changed_rows(changes: Iterable[Changed], lang: Language) -> list[tuple[str, ...]]:
    return [(row.name.inside(lang), _cell(row.before, lang), _cell(row.after, lang)) for row in changes]


def _cell(text: Text | None, lang: Language) -> str:
    return "–" if text is None else text.inside(lang)


def _table(console: Console, title: Text, heads: tuple[Text, ...], rows: list[tuple[str, ...]], lang: Language) -> None:
    if not rows:
        return
    table = Table(title=f"{title.inside(lang)}: {len(rows)}", title_justify="left")
    for head in heads:
        table.add_column(head.inside(lang), overflow="fold")
    for row in rows[:MOST_ROWS]:
        table.add_row(*row)
    console.print(table)
    if len(rows) > MOST_ROWS:
        console.print(say("… and {count} more: --json lists all", count=len(rows) - MOST_ROWS).inside(lang))
