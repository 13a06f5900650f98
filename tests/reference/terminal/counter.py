"""A counter of the reference terminal: demo card and SAM, what went over the card's contacts, and the day."""

from __future__ import annotations

import datetime

from reference.ports import Chip
from reference.standard import Standard
from reference.terminal.card_session import CardSession
from reference.terminal.sam_session import SamSession
from reference.terminal.signatures import BackEnd
from reference.terminal.terminal import Terminal
from reference.terminal.visits import INPATIENT, OUTPATIENT, VisitFiles, data_elements
from simulators.cards import demo_card, demo_sam
from simulators.cards.memory import Held
from simulators.cards.sam.content import ROOT, demo_signing_key, issuer_certificate
from simulators.cards.user_card import UserCard

TODAY = datetime.date(2026, 1, 2)
PIN = bytes.fromhex("1234")


class Watched:
    """A chip that keeps what it was sent, resets too."""

    def __init__(self, chip: Chip) -> None:
        self.chip = chip
        self.sent: list[str] = []

    def reset(self) -> bytes:
        """The chip's answer to reset."""
        self.sent.append("reset")
        return self.chip.reset()

    def transmit(self, command: bytes) -> bytes:
        """The chip's answer."""
        self.sent.append(command.hex().upper())
        return self.chip.transmit(command)


def counter(standard: Standard, sam_type: int = 5, card: Chip | None = None) -> tuple[Terminal, Watched]:
    """A terminal, and what its card is sent."""
    watched = Watched(card or demo_card(standard))
    sam = demo_sam(sam_type, standard)
    return Terminal(CardSession(watched, standard), SamSession(sam, standard)), watched


def card_without_visits(standard: Standard, interface: str = "contactless") -> UserCard:
    """The demo card with no visit recorded."""
    card = demo_card(standard, interface)
    for kind in (INPATIENT, OUTPATIENT):
        card.memory.write(kind.index, Held((b"\xff",) * standard.files[kind.index].records))
    return card


def back_end(standard: Standard) -> BackEnd:
    """A back end that trusts the demo root."""
    return BackEnd(standard, demo_signing_key(ROOT).public_key(), [issuer_certificate(standard)], TODAY)


def some_data(standard: Standard, files: VisitFiles, filler: int = 0x41) -> bytes:
    """Data of a visit, of the right length."""
    return bytes((filler,)) * sum(element.length for element in data_elements(standard, files))
