"""Whether a target takes connections at all: asked before a run, and after it."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from reference.languages import say
from reference.ports import ProductUnreachable

REACH_SECONDS = 5.0
"""How long the target may take to accept a connection (decision)."""


def reachable(url: str) -> bool:
    """Whether somebody takes a connection there."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((parts.hostname or "", port), REACH_SECONDS):
            return True
    except OSError:
        return False


def require_reachable(url: str) -> None:
    """Raise ProductUnreachable where nobody takes a connection."""
    if not reachable(url):
        raise ProductUnreachable(
            say("The address {address}", address=url),
            say("takes no connection."),
            say("Start the platform, or check --url."),
        )
