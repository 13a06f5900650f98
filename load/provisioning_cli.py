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
from reference.command_line import Lang, Language, both, example
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
    persons: Annotated[int, typer.Option(min=1, help=both(say("Number of test persons.")))] = 10,
    profile: Profile = "sichuan",
    seed: Seed = 1,
    rate: Rate = 10.0,
    credentials: CredentialsFile = None,
    permit: PermitFile = None,
    keep: Annotated[bool, typer.Option("--keep", help=both(say("The persons are to stay.")))] = False,
    lang: Lang = Language.EN,
) -> None:
    """Register test persons on a platform. 在平台上登记测试人员。"""
    with _session(lang)(url, state, profile, seed, rate, credentials, permit, lang) as (maker, held):
        first = max(held.persons, default=-1) + 1
        count = sum(1 for _ in maker.provision(first, persons, keep=keep))
        typer.echo(say("{count} test persons registered; {file} remembers them.", count=count, file=state).inside(lang))


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
    commands.command(epilog=example("healthcard load provision --url http://127.0.0.1:8080 --state persons"))(provision)
    commands.command(
        "clean-up", epilog=example("healthcard load clean-up --url http://127.0.0.1:8080 --state persons")
    )(clean_up)


def _session(lang: Language) -> Callable[..., AbstractContextManager[tuple[Provisioner, State]]]:
    """`load.provisioning_session.provisioning`. Raises typer.Exit where its packages are missing."""
    try:
        from load.provisioning_session import provisioning
    except ImportError as missing:
        raise lacking(missing, lang) from None
    return provisioning
