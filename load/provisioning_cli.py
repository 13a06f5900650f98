"""The commands ``healthcard load provision`` and ``clean-up``: test persons on a platform, and away again.

Functions for the room's command line, `load.cli`; they need the extra ``platform``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from load.connection import Connection
from load.permit import NotPermitted, require_permitted
from load.provisioning import CannotCleanUp, Provisioner
from load.provisioning_state import State, Target, UnusableState
from reference.command_line import Exit, Lang, Language, both, example, refused
from reference.gateway.demo import demo_credentials
from reference.gateway.profiles import CLIENTS
from reference.gateway.wire import Credentials, Request, UnreadableAnswer, WireRefusal
from reference.languages import say
from reference.operating_system import SystemClock

NONCE_BYTES = 16
TIMEOUT = 30.0
"""Seconds to wait for an answer (decision)."""
Url = Annotated[str, typer.Option(help=both(say("Address of the platform, as http://127.0.0.1:8080.")))]
StateFile = Annotated[Path, typer.Option(help=both(say("File that remembers what was made, for the clean-up.")))]
Profile = Annotated[str, typer.Option(help=both(say("Wire profile.")))]
Seed = Annotated[int, typer.Option(help=both(say("Seed: the same one gives the same residents.")))]
Rate = Annotated[float, typer.Option(min=0.1, help=both(say("Requests a second at most.")))]
PermitFile = Annotated[
    Path | None, typer.Option(help=both(say("Permit file, needed for an address that is not this machine.")))
]
CredentialsFile = Annotated[
    Path | None,
    typer.Option(help=both(say("JSON file with the client's credentials; the demo client's when left out."))),
]


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
    with _provisioner(url, state, profile, seed, rate, credentials, permit, lang) as (maker, held):
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
    with _provisioner(url, state, profile, seed, rate, credentials, permit, lang) as (maker, _):
        count = sum(1 for _ in maker.clean_up())
        typer.echo(say("{count} test persons cancelled.", count=count).inside(lang))


def add_to(commands: typer.Typer) -> None:
    """Add both commands to ``healthcard load``."""
    commands.command(epilog=example("healthcard load provision --url http://127.0.0.1:8080 --state persons"))(provision)
    commands.command(
        "clean-up", epilog=example("healthcard load clean-up --url http://127.0.0.1:8080 --state persons")
    )(clean_up)


@contextmanager
def _provisioner(
    url: str,
    state: Path,
    profile: str,
    seed: int,
    rate: float,
    credentials: Path | None,
    permit: Path | None,
    lang: Language,
) -> Iterator[tuple[Provisioner, State]]:
    """The provisioner of a platform, slowed down to the rate. Raises typer.Exit with the reason said."""
    clock = SystemClock()
    if profile not in CLIENTS:
        raise refused(say("There is no wire profile {name}: {known}.", name=profile, known=", ".join(CLIENTS)), lang)
    try:
        require_permitted(url, rate, clock.now_ms(), 0, permit)
        held = State(state, Target(url=url, profile=profile, seed=seed))
        connection = Connection(url, TIMEOUT)

        def exchange(request: Request) -> bytes:
            time.sleep(1 / rate)
            return connection.exchange(connection.encode(request))[1]

        try:
            client = CLIENTS[profile](_known_as(credentials, profile))
            yield (
                Provisioner(
                    client,
                    exchange,
                    held,
                    now_ms=clock.now_ms,
                    nonce=lambda: os.urandom(NONCE_BYTES),
                    seed=seed,
                ),
                held,
            )
        finally:
            connection.close()
            held.close()
    except msgspec.DecodeError as error:
        raise refused(say("{file}: {reason}", file=credentials, reason=str(error)), lang) from None
    except (NotPermitted, UnusableState, CannotCleanUp) as error:
        raise refused(error.text, lang) from None
    except (WireRefusal, UnreadableAnswer) as error:
        raise refused(
            say("{url} refuses: {reason}. What was made stands in {file}.", url=url, reason=str(error), file=state),
            lang,
            Exit.INCOMPLETE,
        ) from None
    except OSError as error:
        raise refused(
            say("{url}: {reason}. What was made stands in {file}.", url=url, reason=str(error), file=state),
            lang,
            Exit.UNREACHABLE,
        ) from None


def _known_as(file: Path | None, profile: str) -> Credentials:
    """The credentials in a file, or those of the demo client. Raises OSError and msgspec.DecodeError."""
    return msgspec.json.decode(file.read_bytes(), type=Credentials) if file else demo_credentials(profile)
