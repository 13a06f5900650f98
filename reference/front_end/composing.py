"""From settings to a running front-end: credentials, line to the platform, terminals, spool, HTTP service."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import uvicorn

from reference.ecard.classification import CodeOwner
from reference.front_end.application import InHouseService
from reference.front_end.carrier import HttpCarrier, WrongAddress
from reference.front_end.clock_check import ClockCheck
from reference.front_end.facts import carried_by, limits
from reference.front_end.owners import CodeValidator
from reference.front_end.reading import Reader
from reference.front_end.service import FrontEnd
from reference.front_end.sole_use import SpoolInUse, sole_user
from reference.front_end.spool import Spool
from reference.front_end.terminals import InHouseTerminal, Terminals, UnusableTerminals, read_terminals
from reference.front_end.uploading import Uploader
from reference.front_end.upstream import Upstream
from reference.gateway.demo import TERMINAL, demo_credentials
from reference.gateway.profiles import CLIENTS
from reference.gateway.wire import Credentials
from reference.languages import Text, say
from reference.logs import log_plainly
from reference.operating_system import SystemClock, SystemRandomness
from reference.standard.ecard import load_ecard

OTHERS = 0o077
"""Rights of others than a file's owner."""
DEMO_TERMINALS = (InHouseTerminal(TERMINAL, department="0300", channel="01", place="demo"),)


class WrongSettings(Exception):
    """A setting that cannot be served with; ``text`` names it, the reason and the next step."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class FrontEndSettings:
    """Settings of ``healthcard front-end``; files as paths, ``token`` of in-house systems empty for none."""

    platform: str
    profile: str
    credentials: Path | None
    terminals: Path | None
    spool: Path
    token: str = field(default="", repr=False)
    demo: bool = False
    strict_clock: bool = True


def front_end(settings: FrontEndSettings, owners: Mapping[CodeOwner, CodeValidator] | None = None) -> InHouseService:
    """The front-end as an ASGI application, with whoever validates the codes of other systems.

    Raises WrongSettings, and ProductUnreachable where the spool cannot be kept.
    """
    if settings.profile not in CLIENTS:
        known = ", ".join(CLIENTS)
        raise WrongSettings(say("There is no wire profile {name}: {known}.", name=settings.profile, known=known))
    credentials = _credentials(settings)
    clock, check = SystemClock(), ClockCheck(load_ecard().limit("clock-skew-seconds"))
    try:
        carrier = HttpCarrier(settings.platform, limits()["answer-seconds"])
    except WrongAddress:
        raise WrongSettings(
            say("{address} is no address of a platform: write http://host:port.", address=settings.platform)
        ) from None
    upstream = Upstream(
        lambda terminal: CLIENTS[settings.profile](replace(credentials, terminal=terminal)),
        carrier,
        clock,
        SystemRandomness(),
        time.sleep,
        check,
    )
    carries = carried_by(settings.profile)
    terminals = _terminals(settings)
    try:
        let_go = sole_user(settings.spool)
    except SpoolInUse as error:
        raise WrongSettings(error.text) from None
    spool = Spool(settings.spool)
    service = FrontEnd(
        upstream,
        Reader(upstream, owners or {}),
        spool,
        terminals,
        carries,
        clock,
        check,
        strict_clock=settings.strict_clock,
    )

    def end() -> None:
        carrier.close()
        spool.close()
        let_go()

    return InHouseService(service, Uploader(spool, upstream, carries, clock), settings.token, end)


def run(service: InHouseService, listener: socket.socket) -> None:
    """Serve on the socket until SIGINT or SIGTERM. One process: the spool and the queue are its own."""
    log_plainly()
    config = uvicorn.Config(
        service.application,
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[listener])


class _CredentialsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the platform gave the institution; ``secret`` in hexadecimal digits."""

    app: str = ""
    secret: str = ""
    institution: str = ""
    user_name: str = ""
    password: str = ""
    record_number: str = ""

    def __repr__(self) -> str:
        return "«CredentialsFile»"


def read_credentials(file: Path) -> Credentials:
    """The credentials of a TOML file that its owner alone may read. Raises WrongSettings."""
    try:
        content, mode = file.read_bytes(), file.stat().st_mode
        read = msgspec.toml.decode(content, type=_CredentialsFile)
        secret = bytes.fromhex(read.secret)
    except OSError as failure:
        problem = say("it cannot be read: {fault}. Name another file.", fault=failure.strerror)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        # The decoder's words may repeat what stands in the file: a secret.
        problem = say("this is no file of credentials: app, secret (hex), institution, user_name, password in TOML.")
    else:
        if not mode & OTHERS:
            return Credentials(
                read.app, secret, read.institution, read.user_name, read.password, "", read.record_number
            )
        problem = say("others than its owner may read these credentials. Take their rights away: chmod 600")
    raise WrongSettings(say("{file}: {problem}", file=file, problem=problem))


def _credentials(settings: FrontEndSettings) -> Credentials:
    if settings.demo:
        return demo_credentials(settings.profile)
    if settings.credentials is None:
        raise WrongSettings(say("Name the file of credentials with --credentials, or try with --demo."))
    return read_credentials(settings.credentials)


def _terminals(settings: FrontEndSettings) -> Terminals:
    if settings.terminals is None:
        if not settings.demo:
            raise WrongSettings(say("Name the file of terminals with --terminals, or try with --demo."))
        return Terminals(DEMO_TERMINALS)
    try:
        return read_terminals(settings.terminals)
    except UnusableTerminals as error:
        raise WrongSettings(error.text) from None
