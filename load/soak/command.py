"""The command ``healthcard load soak``: millions of adversarial codes while workers are killed, judged and signed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.evidence.pkcs11_uri import UnusableToken
from conformance.evidence.signing import UnusableKeyFile, signer_named
from load.command_options import Connections, JsonFile, Lab, Operator, SigningKey, lacking
from load.leaving import leave, show
from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.languages import say
from reference.ports import ProductUnreachable


def soak(
    codes: Annotated[int, typer.Option(min=1, help=both(say("Codes to show in all.")))] = 2_000_000,
    seconds: Annotated[float, typer.Option(min=0, help=both(say("End after so many seconds; 0: never.")))] = 0.0,
    kill_every: Annotated[
        float, typer.Option(min=0, help=both(say("Seconds between two kills of a worker; 0: none.")))
    ] = 5.0,
    workers: Annotated[int, typer.Option(min=1, max=64, help=both(say("Worker processes that share the port.")))] = 2,
    database: Annotated[
        str, typer.Option(help=both(say("An empty database; SQLite in a folder of its own when left out.")))
    ] = "",
    cards: Annotated[int, typer.Option(min=100, help=both(say("Cards that the codes are of.")))] = 20_000,
    connections: Connections = 64,
    seed: Annotated[int, typer.Option(help=both(say("Seed: the same one gives the same codes and kills.")))] = 1,
    json_file: JsonFile = "",
    out: Annotated[str, typer.Option(help=both(say("Folder for evidence, report and soak.json.")))] = "",
    lab: Lab = "",
    operator: Operator = "",
    signing_key: SigningKey = "",
    lang: Lang = Language.EN,
) -> None:
    """Show adversarial codes while workers are killed; check the books. 反复杀死进程并出示攻击性二维码后对账。"""
    try:
        from load.benchmarks import servers
        from load.corpus.filling import NotEmpty
        from load.soak import run
        from load.soak.evidence import write_evidence
        from load.soak.result import shown
        from load.soak.settings import SoakSettings
        from reference.gateway import composing
        from reference.gateway.settings import ServeSettings
    except ImportError as missing:
        raise lacking(missing, lang) from None
    if kill_every and workers < 2:
        raise refused(say("With one worker nobody is left to answer: name --workers 2 or --kill-every 0."), lang)
    settings = SoakSettings(
        codes=codes,
        seconds=seconds,
        kill_every=kill_every,
        workers=workers,
        database=database,
        cards=cards,
        connections=connections,
        seed=seed,
    )
    servers.end_in_order()
    try:
        signer = signer_named(signing_key) if signing_key else None
        composing.check(ServeSettings(database=database or ServeSettings().database))
        if out:
            Path(out).mkdir(parents=True, exist_ok=True)
        found = run.soak(settings, lambda line: typer.echo(line, err=True))
        show(found, shown(found, lang.value), json_file)
        if out:
            package = write_evidence(settings, found, Path(out), signer=signer, lab=lab, operator=operator)
            leave(package, found, "soak.json", Path(out), lang)
    except ProductUnreachable as error:
        raise refused(error.explained(), lang, Exit.UNREACHABLE) from None
    except (composing.WrongSettings, NotEmpty, UnusableKeyFile, UnusableToken) as error:
        raise refused(error.text, lang) from None
    except OSError as error:
        raise refused(say("{file}: {reason}", file=error.filename, reason=error.strerror), lang) from None
    raise typer.Exit(found.exit_code)


def add_to(commands: typer.Typer) -> None:
    """Add the command to ``healthcard load``."""
    commands.command(epilog=example("healthcard load soak --codes 200000 --kill-every 3 --out out"))(soak)
