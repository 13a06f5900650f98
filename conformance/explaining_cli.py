"""The commands that explain: one requirement on one screen, and what this machine can do."""

from __future__ import annotations

import difflib
import importlib
from pathlib import Path
from typing import Annotated

import typer

from conformance import showing
from conformance.adapters.pcsc import readers
from conformance.cli import DEFAULT_PROFILE, Profile, Tables, standard_of
from conformance.engine.run import make_plan, suite
from conformance.evidence.circumstances import environment
from conformance.selfcheck.mutation import breaking
from conformance.selfcheck.stands import lack_of_pcsc, simulated_stand
from reference.command_line import Lang, Language, both, example, refused
from reference.crypto import engine
from reference.languages import say
from reference.ports import ProductUnreachable

app = typer.Typer(no_args_is_help=True)
OURS = ("reference", "simulators", "conformance", "load", "reports")
MOST_PROPOSED = 5
JUDGED_BY = {
    "load.qr.": "healthcard load qr --self --gates province --out out",
    "load.capacity.": "healthcard load capacity --self --out out",
    "load.soak.": "healthcard load soak --out out",
    "fault.every.true-health": "healthcard load fault database --self --out out",
    "fault.every.": "healthcard load soak --out out",
    "fault.worker-killed.": "healthcard load soak --out out",
    "fault.crypto-machine.": "healthcard load fault crypto-machine --self --out out",
    "fault.database.answered": "healthcard load fault database --self --lasts 20 --out out",
    "fault.database.": "healthcard load fault database --self --out out",
    "fault.disk-full.": "healthcard load fault disk-full --self --out out",
    "fault.clock-stepped.": "healthcard load fault clock-stepped --url URL --cases FILE --breaks … --heals … --out out",
}
"""By how an id begins, the first that fits: the command that judges such requirements, where that is no suite."""


@app.command(epilog=example("healthcard explain card.df02.ef05.read-needs-rk1df02"))
def explain(
    id: Annotated[str, typer.Argument(help=both(say("Id of the requirement.")))],
    profile: Profile = DEFAULT_PROFILE,
    tables: Tables = None,
    lang: Lang = Language.EN,
) -> None:
    """Show a requirement with its source, reason, tests and mutants. 说明一条要求。"""
    standard = standard_of(profile, tables, lang)
    if id not in standard.requirements:
        similar = difflib.get_close_matches(id, standard.requirements, MOST_PROPOSED)
        raise refused(
            say(
                "There is no requirement {id}. Similar: {similar}. All: healthcard requirements",
                id=id,
                similar=", ".join(similar) or "–",
            ),
            lang,
        )
    chosen = standard.requirements[id]
    judged_by = next((command for beginning, command in JUDGED_BY.items() if id.startswith(beginning)), None)
    if judged_by is not None:
        showing.catalogued(chosen, judged_by, lang)
        return
    plan = make_plan(simulated_stand(standard), suite("card"))
    mutants = [(name, why.inside(lang)) for name, why in breaking(standard, id)]
    showing.explanation(id, plan, mutants, lang)


@app.command(epilog=example("healthcard doctor"))
def doctor(lang: Lang = Language.EN) -> None:
    """Show what this machine offers: packages, crypto engine, PC/SC, readers. 检查本机环境。"""
    found = environment()
    lines = [
        say(
            "{tool}, Python {python} on {platform}",
            tool=found.tool,
            python=found.python,
            platform=found.platform,
        ),
        say("crypto engine: {name}", name=engine().name),
        say("PC/SC with virtual readers: {state}", state=lack_of_pcsc() or say("complete")),
        say("readers: {readers}", readers=_readers()),
    ]
    root = Path(__file__).parent.parent
    for name in OURS:
        where = Path(importlib.import_module(name).__file__ or "").parent.parent
        if where != root:
            lines.append(
                say(
                    "{name} is another package, from {where}: remove it or use a clean environment",
                    name=name,
                    where=where,
                )
            )
    for line in lines:
        typer.echo(line.inside(lang))


def _readers() -> object:
    try:
        return ", ".join(readers()) or say("none")
    except ProductUnreachable as lack:
        return lack.explained()
