"""The command ``python -m load.soak``: millions of adversarial codes while workers are killed; also ``make soak``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from load.benchmarks import servers
from load.corpus.filling import NotEmpty
from load.soak.run import SoakSettings, shown, soak
from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.gateway import composing
from reference.gateway.settings import ServeSettings
from reference.languages import say
from reference.ports import ProductUnreachable


def command(
    codes: Annotated[int, typer.Option(min=1, help=both(say("Codes to show in all.")))] = 2_000_000,
    seconds: Annotated[float, typer.Option(min=0, help=both(say("End after so many seconds; 0: never.")))] = 0.0,
    kill_every: Annotated[
        float, typer.Option(min=0, help=both(say("Seconds between two kills of a worker; 0: none.")))
    ] = 5.0,
    workers: Annotated[int, typer.Option(min=1, max=64, help=both(say("Worker processes that share the port.")))] = 2,
    database: Annotated[
        str, typer.Option(help=both(say("An empty database; SQLite in a folder of its own when left out.")))
    ] = "",
    connections: Annotated[int, typer.Option(min=1, max=10_000, help=both(say("Requests in flight at most.")))] = 64,
    seed: Annotated[int, typer.Option(help=both(say("Seed: the same one gives the same codes and kills.")))] = 1,
    json_file: Annotated[
        str, typer.Option("--json", help=both(say("Write the result as JSON; - is the screen.")))
    ] = "",
    lang: Lang = Language.EN,
) -> None:
    """Show adversarial codes while workers are killed; check the books. 反复杀死进程并出示攻击性二维码后对账。"""
    if kill_every and workers < 2:
        raise refused(say("With one worker nobody is left to answer: name --workers 2 or --kill-every 0."), lang)
    settings = SoakSettings(
        codes=codes,
        seconds=seconds,
        kill_every=kill_every,
        workers=workers,
        database=database,
        connections=connections,
        seed=seed,
    )
    servers.end_in_order()
    try:
        composing.check(ServeSettings(database=database or ServeSettings().database))
        result = soak(settings, lambda line: typer.echo(line, err=True))
        encoded = msgspec.json.format(msgspec.json.encode(result))
        if json_file == "-":
            typer.echo(encoded.decode())
        else:
            for line in shown(result):
                typer.echo(line)
        if json_file not in ("", "-"):
            Path(json_file).write_bytes(encoded)
    except ProductUnreachable as error:
        raise refused(error.explained(), lang, Exit.UNREACHABLE) from None
    except (composing.WrongSettings, NotEmpty) as error:
        raise refused(error.text, lang) from None
    except OSError as error:
        raise refused(say("{file}: {reason}", file=error.filename, reason=error.strerror), lang) from None
    if not (result.right and result.recovered):
        raise typer.Exit(Exit.NOT_CONFORMANT)
    raise typer.Exit(Exit.CONFORMANT if result.valid else Exit.INCOMPLETE)


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command(epilog=example("python -m load.soak --codes 200000 --json soak.json"))(command)
    app()
