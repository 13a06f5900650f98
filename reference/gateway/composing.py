"""From settings to a running worker: store, crypto machine, partners, platform, profiles, console."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import msgspec
import uvicorn
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from uvicorn.supervisors import Multiprocess

from reference.accounts.real_name import RoutedRealNameCheck
from reference.gateway import console, demo
from reference.gateway.application import Gateway
from reference.gateway.profiles import ALL
from reference.gateway.settings import ENVIRONMENT, ServeSettings
from reference.keys.connection import MachineAddress
from reference.keys.key_file import UnusableKeyFile, demo_keys, read_key_file
from reference.keys.pool import CryptoMachinePool
from reference.keys.software_machine import SoftwareCryptoMachine
from reference.languages import Text, say
from reference.operating_system import SystemClock, SystemRandomness
from reference.platform import Platform
from reference.ports import CryptoMachine
from reference.serving import PlatformClock, Surroundings
from reference.standard.ecard import load_ecard
from reference.store import Store
from reference.store.migrating import migrate


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
    for address in settings.crypto_machines:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise WrongSettings(say("{address} is no address of a crypto machine: write host:port.", address=address))
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
    """The crypto machine that the settings name."""
    if settings.crypto_machines:
        addresses = [_address(address) for address in settings.crypto_machines]
        return CryptoMachinePool(addresses, settings.key_version, SystemClock())
    return SoftwareCryptoMachine(read_key_file(Path(settings.key_file)) if settings.key_file else demo_keys())


def _address(text: str) -> MachineAddress:
    host, _, port = text.rpartition(":")
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
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
    )
    if settings.workers == 1:
        uvicorn.Server(config).run(sockets=[listener])
    else:
        Multiprocess(config, sockets=[listener]).run()


def worker() -> Gateway:
    """The application of one worker process; its settings stand in the environment."""
    settings = msgspec.json.decode(os.environ[ENVIRONMENT], type=ServeSettings)
    return gateway(settings, surroundings_of(settings, Store(settings.database)))
