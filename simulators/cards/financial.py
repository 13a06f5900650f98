"""A user card with a financial application beside the health environment, as far as REV2 annex B speaks of it.

The payment environments are there by name and hold nothing: what stands in them is for the bank card's own tests.
"""

from __future__ import annotations

from reference.standard import Standard
from reference.standard.rows import Directory, DirectoryKind
from simulators.cards.demo import DEMO_SEED, demo_image
from simulators.cards.user_card import UserCard
from simulators.sources import SeededRandomness

HEALTH = "health"


def with_payment_environments(standard: Standard) -> Standard:
    """The tables with a directory for each payment environment."""
    added = {
        row.id: Directory(
            path=row.id,
            fid=f"BF{number:02X}",
            kind=DirectoryKind.DDF,
            name=row.name,
            title=row.title,
            source=row.source,
        )
        for number, row in enumerate(standard.environments.values())
        if row.id != HEALTH
    }
    return standard.replacing(directories=added)


def financial_card(standard: Standard) -> UserCard:
    """The demo card with payment environments."""
    wider = with_payment_environments(standard)
    return UserCard(wider, demo_image(wider), SeededRandomness(DEMO_SEED))
