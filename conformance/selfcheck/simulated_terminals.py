"""What the reference terminal's commands work with where no reader is: the simulated card and SAM, and their back end.

The card's memory can be kept in a file, so that one command writes what the next one reads.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from reference.operating_system import SystemRandomness
from reference.ports import Chip
from reference.standard import Standard
from reference.terminal.signatures import BackEnd
from simulators.cards.demo import DEMO_PIN, demo_image, demo_sam
from simulators.cards.memory import CardMemory, UnusableMemory
from simulators.cards.sam.content import ROOT, demo_signing_key, issuer_certificate
from simulators.cards.user_card import UserCard

__all__ = ["DEMO_PIN", "UnusableMemory", "demo_back_end", "simulated_chips"]


def simulated_chips(standard: Standard, sam_type: int, memory: Path | None = None) -> tuple[Chip, Chip]:
    """The demo card, with its memory in a file where one is named, and a SAM of the type. Raises UnusableMemory."""
    image = demo_image(standard)
    card = UserCard(standard, image, SystemRandomness(), memory=CardMemory(image, memory))
    return card, demo_sam(sam_type, standard)


def demo_back_end(standard: Standard, today: datetime.date) -> BackEnd:
    """A back end that trusts the demo root and knows the demo issuer."""
    return BackEnd(standard, demo_signing_key(ROOT).public_key(), [issuer_certificate(standard)], today)
