"""What a served platform is told: addresses, limits and keys. One object, passed to every worker as JSON."""

from __future__ import annotations

from typing import Annotated

import msgspec

ENVIRONMENT = "HEALTHCARD_SERVE"
"""The environment variable through which workers get their settings."""


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of ``healthcard serve``."""

    database: str = "sqlite:///healthcard.db"
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8080
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    profiles: tuple[str, ...] = ()
    """Wire profiles to serve; all where empty."""
    crypto_machines: tuple[str, ...] = ()
    """Addresses ``host:port`` of crypto machines, in the order of preference; the software machine where empty."""
    key_version: int = 1
    """Key version in which crypto machines at addresses encipher."""
    key_file: str = ""
    """Keys of the software machine; the published demo keys where empty."""
    issuer: str = "5101A0001"
    demo: bool = False
    console: bool = True
