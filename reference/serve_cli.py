"""The command ``healthcard serve``: the reference platform over HTTP, with database, keys and partners named.

The gateway needs the extra ``platform``; without it the command says how to install it.
"""

from __future__ import annotations

import os
from typing import Annotated

import msgspec
import typer

from reference.command_line import Exit, Lang, Language, both, example, lacking, refused
from reference.languages import say
from reference.listening import listening
from reference.ports import ProductUnreachable

app = typer.Typer()

BACKLOG = 2048


@app.command(epilog=example("healthcard serve --demo --port 8080"))
def serve(
    database: Annotated[
        str, typer.Option(help=both(say("Database: sqlite:///file.db or postgresql://user@host:port/name.")))
    ] = "sqlite:///healthcard.db",
    host: Annotated[str, typer.Option(help=both(say("Address to listen at.")))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help=both(say("Port; 0: any free one.")))] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=64, help=both(say("Worker processes that share the port.")))] = 1,
    profile: Annotated[
        list[str] | None, typer.Option(help=both(say("Wire profiles to serve; all when left out.")))
    ] = None,
    crypto_machine: Annotated[
        list[str] | None,
        typer.Option(help=both(say("Crypto machine host:port, several for failover; in process when left out."))),
    ] = None,
    key_version: Annotated[
        int, typer.Option(min=1, help=both(say("Key version in which crypto machines at addresses encipher.")))
    ] = 1,
    key_file: Annotated[str, typer.Option(help=both(say("Keys of the crypto machine in process.")))] = "",
    issuer: Annotated[
        str, typer.Option(help=both(say("Code of the issuing platform, as in 5101A0001.")))
    ] = "5101A0001",
    demo: Annotated[
        bool, typer.Option("--demo", help=both(say("Demo applications, keys and partners; for trying.")))
    ] = False,
    lang: Lang = Language.EN,
) -> None:
    """Serve the reference platform. 启动参考平台。"""
    try:
        from reference.gateway import composing
        from reference.gateway import demo as furnishing
        from reference.gateway.settings import ENVIRONMENT, ServeSettings
    except ImportError as missing:
        raise lacking(missing, lang) from None
    settings = ServeSettings(
        database=database,
        host=host,
        port=port,
        workers=workers,
        profiles=tuple(profile or ()),
        crypto_machines=tuple(crypto_machine or ()),
        key_version=key_version,
        key_file=key_file,
        issuer=issuer,
        demo=demo,
    )
    try:
        composing.check(settings)
        store = composing.open_store(settings)
        surroundings = composing.surroundings_of(settings, store)
        if demo:
            furnishing.furnish(surroundings)
        listener = listening(host, port, BACKLOG)
    except ProductUnreachable as error:
        raise refused(error.explained(), lang, Exit.UNREACHABLE) from None
    except composing.WrongSettings as error:
        raise refused(error.text, lang) from None
    store.close()
    address = f"http://{host}:{listener.getsockname()[1]}"
    typer.echo(say("Serving at {address} with {count} worker(s).", address=address, count=workers).inside(lang))
    if demo:
        typer.echo(
            say("DEMO: published keys and secrets, partners that agree to everything. Not for use.").inside(lang)
        )
    os.environ[ENVIRONMENT] = msgspec.json.encode(settings).decode()
    composing.run(settings, listener)
