"""The command ``healthcard load capacity``: its options, and the extras that it needs; the work is in `session`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from load.command_options import (
    CasesFile,
    Connections,
    CredentialsFile,
    Database,
    GatesName,
    Generators,
    JsonFile,
    LagBound,
    Own,
    PermitFile,
    Profile,
    Seed,
    TargetUrl,
    lacking,
)
from reference.command_line import Lang, Language, both, example
from reference.languages import say


def capacity(
    url: TargetUrl = "",
    own: Own = False,
    profile: Profile = "sichuan",
    cases: CasesFile = "",
    gates: GatesName = "province",
    p99_ms: Annotated[
        float | None,
        typer.Option(
            min=0.001, help=both(say("Response time p99 in ms that a step must keep; the gates' when left out."))
        ),
    ] = None,
    first: Annotated[
        float, typer.Option("--from", min=1, help=both(say("Verifications a second of the first step.")))
    ] = 200.0,
    rate: Annotated[
        float, typer.Option(min=1, max=1_000_000, help=both(say("Verifications a second that no step goes beyond.")))
    ] = 20_000.0,
    duration: Annotated[float, typer.Option(min=0.2, max=3600, help=both(say("Seconds of one step.")))] = 2.0,
    budget: Annotated[
        float, typer.Option(min=1, help=both(say("Seconds of searching after which no step begins.")))
    ] = 50.0,
    precision: Annotated[
        float,
        typer.Option(min=0.01, max=1, help=both(say("Width of the bracket at which the search ends, as a share."))),
    ] = 0.1,
    seed: Seed = 1,
    generators: Generators = 1,
    connections: Connections = 64,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help=both(say("Worker processes of the platform that --self starts.")))
    ] = 1,
    cores: Annotated[
        int | None,
        typer.Option(min=1, help=both(say("Processor cores of the platform behind --url, for its cost."))),
    ] = None,
    price: Annotated[
        float | None, typer.Option(min=0, help=both(say("Price of one core for an hour; core-hours when left out.")))
    ] = None,
    currency: Annotated[str, typer.Option(help=both(say("Currency of the price.")))] = "CNY",
    assumptions: Annotated[
        Path | None,
        typer.Option(help=both(say("TOML file that changes assumptions of the projection or adds regions."))),
    ] = None,
    lag_bound: LagBound = 10.0,
    credentials: CredentialsFile = None,
    permit: PermitFile = None,
    database: Database = "",
    json_file: JsonFile = "",
    out: Annotated[
        str, typer.Option(help=both(say("Folder for the report: capacity.html, capacity.pdf, capacity.json.")))
    ] = "",
    lang: Lang = Language.EN,
) -> None:
    """Find how much a platform carries, and how far that reaches. 测定平台容量并推算全省与全国需求。"""
    try:
        from load.capacity.asked import Asked
        from load.capacity.session import answer
    except ImportError as missing:
        raise lacking(missing, lang) from None
    asked = Asked(
        url=url.rstrip("/"),
        own=own,
        profile=profile,
        cases=cases,
        gates=gates,
        p99_ms=p99_ms,
        first=first,
        rate=rate,
        duration=duration,
        budget=budget,
        precision=precision,
        seed=seed,
        generators=generators,
        connections=max(connections, generators),
        workers=workers,
        cores=cores,
        price=price,
        currency=currency,
        assumptions=assumptions,
        lag_bound=lag_bound,
        credentials=credentials,
        permit=permit,
        database=database,
    )
    raise typer.Exit(answer(asked, json_file, out, lang))


def add_to(commands: typer.Typer) -> None:
    """Add the command to ``healthcard load``."""
    commands.command(epilog=example("healthcard load capacity --self --out out"))(capacity)
