"""Updates on the simulated card: rights, protection, and nothing changed by a refused command (APP11 5.7, REV2 24)."""

from __future__ import annotations

import pytest

from reference.card.elements import encode_value
from reference.crypto.secure_messaging import MAC_LENGTH
from reference.standard import load
from reference.standard.rows import FileKind, KeyRole, Protection
from reference.terminal.terminal import Terminal
from simulators.cards.user_card import UserCard
from tests.simulators.cards.dialogue import ask, content, memory

FILES = load().files
SECURED = [path for path, file in FILES.items() if file.protection is Protection.CIPHER_AND_MAC]
TAGGED = [path for path in SECURED if FILES[path].kind is FileKind.VARIABLE]
CYCLIC = [path for path in SECURED if FILES[path].kind is FileKind.CYCLIC]
BINARY = [path for path, file in FILES.items() if file.kind is FileKind.BINARY]
NEVER = [path for path, file in FILES.items() if file.update is None]
OTHER_ROLES = (KeyRole.READ, KeyRole.UPDATE, KeyRole.ERASE, KeyRole.APPLICATION_LOCK)
CLINICAL = "DDF1/DF02/EF05"
RECORD = bytes.fromhex("2A0102")


def opened(terminal: Terminal, path: str) -> Terminal:
    """The terminal with the file selected and its update key authenticated."""
    key = terminal.standard.files[path].update
    assert key is not None
    terminal.select(path)
    terminal.authenticate(key)
    return terminal


@pytest.mark.parametrize("path", TAGGED)
def test_every_tagged_record_can_be_rewritten(terminal: Terminal, card: UserCard, path: str) -> None:
    file = opened(terminal, path).standard.files[path]
    expected = content(card, path).records
    for index, element in enumerate(terminal.standard.elements(path)):
        expected[index] = expected[index][:2] + encode_value(element, "01")
        assert terminal.update_record(file.directory, index + 1, expected[index]).sw == 0x9000
        assert content(card, path).records == expected


@pytest.mark.parametrize("path", CYCLIC)
def test_the_newest_cyclic_record_is_number_one_and_the_oldest_goes(
    terminal: Terminal, card: UserCard, path: str
) -> None:
    file, before = opened(terminal, path).standard.files[path], content(card, path).records
    assert len(before) == file.records
    new = [bytes([number]) * file.record_length for number in range(1, file.records + 2)]
    for record in new:
        assert terminal.push_record(file.directory, record).sw == 0x9000
        before = [record, *before[:-1]]
        assert content(card, path).records == before
    assert new[0] not in before


@pytest.mark.parametrize("path", CYCLIC)
def test_a_cyclic_file_takes_only_records_of_its_length_as_the_newest(
    terminal: Terminal, card: UserCard, path: str
) -> None:
    file, before = opened(terminal, path).standard.files[path], memory(card)
    for length in (file.record_length - 1, file.record_length + 1):
        assert terminal.push_record(file.directory, bytes(length)).sw == 0x6700
    assert terminal.update_record(file.directory, 1, bytes(file.record_length)).sw == 0x6A86
    assert memory(card) == before


@pytest.mark.parametrize("path", BINARY)
def test_a_binary_file_is_written_in_plain_within_its_size(terminal: Terminal, card: UserCard, path: str) -> None:
    file, held = opened(terminal, path).standard.files[path], content(card, path).binary
    assert terminal.card.update_binary(file.size - 3, b"abc").sw == 0x9000
    assert terminal.card.update_binary(1, b"\xa5" * 200).sw == 0x9000
    expected = held[:1] + b"\xa5" * 200 + held[201:-3] + b"abc"
    assert content(card, path).binary == expected
    assert terminal.card.update_binary(file.size - 3, b"abcd").sw == 0x6B00
    assert terminal.card.update_binary(file.size, b"a").sw == 0x6B00
    assert content(card, path).binary == expected


@pytest.mark.parametrize("path", [*SECURED, *BINARY])
def test_without_the_update_key_nothing_is_written(terminal: Terminal, card: UserCard, path: str) -> None:
    file, before = terminal.standard.files[path], memory(card)
    terminal.select(path)
    for key in terminal.standard.keys.values():
        if key.directory == file.directory and key.role in OTHER_ROLES and key.id != file.update:
            terminal.authenticate(key.id)
    if file.kind is FileKind.BINARY:
        answer = terminal.card.update_binary(0, b"a")
    elif file.kind is FileKind.CYCLIC:
        answer = terminal.push_record(file.directory, bytes(file.record_length))
    else:
        answer = terminal.update_record(file.directory, 1, content(card, path).records[0])
    assert (answer.sw, memory(card)) == (0x6982, before)


@pytest.mark.parametrize("path", NEVER)
def test_a_file_without_an_update_key_is_never_rewritten(terminal: Terminal, card: UserCard, path: str) -> None:
    before = memory(card)
    terminal.select(path)
    terminal.authenticate("UK1DDF1")
    terminal.authenticate("RK1DDF1")
    assert terminal.update_record("DDF1", 1, content(card, path).records[0]).sw == 0x6982
    assert terminal.card.update_record(1, content(card, path).records[0]).sw == 0x6982
    assert memory(card) == before


