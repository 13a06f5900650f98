"""A session of ``healthcard load provision`` and ``clean-up``: permit, state file, connection and client of a platform.

Every reason why it cannot go on is said here, with its exit code. Needs the extra ``platform``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from load.access_token import NoAccess, access_token
from load.connection import Connection
from load.permit import NotPermitted, require_permitted
from load.provisioning import CannotCleanUp, Provisioner
from load.provisioning_state import State, Target, UnusableState
from load.settings import RunSettings, UnreadableCredentials, read_credentials
from reference.command_line import Exit, Language, refused
from reference.front_end.line import CarriesToken
from reference.gateway.demo import demo_credentials
from reference.gateway.profiles import CLIENTS
from reference.gateway.wire import Request, UnreadableAnswer, WireRefusal
from reference.languages import say
from reference.operating_system import SystemClock

NONCE_BYTES = 16
TIMEOUT = 30.0
"""Seconds to wait for an answer (decision)."""


@contextmanager
def provisioning(
    url: str,
    state: Path,
    profile: str,
    seed: int,
    rate: float,
    credentials: Path | None,
    permit: Path | None,
    lang: Language,
) -> Iterator[tuple[Provisioner, State]]:
    """The provisioner of a platform, slowed down to ``rate`` requests a second. Raises typer.Exit, the reason said."""
    clock = SystemClock()
    if profile not in CLIENTS:
        raise refused(say("There is no wire profile {name}: {known}.", name=profile, known=", ".join(CLIENTS)), lang)
    try:
        require_permitted(url, rate, clock.now_ms(), 0, permit)
        known_as = read_credentials(credentials) if credentials else demo_credentials(profile)
        held = _opened(state, Target(url=url, profile=profile, seed=seed), lang)
        with closing(held), closing(Connection(url, TIMEOUT)) as connection:

            def exchange(request: Request) -> bytes:
                time.sleep(1 / rate)
                return connection.exchange(connection.encode(request))[1]

            client = CLIENTS[profile](known_as)
            if isinstance(client, CarriesToken):
                settings = RunSettings(url=url, cases="", profile=profile, credentials=known_as)
                client.token = access_token(settings)
            maker = Provisioner(
                client,
                exchange,
                held,
                now_ms=clock.now_ms,
                nonce=lambda: os.urandom(NONCE_BYTES),
                seed=seed,
            )
            yield maker, held
    except (NotPermitted, UnreadableCredentials, UnusableState, CannotCleanUp, NoAccess) as error:
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


def _opened(path: Path, target: Target, lang: Language) -> State:
    """The state in a file. Raises UnusableState, and typer.Exit where the file cannot be opened."""
    try:
        return State(path, target)
    except OSError as error:
        raise refused(say("{file}: {reason}", file=path, reason=error.strerror), lang) from None
