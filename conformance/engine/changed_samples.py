"""Whether a test that lost the product may have left the sample other than it was.

Tests put back what they change (conformance/suites/card/steps.py); one that lost the product in between could not.
What is read from such a sample afterwards would be held against the product, although the harness wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable

from conformance.evidence.model import Exchange
from reference.card.apdu import OK
from reference.standard import Standard

CHANGING = frozenset(
    f"card.{command}"
    for command in (
        "update-record",
        "update-binary",
        "append-record",
        "write-record",
        "erase-record",
        "application-block",
        "application-unblock",
        "card-block",
        "activate",
    )
)
"""The commands of the standard's table that change what a card keeps."""


def may_be_changed(exchanges: Iterable[Exchange], standard: Standard) -> bool:
    """Whether a changing command to the card was granted, or lost so that nobody knows whether it was."""
    changing = {f"{row.ins:02X}" for id, row in standard.commands.items() if id in CHANGING}
    granted = f"{OK:04X}"
    return any(
        exchange.channel == "card"
        and exchange.sent[2:4] in changing
        and (exchange.kind == "lost" or exchange.received == granted)
        for exchange in exchanges
    )