@pytest.mark.parametrize("path", SECURED)
def test_a_plain_update_of_a_protected_file_is_refused(terminal: Terminal, card: UserCard, path: str) -> None:
    file, before = opened(terminal, path).standard.files[path], memory(card)
    if file.kind is FileKind.CYCLIC:
        answer = terminal.card.push_record(bytes(file.record_length))
    else:
        answer = terminal.card.update_record(1, content(card, path).records[0])
    assert (answer.sw, memory(card)) == (0x6987, before)


@pytest.mark.parametrize("bit", range(32))
def test_a_wrong_mac_leaves_the_record_as_it_was(terminal: Terminal, card: UserCard, bit: int) -> None:
    before = memory(opened_card(terminal, card))
    data = bytearray(terminal.secured_data("DDF1/DF02", bytes.fromhex("04DC0204"), RECORD))
    data[-MAC_LENGTH + bit // 8] ^= 1 << bit % 8
    assert terminal.card.update_record(2, bytes(data), cla=0x04).sw == 0x6988
    assert memory(card) == before


def opened_card(terminal: Terminal, card: UserCard) -> UserCard:
    """The card with its clinical data open for updating."""
    opened(terminal, CLINICAL)
    return card


@pytest.mark.parametrize("header", ["00DC0204", "04DC0104", "04DC0200", "04D60204", "84DC0204"])
def test_a_mac_over_another_header_is_wrong(terminal: Terminal, card: UserCard, header: str) -> None:
    before = memory(opened_card(terminal, card))
    data = terminal.secured_data("DDF1/DF02", bytes.fromhex(header), RECORD)
    assert terminal.card.update_record(2, data, cla=0x04).sw == 0x6988
    assert memory(card) == before


def test_cipher_text_and_mac_must_come_from_the_directorys_maintenance_key(terminal: Terminal, card: UserCard) -> None:
    before, header = memory(opened_card(terminal, card)), bytes.fromhex("04DC0204")
    foreign = terminal.secured_data("DDF1/DF02", header, RECORD, mac_key="STKDF01")
    assert terminal.card.update_record(2, foreign, cla=0x04).sw == 0x6988
    garbled = terminal.secured_data("DDF1/DF02", header, RECORD, cipher_key="STKDF01")
    assert terminal.card.update_record(2, garbled, cla=0x04).sw == 0x6A80
    assert memory(card) == before


def test_a_secured_update_uses_its_challenge_up(terminal: Terminal, card: UserCard) -> None:
    opened(terminal, CLINICAL)
    data = terminal.secured_data("DDF1/DF02", bytes.fromhex("04DC0204"), RECORD)
    assert terminal.card.update_record(2, data, cla=0x04).sw == 0x9000
    assert terminal.card.update_record(2, data, cla=0x04).sw == 0x6985


@pytest.mark.parametrize(
    ("record", "status"),
    [
        ("2A010200", 0x6700),
        ("2A01", 0x6700),
        ("", 0x6700),
        ("2B0102", 0x6A80),
        ("2A0202", 0x6A80),
    ],
)
def test_a_record_keeps_its_tag_and_length(terminal: Terminal, card: UserCard, record: str, status: int) -> None:
    before = memory(opened_card(terminal, card))
    assert terminal.update_record("DDF1/DF02", 2, bytes.fromhex(record)).sw == status
    assert memory(card) == before


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("04DC0204", "6700"),
        ("04DC020404" + "00" * 4, "6700"),
        ("04DC020413" + "00" * 19, "6700"),
        ("04DC000414" + "00" * 20, "6A83"),
        ("04DC100414" + "00" * 20, "6A83"),
        ("04DC020014" + "00" * 20, "6A83"),
        ("04DC000314" + "00" * 20, "6A86"),
        ("04DC020514" + "00" * 20, "6A86"),
        ("84DC020414" + "00" * 20, "6E00"),
        ("00D600000100", "6981"),
    ],
)
def test_a_malformed_update_is_refused(terminal: Terminal, card: UserCard, command: str, answer: str) -> None:
    before = memory(opened_card(terminal, card))
    assert ask(card, "0084000008", command) == answer
    assert memory(card) == before


@pytest.mark.parametrize(
    ("command", "answer"),
    [("00D60000", "6700"), ("04D600000100", "6E00"), ("00D60C020100", "6B00"), ("00DC01040100", "6981")],
)
def test_a_malformed_binary_update_is_refused(terminal: Terminal, card: UserCard, command: str, answer: str) -> None:
    opened(terminal, "DDF1/EF07")
    before = memory(card)
    assert ask(card, command) == answer
    assert memory(card) == before


def test_a_record_is_updated_by_its_identifier(terminal: Terminal, card: UserCard) -> None:
    element = load().element("DDF1/DF02/EF05", "asthma")
    assert element.tag is not None
    terminal.select(element.file)
    terminal.authenticate("UK1DF02")
    record = bytes((element.tag, 1, 1))
    header = bytes((0x04, 0xDC, element.tag, 0x00))
    data = terminal.secured_data("DDF1/DF02", header, record)
    answer = terminal.card.send("update-record", cla=0x04, p1=element.tag, p2=0x00, data=data)
    assert answer.sw == 0x9000
    assert record in content(card, element.file).records
