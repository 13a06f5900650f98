"""Locks of the simulated card: by command, for ever, and by too many wrong MACs (APP11 5.4 to 5.7)."""

from __future__ import annotations

import pytest

from reference.terminal.terminal import Terminal
from simulators.cards.user_card import UserCard
from tests.simulators.cards.dialogue import ask, sealed, whole_memory

BLOCK, BLOCK_FOR_EVER, UNBLOCK, CARD_BLOCK = "841E0000", "841E0001", "84180000", "84160000"
APPLICATIONS = {"DDF1/DF01": "LKDF01", "DDF1/DF02": "LKDF02", "DDF1/DF03": "LKDF03"}
CLINICAL = "DDF1/DF02"
RECORD = bytes.fromhex("290104")


def enter(terminal: Terminal, directory: str, key: str) -> None:
    """Select the directory and authenticate the key."""
    terminal.select(directory)
    terminal.authenticate(key)


def first_read(terminal: Terminal, directory: str) -> int:
    """Status word of reading the directory's first file with the read key authenticated."""
    terminal.select(f"{directory}/EF05")
    terminal.authenticate(f"RK1{directory[-4:]}")
    return terminal.card.read_record(1).sw


@pytest.mark.parametrize("directory", APPLICATIONS)
def test_an_application_is_locked_alone_and_unlocked_again(terminal: Terminal, card: UserCard, directory: str) -> None:
    enter(terminal, directory, APPLICATIONS[directory])
    assert sealed(terminal, directory, BLOCK) == 0x9000
    card.reset()
    read = {other: first_read(terminal, other) for other in APPLICATIONS}
    assert read == {other: 0x6A81 if other == directory else 0x9000 for other in APPLICATIONS}
    enter(terminal, directory, APPLICATIONS[directory])
    assert sealed(terminal, directory, UNBLOCK) == 0x9000
    assert first_read(terminal, directory) == 0x9000


def test_a_permanent_lock_stays(terminal: Terminal) -> None:
    enter(terminal, CLINICAL, "LKDF02")
    assert sealed(terminal, CLINICAL, BLOCK_FOR_EVER) == 0x9000
    assert sealed(terminal, CLINICAL, BLOCK) == 0x9000
    assert sealed(terminal, CLINICAL, UNBLOCK) == 0x9303
    assert first_read(terminal, CLINICAL) == 0x6A81


@pytest.mark.parametrize("header", [BLOCK, BLOCK_FOR_EVER, UNBLOCK])
@pytest.mark.parametrize("key", ["RK1DF02", "UK1DF02", "UK2DF02", "UK3DF02"])
def test_locking_needs_the_lock_key(terminal: Terminal, card: UserCard, header: str, key: str) -> None:
    before = whole_memory(card)
    enter(terminal, CLINICAL, key)
    assert sealed(terminal, CLINICAL, header) == 0x6982
    assert whole_memory(card) == before


def test_neither_environment_nor_master_file_is_locked_as_an_application(terminal: Terminal, card: UserCard) -> None:
    before = whole_memory(card)
    for directory in ("", "DDF1"):
        terminal.select(directory)
        assert sealed(terminal, directory, BLOCK) == 0x6985
    assert whole_memory(card) == before


@pytest.mark.parametrize("header", ["841E0002", "841E0100", "84180100", "84180001", "84160100", "84160001"])
def test_unknown_parameters_lock_nothing(terminal: Terminal, card: UserCard, header: str) -> None:
    before = whole_memory(card)
    enter(terminal, CLINICAL, "LKDF02")
    assert sealed(terminal, CLINICAL, header) == 0x6A86
    assert whole_memory(card) == before


def test_a_wrong_mac_locks_nothing_by_command(terminal: Terminal, card: UserCard) -> None:
    enter(terminal, CLINICAL, "LKDF02")
    assert sealed(terminal, CLINICAL, BLOCK, spoil=1) == 0x6988
    assert card.memory.now.locks == {}


def test_a_blocked_card_answers_nothing_more(terminal: Terminal, card: UserCard) -> None:
    enter(terminal, "", "BKMF")
    assert sealed(terminal, "", CARD_BLOCK) == 0x9000
    card.reset()
    commands = ("00A40000023F00", "0084000008", "00B2390005", "00A4000002DDF1")
    assert [ask(card, command) for command in commands] == ["6A81"] * 4


def test_a_card_is_blocked_at_the_master_file_with_its_key_alone(terminal: Terminal, card: UserCard) -> None:
    terminal.select("")
    assert sealed(terminal, "", CARD_BLOCK) == 0x6982
    enter(terminal, CLINICAL, "LKDF02")
    assert sealed(terminal, CLINICAL, CARD_BLOCK) == 0x6985
    assert not card.memory.now.card_locked


def spoilt_update(terminal: Terminal) -> int:
    """Status word of an update whose MAC is wrong."""
    terminal.select(f"{CLINICAL}/EF05")
    terminal.authenticate("UK1DF02")
    data = bytearray(terminal.secured_data(CLINICAL, terminal.update_header(1, 4), RECORD))
    data[-1] ^= 0x01
    return terminal.card.update_record(1, bytes(data), cla=0x04).sw


def test_three_wrong_macs_lock_the_application_until_it_is_unlocked(terminal: Terminal, card: UserCard) -> None:
    assert [spoilt_update(terminal) for _ in range(2)] == [0x6988] * 2
    assert first_read(terminal, CLINICAL) == 0x9000
    assert [spoilt_update(terminal) for _ in range(2)] == [0x6988, 0x6A81]
    card.reset()
    assert first_read(terminal, CLINICAL) == 0x6A81
    enter(terminal, CLINICAL, "LKDF02")
    assert sealed(terminal, CLINICAL, UNBLOCK) == 0x9000
    assert first_read(terminal, CLINICAL) == 0x9000


def test_a_right_mac_starts_the_count_anew(terminal: Terminal) -> None:
    for _ in range(3):
        assert [spoilt_update(terminal) for _ in range(2)] == [0x6988] * 2
        terminal.select(f"{CLINICAL}/EF05")
        terminal.authenticate("UK1DF02")
        assert terminal.update_record(CLINICAL, 1, RECORD).sw == 0x9000
