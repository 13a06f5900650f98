"""What a product may declare beside the common commands: APPEND RECORD, and activation as the act of issuing."""

from __future__ import annotations

from reference.standard import Standard
from reference.terminal.card_session import CardSession
from reference.terminal.sam_session import SamSession
from reference.terminal.terminal import Terminal
from simulators.cards import demo_sam
from simulators.cards.demo import DEMO_SEED, demo_image
from simulators.cards.user_card import UserCard
from simulators.sources import SeededRandomness
from tests.simulators.cards.dialogue import ask, content

ISSUER_FILE = ("00A40000023F00", "00A4000002DDF1", "00A4000002EF05")
ANOTHER_CATEGORY = "00DC010403010132"
ACTIVATE = "0044050000"


def card_with(standard: Standard, *features: str) -> UserCard:
    return UserCard(standard, demo_image(standard), SeededRandomness(DEMO_SEED), features=frozenset(features))


def started(card: UserCard, standard: Standard) -> Terminal:
    terminal = Terminal(CardSession(card, standard), SamSession(demo_sam(5, standard), standard))
    terminal.start()
    return terminal


def appended(standard: Standard, card: UserCard, record: bytes) -> int:
    """Status word of APPEND RECORD to the allergies, right, cipher text and MAC in order."""
    terminal = started(card, standard)
    terminal.select("DDF1/DF02/EF07")
    terminal.authenticate("UK3DF02")
    data = terminal.secured_data("DDF1/DF02", bytes.fromhex("04E20000"), record)
    return terminal.card.send("append-record", cla=0x04, p1=0, data=data).sw


def test_append_record_pushes_into_a_cyclic_file_where_it_is_declared(standard: Standard) -> None:
    card, record = card_with(standard, "append-record"), bytes(range(120))
    before = content(card, "DDF1/DF02/EF07").records
    assert appended(standard, card, record) == 0x9000
    assert content(card, "DDF1/DF02/EF07").records == [record, *before[:2]]


def test_append_record_is_unknown_where_it_is_not_declared(standard: Standard) -> None:
    card = card_with(standard)
    before = content(card, "DDF1/DF02/EF07").records
    assert appended(standard, card, bytes(120)) == 0x6D00
    assert content(card, "DDF1/DF02/EF07").records == before


def test_issuer_data_can_be_written_until_the_card_is_activated(standard: Standard) -> None:
    card = card_with(standard, "activation")
    assert ask(card, *ISSUER_FILE, ANOTHER_CATEGORY) == "9000"
    assert content(card, "DDF1/EF05").records[0] == bytes.fromhex("010132")


def test_issuer_data_are_closed_from_activation_on(standard: Standard) -> None:
    card = card_with(standard, "activation")
    assert ask(card, ACTIVATE) == "9000"
    before = content(card, "DDF1/EF05").records
    assert ask(card, *ISSUER_FILE, ANOTHER_CATEGORY) == "6982"
    card.reset()
    assert ask(card, *ISSUER_FILE, ANOTHER_CATEGORY) == "6982"
    assert content(card, "DDF1/EF05").records == before


def test_a_card_is_activated_once(standard: Standard) -> None:
    card = card_with(standard, "activation")
    assert ask(card, ACTIVATE) == "9000"
    assert ask(card, ACTIVATE) == "6985"


def test_a_card_without_activation_does_not_know_the_command(standard: Standard) -> None:
    card = card_with(standard)
    assert ask(card, ACTIVATE) == "6D00"
    assert ask(card, *ISSUER_FILE, ANOTHER_CATEGORY) == "6982"
