"""The contact interface T=0: reset answer, 61xx with GET RESPONSE, 6Cxx (ISO/IEC 7816-3, 7816-4 5.3)."""

from __future__ import annotations

import pytest

from reference.standard import load
from reference.terminal.card_session import CardSession
from simulators.cards import demo_card
from simulators.cards.user_card import UserCard
from tests.simulators.cards.dialogue import ask

INTERNAL = "0088000011" + "00" * 8 + "1122334455667788" + "01"
DDF1 = "00A4000002DDF1"
ISSUER = (DDF1, "00A4000002EF05")


@pytest.fixture
def contact() -> UserCard:
    """The demo card at its contacts."""
    return demo_card(interface="contact-t0")


def test_the_answers_to_reset_differ_only_around_the_historical_bytes(card: UserCard, contact: UserCard) -> None:
    assert card.reset().hex().upper() == "3B8D8001" + "00816B0000101512345678ABCD" + "8D"
    assert contact.reset().hex().upper() == "3B6D0000" + "00816B0000101512345678ABCD"


def test_data_of_a_command_with_data_is_announced_and_fetched(card: UserCard, contact: UserCard) -> None:
    assert ask(contact, DDF1, INTERNAL) == "6108"
    assert ask(contact, "00C0000008") == ask(card, DDF1, INTERNAL)


def test_announced_data_is_fetched_once(contact: UserCard) -> None:
    assert ask(contact, DDF1, INTERNAL, "00C0000008")[-4:] == "9000"
    assert ask(contact, "00C0000008") == "6985"


@pytest.mark.parametrize("between", ["0084000008", DDF1, "00B2010400"])
def test_announced_data_is_lost_with_the_next_command(contact: UserCard, between: str) -> None:
    ask(contact, DDF1, INTERNAL, between)
    assert ask(contact, "00C0000008") == "6985"


def test_announced_data_is_lost_with_a_reset(contact: UserCard) -> None:
    ask(contact, DDF1, INTERNAL)
    contact.reset()
    assert ask(contact, "00C0000008") == "6985"


def test_a_wrong_length_in_get_response_names_the_right_one_and_keeps_the_data(contact: UserCard) -> None:
    assert ask(contact, DDF1, INTERNAL, "00C0000004") == "6C08"
    assert ask(contact, "00C0000008")[-4:] == "9000"


def test_a_wrong_length_in_a_reading_command_names_the_right_one(contact: UserCard) -> None:
    assert ask(contact, *ISSUER, "00B2390003") == "6C05"
    assert ask(contact, "00B2390005") == "39034101009000"


def test_a_reading_command_answers_at_once(contact: UserCard) -> None:
    assert ask(contact, "0084000008")[-4:] == "9000"


@pytest.mark.parametrize("interface", ["contactless", "contact-t0"])
def test_get_response_with_nothing_waiting_is_refused(interface: str) -> None:
    assert ask(demo_card(interface=interface), "00C0000000") == "6985"


def test_both_interfaces_give_a_session_the_same(card: UserCard, contact: UserCard) -> None:
    answers = []
    for chip in (card, contact):
        session = CardSession(chip, load())
        session.select("DDF1")
        answers.append(session.internal_authenticate(0x00, bytes.fromhex(INTERNAL)[5:]))
    assert answers[0] == answers[1]
    assert (answers[0].sw, len(answers[0].data)) == (0x9000, 8)
