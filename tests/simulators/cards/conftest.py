"""A demo card, its SAM, and a terminal that holds both and has started."""

from __future__ import annotations

import pytest

from reference.standard import Standard, load
from reference.terminal.card_session import CardSession
from reference.terminal.sam_session import SamSession
from reference.terminal.terminal import Terminal
from simulators.cards import demo_card, demo_sam
from simulators.cards.sam import SamCard
from simulators.cards.user_card import UserCard


@pytest.fixture
def standard() -> Standard:
    """The default profile."""
    return load()


@pytest.fixture
def card(standard: Standard) -> UserCard:
    """The demo card, reset."""
    return demo_card(standard)


@pytest.fixture
def sam(standard: Standard) -> SamCard:
    """The demo SAM with all keys, reset."""
    return demo_sam(5, standard)


@pytest.fixture
def terminal(card: UserCard, sam: SamCard, standard: Standard) -> Terminal:
    """A terminal that has learnt the card's factors."""
    terminal = Terminal(CardSession(card, standard), SamSession(sam, standard))
    terminal.start()
    return terminal
