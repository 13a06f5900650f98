"""The SAM's PIN: verified, changed, blocked; a malformed command uses up no try."""

from __future__ import annotations

import pytest

from simulators.cards.sam import SamCard
from tests.simulators.cards.dialogue import ask

APPLICATION, MASTER = "00A4000002DF01", "00A40000023F00"
RIGHT, WRONG = "00200000021234", "00200000024321"


def test_the_pin_is_changed_by_whoever_knows_the_old_one(sam: SamCard) -> None:
    assert ask(sam, APPLICATION, "805E0100061234FF567890") == "9000"
    assert ask(sam, MASTER, RIGHT) == "63C2"
    assert ask(sam, "0020000003567890") == "9000"
    sam.reset()
    assert ask(sam, MASTER, "0020000003567890") == "9000"


def test_changing_gives_no_pin_status(sam: SamCard) -> None:
    ask(sam, APPLICATION, "805E0100051234FF5678")
    assert sam.pin_verified is False


def test_a_wrong_old_pin_uses_up_a_try_and_changes_nothing(sam: SamCard) -> None:
    assert ask(sam, APPLICATION, "805E0100054321FF5678") == "63C2"
    assert ask(sam, "805E0100054321FF5678") == "63C1"
    assert ask(sam, MASTER, "00200000025678") == "63C0"
    assert ask(sam, RIGHT) == "6983"
    assert ask(sam, "805E0100051234FF5678") == "6983"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("805E0100041234FFFF", "6A80"),
        ("805E01000512345678FF", "6A80"),
        ("805E01000412345678", "6A80"),
        ("805E0100041234FF56", "6A80"),
        ("805E0100071234FF56789012", "6A80"),
        ("805E0100061234FFFF5678", "6A80"),
        ("805E0100", "6A80"),
        ("805E0000051234FF5678", "6A86"),
        ("805E0101051234FF5678", "6A86"),
        ("005E0100051234FF5678", "6E00"),
        ("002000000112", "6700"),
        ("00200000041234FFFF", "6700"),
        ("00200000", "6700"),
        ("00200001021234", "6A86"),
    ],
)
def test_a_malformed_command_uses_up_no_try(sam: SamCard, command: str, answer: str) -> None:
    assert ask(sam, APPLICATION, command) == answer
    assert ask(sam, MASTER, WRONG) == "63C2"


def test_the_pin_status_lasts_over_a_selection_and_ends_with_a_wrong_try(sam: SamCard) -> None:
    ask(sam, MASTER, RIGHT, APPLICATION)
    assert sam.pin_verified is True
    ask(sam, WRONG)
    assert sam.pin_verified is False
