"""From settings to a running worker: store, crypto machine, partners, platform, profiles, console."""

from __future__ import annotations

import gc
import os
import re
import socket
from pathlib import Path

import msgspec
import uvicorn
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from reference.accounts.real_name import RoutedRealNameCheck
from reference.gateway import console, demo
from reference.gateway.application import Gateway
from reference.gateway.profiles import ALL
from reference.gateway.settings import ENVIRONMENT, ServeSettings
from reference.gateway.short_way import ShortWay
from reference.gateway.supervising import Supervisor
from reference.keys.connection import MachineAddress
from reference.keys.key_file import UnusableKeyFile, demo_keys, read_key_file
from reference.keys.pool import CryptoMachinePool
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.languages import Text, say
from reference.logs import log_plainly
from reference.operating_system import SystemClock, SystemRandomness
from reference.platform import Platform
from reference.ports import CryptoMachine
from reference.serving import PlatformClock, Surroundings
from reference.standard.ecard import load_ecard
from reference.store import Store
from reference.store.migrating import migrate

COLLECT_AFTER = 100_000
"""Objects after which a worker looks for garbage in cycles: some thousand requests."""


class WrongSettings(Exception):
    """A setting that cannot be served with; ``text`` names it, the reason and the next step."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def check(settings: ServeSettings) -> None:
    """Raise WrongSettings for unknown profiles, malformed addresses, an unreadable key file or a wrong issuer."""
    known = [profile.id for profile in ALL]
    for profile in settings.profiles:
        if profile not in known:
            raise WrongSettings(
                say("There is no wire profile {name}: {known}.", name=profile, known=", ".join(known)),
            )
    _addresses(settings)
    if not re.fullmatch(load_ecard().qr_fields["issuer"].pattern, settings.issuer):
        raise WrongSettings(
            say(
                "{issuer} is no code of an issuing platform: four digits, a letter, four digits.",
                issuer=settings.issuer,
            )
        )
    if settings.key_file:
        try:
            read_key_file(Path(settings.key_file))
        except (OSError, UnusableKeyFile) as error:
            raise WrongSettings(say("{file}: {reason}", file=settings.key_file, reason=str(error))) from None
    try:
        make_url(settings.database)
    except ArgumentError:
        raise WrongSettings(
            say("The database address cannot be read: write sqlite:///file.db or postgresql://user@host:port/name.")
        ) from None


def machine_of(settings: ServeSettings) -> CryptoMachine:
    """The crypto machine that the settings name. Raises WrongSettings for malformed addresses."""
    if addresses := _addresses(settings):
        return CryptoMachinePool(addresses, settings.key_version, SystemClock())
    return SoftwareCryptoMachine(read_key_file(Path(settings.key_file)) if settings.key_file else demo_keys())


def _addresses(settings: ServeSettings) -> list[MachineAddress]:
    return [_address(text) for text in settings.crypto_machines]


def _address(text: str) -> MachineAddress:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise WrongSettings(say("{address} is no address of a crypto machine: write host:port.", address=text))
    return MachineAddress(host, int(port))


def open_store(settings: ServeSettings) -> Store:
    """The database, brought to the newest form."""
    store = Store(settings.database)
    migrate(store)
    return store


def surroundings_of(settings: ServeSettings, store: Store, clock: PlatformClock | None = None) -> Surroundings:
    """What the platform's services lean on, as the settings say."""
    return Surroundings(
        store=store,
        machine=machine_of(settings),
        clock=clock or SystemClock(),
        randomness=SystemRandomness(),
        tables=load_ecard(),
        real_name=demo.DemoRealNameCheck() if settings.demo else RoutedRealNameCheck({}),
        bank=demo.DemoBank() if settings.demo else demo.NoBank(),
        issuer=settings.issuer,
    )


def gateway(settings: ServeSettings, surroundings: Surroundings) -> Gateway:
    """The ASGI application over these surroundings."""
    wanted = settings.profiles or tuple(profile.id for profile in ALL)
    profiles = [profile for profile in ALL if profile.id in wanted]
    platform = Platform(surroundings)
    return Gateway(platform, profiles, console.routes(platform) if settings.console else ())


def run(settings: ServeSettings, listener: socket.socket) -> None:
    """Serve on the socket until SIGINT or SIGTERM, with as many worker processes as are set."""
    config = uvicorn.Config(
        "reference.gateway.composing:worker",
        factory=True,
        loop="uvloop",
        http=ShortWay,
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
    )

    def serve() -> None:
        uvicorn.Server(config).run(sockets=[listener])

    if settings.workers == 1:
        serve()
    else:
        Supervisor(serve, settings.workers).run()


def worker() -> Gateway:
    """The application of one worker process; its settings stand in the environment."""
    log_plainly()
    settings = msgspec.json.decode(os.environ[ENVIRONMENT], type=ServeSettings)
    served = gateway(settings, surroundings_of(settings, Store(settings.database)))
    # What is there now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    return served
