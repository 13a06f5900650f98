"""The commands ``healthcard load provision`` and ``clean-up``: test persons on a platform, and away again.

The work is done in `load.provisioning_session`, which needs the extra ``platform``; this file does not.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from load.command_options import CredentialsFile, PermitFile, Profile, lacking
from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.ecard.broken_rules import BrokenRule
from reference.ecard.moments import china_text
from reference.languages import say

if TYPE_CHECKING:
    from load.provisioning import Provisioner
    from load.provisioning_state import State

Url = Annotated[str, typer.Option(help=both(say("Address of the platform, as http://127.0.0.1:8080.")))]
StateFile = Annotated[Path, typer.Option(help=both(say("File that remembers what was made, for the clean-up.")))]
Seed = Annotated[int, typer.Option(help=both(say("Seed: the same one gives the same residents.")))]
Rate = Annotated[float, typer.Option(min=0.1, help=both(say("Requests a second at most.")))]


def provision(
    url: Url,
    state: StateFile,
    persons: Annotated[int, typer.Option(min=0, help=both(say("Number of test persons.")))] = 10,
    cases: Annotated[
        Path | None,
        typer.Option(help=both(say("File of cases that is written, with codes of all who are registered."))),
    ] = None,
    count: Annotated[int, typer.Option(min=1, help=both(say("Number of cases.")))] = 300,
    profile: Profile = "sichuan",
    seed: Seed = 1,
    rate: Rate = 10.0,
    credentials: CredentialsFile = None,
    permit: PermitFile = None,
    keep: Annotated[bool, typer.Option("--keep", help=both(say("The persons are to stay.")))] = False,
    lang: Lang = Language.EN,
) -> None:
    """Register test persons on a platform. 在平台上登记测试人员。"""
    if cases is not None and not cases.parent.is_dir():
        raise refused(say("{file}: there is no such folder.", file=cases), lang)
    with _session(lang)(url, state, profile, seed, rate, credentials, permit, lang) as (maker, held):
        first = max(held.persons, default=-1) + 1
        made = sum(1 for _ in maker.provision(first, persons, keep=keep))
        typer.echo(say("{count} test persons registered; {file} remembers them.", count=made, file=state).inside(lang))
        if cases is not None and not held.there():
            raise refused(say("{file} knows of nobody: register some with --persons.", file=state), lang)
        if cases is not None:
            _write_cases(cases, maker, url, profile, count, seed, lang)


def clean_up(
    url: Url,
    state: StateFile,
    profile: Profile = "sichuan",
    seed: Seed = 1,
    rate: Rate = 10.0,
    credentials: CredentialsFile = None,
    permit: PermitFile = None,
    lang: Lang = Language.EN,
) -> None:
    """Cancel the test persons that were registered. 注销已登记的测试人员。"""
    with _session(lang)(url, state, profile, seed, rate, credentials, permit, lang) as (maker, _):
        count = sum(1 for _ in maker.clean_up())
        typer.echo(say("{count} test persons cancelled.", count=count).inside(lang))


def add_to(commands: typer.Typer) -> None:
    """Add both commands to ``healthcard load``."""
    commands.command(
        epilog=example("healthcard load provision --url http://127.0.0.1:8080 --state persons --cases cases")
    )(provision)
    commands.command(
        "clean-up", epilog=example("healthcard load clean-up --url http://127.0.0.1:8080 --state persons")
    )(clean_up)


def _write_cases(
    cases: Path, maker: Provisioner, url: str, profile: str, count: int, seed: int, lang: Language
) -> None:
    """Write the file, and say what is in it and how it is used. Raises typer.Exit."""
    from load.foreign_cases import write_foreign_cases

    try:
        written = write_foreign_cases(cases, maker, profile, count, seed)
    except BrokenRule as error:
        raise refused(
            say("{url} gave a code that the profile does not read: {reason}", url=url, reason=error.explained()),
            lang,
            Exit.INCOMPLETE,
        ) from None
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(written.kinds.items()))
    typer.echo(say("{count} cases in {file}: {kinds}.", count=written.count, file=cases, kinds=kinds).inside(lang))
    if written.until_ms is not None:
        until = china_text(written.until_ms, "yyyy-MM-dd HH:mm:ss")
        typer.echo(say("The dynamic codes hold until {until}, China time.", until=until).inside(lang))
    command = f"healthcard load qr --url {url} --profile {profile} --cases {cases}"
    typer.echo(say("Next: {command}", command=command).inside(lang))


def _session(lang: Language) -> Callable[..., AbstractContextManager[tuple[Provisioner, State]]]:
    """`load.provisioning_session.provisioning`. Raises typer.Exit where its packages are missing."""
    try:
        from load.provisioning_session import provisioning
    except ImportError as missing:
        raise lacking(missing, lang) from None
    return provisioning
