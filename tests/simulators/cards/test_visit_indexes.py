"""Visit indexes on the simulated card: WRITE and ERASE RECORD, each with its own right and a MAC (APP11 6.4)."""

from __future__ import annotations

import pytest

from reference.card.apdu import CommandApdu
from reference.terminal.terminal import Terminal
from simulators.cards.user_card import UserCard
from tests.simulators.cards.dialogue import content, memory, sealed

INDEXES = ["DDF1/DF03/EF05", "DDF1/DF03/EF06"]
WRITE, ERASE, UPDATE = "84D2{:02X}00", "840C{:02X}00", "04DC{:02X}04"


def opened(terminal: Terminal, path: str, *keys: str) -> None:
    """Select the index and authenticate the keys."""
    terminal.select(path)
    for key in keys:
        terminal.authenticate(key)


@pytest.mark.parametrize("path", INDEXES)
def test_every_flag_is_written_and_erased_again(terminal: Terminal, card: UserCard, path: str) -> None:
    expected = content(card, path).records
    opened(terminal, path, "UK1DF03", "UK2DF03")
    for place in range(len(expected)):
        for header, flag in ((WRITE, b"\x00"), (ERASE, b"\xff"), (WRITE, b"\x00")):
            expected[place] = flag
            assert sealed(terminal, "DDF1/DF03", header.format(place + 1)) == 0x9000
            assert content(card, path).records == expected


@pytest.mark.parametrize("path", INDEXES)
@pytest.mark.parametrize(
    ("key", "header"),
    [("UK2DF03", WRITE), ("RK1DF03", WRITE), ("UK1DF03", ERASE), ("RK1DF03", ERASE), ("LKDF03", ERASE)],
)
def test_writing_and_erasing_need_their_own_keys(
    terminal: Terminal, card: UserCard, path: str, key: str, header: str
) -> None:
    before = memory(card)
    opened(terminal, path, key)
    assert sealed(terminal, "DDF1/DF03", header.format(1)) == 0x6982
    assert memory(card) == before


@pytest.mark.parametrize("path", INDEXES)
def test_the_update_key_alone_does_not_empty_a_flag_by_another_command(
    terminal: Terminal, card: UserCard, path: str
) -> None:
    opened(terminal, path, "UK1DF03")
    assert sealed(terminal, "DDF1/DF03", WRITE.format(1)) == 0x9000
    assert sealed(terminal, "DDF1/DF03", UPDATE.format(1), b"\xff") == 0x6982
    assert content(card, path).records[0] == b"\x00"


@pytest.mark.parametrize(
    ("header", "spoil", "status"),
    [
        (WRITE.format(1), 0x01, 0x6988),
        (ERASE.format(1), 0x80, 0x6988),
        (WRITE.format(0), 0, 0x6A83),
        (WRITE.format(6), 0, 0x6A83),
        (ERASE.format(6), 0, 0x6A83),
        ("84D20104", 0, 0x6A86),
        ("00D20100", 0, 0x6E00),
        ("040C0100", 0, 0x6E00),
    ],
)
def test_a_faulty_command_leaves_the_index_as_it_was(
    terminal: Terminal, card: UserCard, header: str, spoil: int, status: int
) -> None:
    before = memory(card)
    opened(terminal, "DDF1/DF03/EF06", "UK1DF03", "UK2DF03")
    assert sealed(terminal, "DDF1/DF03", header, spoil=spoil) == status
    assert memory(card) == before


def test_a_mac_without_a_challenge_or_of_another_length_is_refused(terminal: Terminal, card: UserCard) -> None:
    before = memory(card)
    opened(terminal, "DDF1/DF03/EF06", "UK1DF03")
    for data, status in ((bytes(4), 0x6985), (bytes(3), 0x6700), (bytes(5), 0x6700), (b"", 0x6700)):
        assert terminal.card.exchange(CommandApdu(0x84, 0xD2, 1, 0, data=data)).sw == status
    assert memory(card) == before
