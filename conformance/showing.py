"""What the judging commands show on a terminal: live progress, outcome, plan, explanation, replay."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from types import TracebackType

import msgspec
import typer
from rich import progress as bars
from rich.console import Console
from rich.table import Table

from conformance.engine.run import Progress as RunProgress
from conformance.evidence.decoding import decode
from conformance.evidence.model import (
    Exchange,
    Finding,
    Plan,
    PlannedRequirement,
    PlannedTest,
    TestResult,
    Verdict,
)
from conformance.evidence.package import Package
from conformance.evidence.verdicts import OVERALL_NAMES, VERDICT_NAMES, counts
from conformance.evidence.wording import BASIS_NAMES, LEVEL_NAMES
from conformance.selfcheck.rehearsal import Rehearsal
from conformance.showing_waivers import waivers
from reference.command_line import Language
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Requirement

MOST_FINDINGS = 10
SIGNS = {Verdict.FAILED: "✗", Verdict.ERROR: "!", Verdict.WARNING: "~", Verdict.BLOCKED: "·"}


class Progress(RunProgress):
    """A bar on the terminal while a run goes on; where there is no terminal, one line for what did not pass."""

    def __init__(self, lang: Language, *, quiet: bool) -> None:
        self.lang, self.quiet = lang, quiet
        self.console = Console(file=sys.stderr, quiet=quiet)
        self.bar = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(),
            console=self.console,
            disable=quiet or not self.console.is_terminal,
            transient=True,
        )
        self.task: bars.TaskID | None = None

    def __enter__(self) -> Progress:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def planned(self, plan: Plan) -> None:
        """The number of tests is known."""
        judged = sum(1 for row in plan.requirements if row.tests)
        text = say("{tests} tests for {requirements} requirements", tests=len(plan.tests), requirements=judged)
        self.console.print(text.inside(self.lang), highlight=False)
        self.task = self.bar.add_task("", total=len(plan.tests))

    def finished(self, test: PlannedTest, result: TestResult) -> None:
        """One step further; what did not pass is named at once."""
        if self.task is not None:
            self.bar.update(self.task, advance=1, description=test.id.partition("[")[0][-40:])
        if result.verdict not in (Verdict.PASSED, Verdict.NOT_APPLICABLE):
            name = VERDICT_NAMES[result.verdict].inside(self.lang)
            self.console.print(f"{SIGNS.get(result.verdict, '?')} {name}  {test.id}", highlight=False, markup=False)


def rehearsal(shown: Rehearsal, spare_cards: int, lang: Language, *, quiet: bool) -> None:
    """Before a real card is touched: what will be blocked and why, and about how long the run takes."""
    console = Console(file=sys.stderr, quiet=quiet, highlight=False, markup=False)
    for text in (
        say("about {minutes} minutes with a contactless reader", minutes=max(1, shown.seconds // 60)),
        say("blocked, for this SAM lacks the keys: {count} tests", count=len(shown.blocked)),
        say("spare cards for tests that use one up: {count}", count=spare_cards),
    ):
        console.print(text.inside(lang))
    for id in shown.blocked:
        console.print(f"  · {id}")


def outcome(package: Package, headline: Text, out: Path, lang: Language, *, as_json: bool) -> None:
    """What a run came to: verdict, counts, findings, and where everything is."""
    results = package.results
    if as_json:
        tally = {verdict.value: number for verdict, number in counts(results).items()}
        states = {row.waiver: row.state.value for row in results.waivers}
        told = {"overall": results.overall.value, "counts": tally, "waivers": states, "out": str(out)}
        typer.echo(json.dumps(told))
        return
    console = Console(highlight=False, markup=False)
    console.print(f"\n{OVERALL_NAMES[results.overall].inside(lang)}", style="bold")
    console.print(headline.inside(lang))
    console.print(results.because.inside(lang))
    if results.stopped is not None:
        console.print(say("The run ended early: {reason}", reason=results.stopped).inside(lang))
    found = [f"{VERDICT_NAMES[v].inside(lang)} {n}" for v, n in counts(results).items() if n]
    transport = say("reached by: {transport}", transport=package.manifest.transport)
    console.print(" · ".join(found) + f" — {transport.inside(lang)}")
    waivers(console, package.plan, results, lang)
    findings = [finding for result in results.tests for finding in result.findings]
    for finding in findings[:MOST_FINDINGS]:
        show_finding(console, finding, lang)
    if len(findings) > MOST_FINDINGS:
        more = say("… and {count} more findings in the report", count=len(findings) - MOST_FINDINGS)
        console.print(more.inside(lang))
    for name in ("report.html", "report.json", "junit.xml", "evidence.zip"):
        if (out / name).exists():
            console.print(f"  {out / name}")


def show_finding(console: Console, finding: Finding, lang: Language) -> None:
    """One finding in three lines."""
    console.print(f"\n{finding.requirement}  [{finding.source}]", style="bold")
    console.print(f"  {finding.summary.inside(lang)}")
    expected = say("expected: {text}", text=finding.expected)
    actual = say("actual: {text}", text=finding.actual)
    console.print(f"  {expected.inside(lang)}\n  {actual.inside(lang)}")


def plan(made: Plan, lang: Language, *, as_json: bool) -> None:
    """A plan: its tests by module, what they use up, what is not tested."""
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(made)).decode())
        return
    console = Console(highlight=False, markup=False)
    head = say("{profile}: {standard}", profile=made.profile_title, standard=made.standard)
    console.print(head.inside(lang), style="bold")
    table = Table(*(text.inside(lang) for text in (say("module"), say("tests"), say("refusals"), say("warn only"))))
    modules = Counter(test.id.partition(".")[0] for test in made.tests)
    for module, number in modules.items():
        inside = [test for test in made.tests if test.id.startswith(f"{module}.")]
        refusals = sum(test.side == "negative" for test in inside)
        warns = sum(test.severity.value == "warns" for test in inside)
        table.add_row(module, str(number), str(refusals), str(warns))
    console.print(table)
    used: Counter[str] = Counter()
    for test in made.tests:
        used.update(test.irreversible)
    spent = ", ".join(f"{kind} {number}" for kind, number in used.items()) or "–"
    for text in (
        say("{tests} tests for {total} requirements", tests=len(made.tests), total=_judged(made)),
        say("uses up on the sample: {spent}", spent=spent),
        say(
            "not testable, with a reason: {count}",
            count=sum(r.not_testable is not None for r in made.requirements),
        ),
        *made.limits,
    ):
        console.print(f"- {text.inside(lang)}")


def _judged(made: Plan) -> int:
    return sum(1 for row in made.requirements if row.tests)


def explanation(id: str, made: Plan, mutants: list[tuple[str, str]], lang: Language) -> None:
    """One requirement on one screen: what it says, where, why, what tests it and what breaks it."""
    console = Console(highlight=False, markup=False)
    row = next(row for row in made.requirements if row.id == id)
    console.print(row.id, style="bold")
    for label, value in (
        (say("requirement"), row.text),
        (say("why"), row.why),
        (say("source"), Text(f"{row.document} {row.clause}", f"{row.document} {row.clause}")),
        (say("level and basis"), _standing(row)),
        (say("a violation"), say(row.severity.value)),
        (say("not testable"), row.not_testable),
    ):
        if value is not None:
            console.print(f"  {label.inside(lang)}: {value.inside(lang)}")
    for test in made.tests:
        if id in test.requirements:
            side = say("refusal") if test.side == "negative" else say("positive")
            console.print(f"  {say('test').inside(lang)}: {test.id} ({side.inside(lang)})")
    for name, why in mutants:
        console.print(f"  {say('mutant').inside(lang)}: {name}: {why}")
    console.print(f"  healthcard certify card --simulated -k '{_keyword(row.tests)}'")


def catalogued(row: Requirement, command: str, lang: Language) -> None:
    """One requirement that no suite judges: what it says, where, why, and the command that judges it."""
    console = Console(highlight=False, markup=False)
    console.print(row.id, style="bold")
    standing = say("{level}, {basis}", level=LEVEL_NAMES[row.level], basis=BASIS_NAMES[row.source.basis])
    for label, value in (
        (say("requirement"), row.text),
        (say("why"), row.why),
        (say("source"), Text(str(row.source), str(row.source))),
        (say("level and basis"), standing),
    ):
        console.print(f"  {label.inside(lang)}: {value.inside(lang)}")
    console.print(f"  {command}")


def _standing(row: PlannedRequirement) -> Text:
    return say("{level}, {basis}", level=LEVEL_NAMES[row.level], basis=BASIS_NAMES[row.basis])


def _keyword(tests: tuple[str, ...]) -> str:
    return tests[0].partition(".")[2].partition("[")[0] if tests else ""


def exchanges(shown: tuple[Exchange, ...], tables: Standard | None, lang: Language) -> None:
    """A transcript, decoded as far as the tables allow, one line each way."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for number, exchange in enumerate(shown):
        decoded = decode(exchange, tables)
        console.print(f"{number:3} {exchange.channel:4} {decoded.title.inside(lang)}", style="bold")
        if exchange.sent:
            console.print(f"         > {exchange.sent}")
        meanings = [part.meaning.inside(lang) for part in decoded.received if part.meaning is not None]
        console.print(f"         < {exchange.received or exchange.note}  {' '.join(meanings)}")
