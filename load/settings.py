"""What generators are told: target, profile, credentials, schedule, cases. One file, read by every generator.

Credentials stand in a file of its owner alone and never in arguments, which other users of a machine can read.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from load import schedule
from reference.front_end.line import CarriesToken
from reference.gateway.demo import demo_credentials
from reference.gateway.profiles import CLIENTS
from reference.gateway.wire import Credentials, WireClient
from reference.languages import Text, say

CONNECTIONS = 64
"""Requests in flight at most, over all generators, where nothing else is asked for (decision)."""
TIMEOUT = 10.0
"""Seconds after which an answer is no longer waited for (decision)."""


class UnreadableCredentials(Exception):
    """A file that holds no credentials; ``text`` names it and the reason."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class RunSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run. Rates are requests a second over all generators, times are seconds."""

    url: str
    cases: str
    profile: str = "sichuan"
    credentials: Credentials | None = None
    """Those of the demo client where left out."""
    shape: str = "constant"
    trace: str = ""
    rate: float = 100.0
    duration: float = 10.0
    seed: int = 1
    generators: int = 1
    connections: int = CONNECTIONS
    timeout: float = TIMEOUT
    run_id: str = "load"
    """Begins the numbers of requests, so that the platform's records of this run can be told from others."""
    access_token: str = ""
    """Of the run, where the profile has one; see `load.access_token`."""

    def scheduled(self) -> schedule.Schedule:
        """The whole run's schedule. Raises UnusableSchedule."""
        if self.trace:
            return schedule.of_trace(Path(self.trace), self.duration)
        return schedule.of_shape(schedule.shape_named(self.shape), self.rate, self.duration, self.seed)

    def highest_rate(self) -> float:
        """The requests a second that the run asks for at its height; of a trace, the most within one second.

        Raises UnusableSchedule.
        """
        return float(self.scheduled().most_within(1.0)) if self.trace else self.rate

    def known_as(self) -> Credentials:
        """With what the generators show who they are."""
        return self.credentials or demo_credentials(self.profile)

    def client(self) -> WireClient:
        """A wire client of the profile with these credentials, and the access token where it carries one."""
        client = CLIENTS[self.profile](self.known_as())
        if isinstance(client, CarriesToken):
            client.token = self.access_token
        return client


def write_settings(path: Path, settings: RunSettings) -> None:
    """Write the file, for its owner alone."""
    encoded = msgspec.json.encode(settings)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(encoded)


def read_settings(path: Path) -> RunSettings:
    """Read the file. Raises OSError and msgspec.DecodeError."""
    return msgspec.json.decode(path.read_bytes(), type=RunSettings)


def read_credentials(path: Path) -> Credentials:
    """The client's credentials in a JSON file. Raises UnreadableCredentials."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Credentials)
    except OSError as error:
        raise UnreadableCredentials(say("{file}: {reason}", file=path, reason=error.strerror)) from None
    except msgspec.DecodeError as error:
        raise UnreadableCredentials(say("{file}: {reason}", file=path, reason=error)) from None
