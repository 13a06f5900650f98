"""The command ``healthcard front-end``: an institution's one service for all its in-house systems (P-FRONT-01).

It needs the extra ``platform``; without it the command says how to install it.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated

import typer

from reference.command_line import Exit, Lang, Language, both, example, lacking, refused
from reference.languages import Text, say
from reference.listening import listening
from reference.ports import ProductUnreachable

app = typer.Typer()

BACKLOG = 512


@app.command("front-end", epilog=example("healthcard front-end --platform http://127.0.0.1:8080 --demo --port 8090"))
def front_end(
    platform: Annotated[str, typer.Option(help=both(say("The platform's address.")))] = "http://127.0.0.1:8080",
    profile: Annotated[str, typer.Option(help=both(say("Wire profile in which the platform is asked.")))] = "sichuan",
    credentials: Annotated[
        Path | None, typer.Option(help=both(say("TOML file with what the platform gave the institution.")))
    ] = None,
    terminals: Annotated[
        Path | None, typer.Option(help=both(say("CSV file of in-house terminals with departments.")))
    ] = None,
    spool: Annotated[
        Path, typer.Option(help=both(say("Where uses wait for the platform, and the audit log stands.")))
    ] = Path("front-end.db"),
    host: Annotated[str, typer.Option(help=both(say("Address to listen at.")))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help=both(say("Port; 0: any free one.")))] = 8090,
    token: Annotated[
        str,
        typer.Option(
            envvar="HEALTHCARD_FRONT_END_TOKEN",
            help=both(say("Token that in-house systems must show; needed beyond this machine.")),
        ),
    ] = "",
    clock: Annotated[str, typer.Option(help=both(say("What a wrong clock leads to: refuse or warn.")))] = "refuse",
    demo: Annotated[
        bool, typer.Option("--demo", help=both(say("Credentials and one terminal of the demo platform; for trying.")))
    ] = False,
    lang: Lang = Language.EN,
) -> None:
    """Serve the systems inside an institution. 启动机构前置机。"""
    try:
        from reference.front_end import composing
    except ImportError as missing:
        raise lacking(missing, lang) from None
    if clock not in ("refuse", "warn"):
        raise refused(say("--clock is refuse or warn."), lang)
    if not token and not _is_this_machine(host):
        raise refused(say("Beyond this machine in-house systems must show a token: give one with --token."), lang)
    settings = composing.FrontEndSettings(
        platform=platform,
        profile=profile,
        credentials=credentials,
        terminals=terminals,
        spool=spool,
        token=token,
        demo=demo,
        strict_clock=clock == "refuse",
    )
    try:
        service = composing.front_end(settings)
        listener = listening(host, port, BACKLOG)
    except composing.WrongSettings as error:
        raise refused(error.text, lang) from None
    except ProductUnreachable as error:
        raise refused(error.explained(), lang, Exit.UNREACHABLE) from None
    address = f"http://{host}:{listener.getsockname()[1]}"
    _say(say("Front-end at {address}, asking {platform} as {profile}.", address=address, platform=platform,
             profile=profile), lang)  # fmt: skip
    if demo:
        _say(say("DEMO: published credentials. Not for use."), lang)
    composing.run(service, listener)


def _say(text: Text, lang: Language) -> None:
    typer.echo(text.inside(lang))


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
