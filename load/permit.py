"""The guard before load on another machine: an address that is not loopback needs a permit file.

    target = "https://health.example:8443"
    from = 2026-03-01T22:00:00+08:00
    until = 2026-03-02T04:00:00+08:00
    rate = 300
    allowed_by = "Name, office, telephone"

A name is resolved first, and every address behind it must be loopback to do without. Source: decision (platform:
target, window, rate, who allowed it).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from reference.ecard.moments import SECOND, Moment
from reference.languages import Text, say

Resolve = Callable[[str, int], Iterable[str]]
"""The addresses behind a host and port. Raises OSError."""
PORTS = {"http": 80, "https": 443}
Zoned = Annotated[datetime, msgspec.Meta(tz=True)]
Words = Annotated[str, msgspec.Meta(min_length=2)]


class Permit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who allowed load on which target, from when until when, and how much: requests a second at most."""

    target: Words
    start: Zoned = msgspec.field(name="from")
    until: Zoned
    rate: Annotated[float, msgspec.Meta(gt=0)]
    allowed_by: Words


class NotPermitted(Exception):
    """The load is not allowed; ``text`` says what is missing, why, and what to do next."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def resolved(host: str, port: int) -> list[str]:
    """The addresses behind a name, as this machine resolves it. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_loopback(url: str, resolve: Resolve = resolved) -> bool:
    """Whether every address behind the URL's host is this machine. Raises NotPermitted for what is no address."""
    host, port = _place(url)[1:]
    try:
        addresses = list(resolve(host, port))
    except OSError as error:
        raise NotPermitted(
            say("{host} cannot be found: {reason}. Check the address.", host=host, reason=error.strerror or str(error))
        ) from None
    return bool(addresses) and all(ipaddress.ip_address(address).is_loopback for address in addresses)


def require_permitted(
    url: str, rate: float, start_ms: Moment, seconds: float, permit: Path | None, resolve: Resolve = resolved
) -> Permit | None:
    """Whether load of ``rate`` requests a second may run for ``seconds`` from ``start_ms`` on; the permit it needs.

    None for loopback, which needs none. Raises NotPermitted.
    """
    if is_loopback(url, resolve):
        return None
    host = _place(url)[1]
    if permit is None:
        raise NotPermitted(
            say(
                "{host} is not this machine: load on it needs a permit file with target, from, until, rate and "
                "allowed_by. Ask who runs the platform, then name the file with --permit.",
                host=host,
            )
        )
    held = read_permit(permit)
    _require_covered(held, permit, url, rate, start_ms, seconds)
    return held


def read_permit(path: Path) -> Permit:
    """The permit in a file. Raises NotPermitted."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Permit)
    except OSError as error:
        raise NotPermitted(say("{file}: {reason}", file=path, reason=error.strerror)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotPermitted(
            say(
                "{file} is no permit: {reason}. Write target, from, until, rate and allowed_by.",
                file=path,
                reason=error,
            )
        ) from None


def _require_covered(permit: Permit, path: Path, url: str, rate: float, start_ms: Moment, seconds: float) -> None:
    if _place(permit.target) != _place(url):
        raise NotPermitted(
            say("{file} is a permit for {target}, not for {url}.", file=path, target=permit.target, url=url)
        )
    end_ms = start_ms + seconds * SECOND
    if start_ms < permit.start.timestamp() * SECOND or end_ms > permit.until.timestamp() * SECOND:
        raise NotPermitted(
            say(
                "{file} holds from {start} until {until}: start and end the run within that time.",
                file=path,
                start=permit.start.isoformat(),
                until=permit.until.isoformat(),
            )
        )
    if rate > permit.rate:
        raise NotPermitted(
            say(
                "{file} allows {allowed} requests a second, not {rate}: lower --rate (for a staged fault: fewer "
                "--connections or a longer --pace), or ask for more.",
                file=path,
                allowed=f"{permit.rate:g}",
                rate=f"{rate:g}",
            )
        )


def _place(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address. Raises NotPermitted."""
    try:
        parts = urlsplit(url)
        if parts.scheme in PORTS and parts.hostname:
            return parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme]
    except ValueError:
        pass
    raise NotPermitted(say("{url} is no address: write http://127.0.0.1:8080.", url=url))
