"""Locking and unlocking applications and cards: the type of SAM they need, and what they do to the card."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reference.standard import load
from reference.terminal.endings import CommandRefused, WrongSamType
from reference.terminal.locks import block_application, block_card, unblock_application
from simulators.cards import demo_card
from tests.reference.terminal.counter import counter

STANDARD = load()
APPLICATIONS = ["DDF1/DF01", "DDF1/DF02", "DDF1/DF03"]


@pytest.mark.parametrize("number", [4, 5])
@pytest.mark.parametrize("application", APPLICATIONS)
def test_an_application_is_locked_and_unlocked(application: str, number: int) -> None:
    card = demo_card(STANDARD)
    terminal, _ = counter(STANDARD, number, card)
    block_application(terminal, application)
    assert card.memory.now.locks == {application: "temporary"}
    unblock_application(terminal, application)
    assert card.memory.now.locks == {}


def test_a_permanent_lock_is_not_lifted() -> None:
    card = demo_card(STANDARD)
    terminal, _ = counter(STANDARD, 4, card)
    block_application(terminal, "DDF1/DF02", permanent=True)
    with pytest.raises(CommandRefused, match=r"APPLICATION UNBLOCK \(DDF1/DF02\): 9303"):
        unblock_application(terminal, "DDF1/DF02")
    assert card.memory.now.locks == {"DDF1/DF02": "permanent"}


def test_a_locked_card_answers_nothing_more() -> None:
    card = demo_card(STANDARD)
    terminal, _ = counter(STANDARD, 5, card)
    block_card(terminal)
    assert card.memory.now.card_locked
    assert terminal.card.select_identifier("3F00").sw != 0x9000


@pytest.mark.parametrize("number", [1, 2, 3])
def test_locks_need_a_sam_of_type_4_or_5(number: int) -> None:
    terminal, card = counter(STANDARD, number)
    acts: list[Callable[[], None]] = [
        lambda: block_application(terminal, "DDF1/DF01"),
        lambda: unblock_application(terminal, "DDF1/DF03"),
        lambda: block_card(terminal),
    ]
    for act in acts:
        with pytest.raises(WrongSamType) as fault:
            act()
        assert fault.value.needed == (4, 5)
    assert card.sent == []


def test_the_environment_has_no_lock_key() -> None:
    terminal, card = counter(STANDARD, 4)
    with pytest.raises(ValueError, match="DDF1 has no key of role application-lock"):
        block_application(terminal, "DDF1")
    assert card.sent == []
