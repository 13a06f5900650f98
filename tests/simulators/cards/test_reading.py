"""READ RECORD and READ BINARY on the simulated card: rights, places and malformed commands (APP11 chapters 4, 6)."""

from __future__ import annotations

import pytest

from reference.standard import Standard, load
from reference.standard.rows import File, FileKind
from reference.terminal.card_session import CardSession
from reference.terminal.terminal import Terminal
from simulators.cards.user_card import UserCard
from tests.simulators.cards.dialogue import ask, content

ISSUER = ("00A4000002DDF1", "00A4000002EF05")
PHOTO = ("00A4000002DDF1", "00A4000002EF07")
CLOSED = [path for path, file in load().files.items() if file.read]
DIRECTORIES = sorted({file.directory for file in load().files.values()})


def first_read(session: CardSession, file: File) -> int:
    """Status word of reading the first record or bytes."""
    answer = session.read_binary(0, 8) if file.kind is FileKind.BINARY else session.read_record(1)
    return answer.sw


@pytest.mark.parametrize("path", CLOSED)
def test_a_closed_file_opens_with_its_read_key_alone(terminal: Terminal, path: str) -> None:
    file = terminal.standard.files[path]
    terminal.select(path)
    assert first_read(terminal.card, file) == 0x6982
    for key in terminal.standard.keys.values():
        if key.directory == file.directory and key.reference is not None and key.id.startswith(("UK", "LK")):
            terminal.authenticate(key.id)
    assert first_read(terminal.card, file) == 0x6982
    assert file.read is not None
    terminal.authenticate(file.read)
    assert first_read(terminal.card, file) == 0x9000


def test_the_issuer_file_is_free(card: UserCard) -> None:
    assert ask(card, *ISSUER, "00B2390005") == "39034101009000"


@pytest.mark.parametrize("left_for", DIRECTORIES)
@pytest.mark.parametrize("gained_in", DIRECTORIES)
def test_a_right_ends_with_its_directory(terminal: Terminal, gained_in: str, left_for: str) -> None:
    file = next(f for f in terminal.standard.files.values() if f.directory == gained_in and f.read)
    assert file.read is not None
    terminal.select(gained_in)
    terminal.authenticate(file.read)
    terminal.select(left_for)
    terminal.select(file.path)
    assert first_read(terminal.card, file) == 0x6982


def test_a_right_lasts_while_files_of_its_directory_are_selected(terminal: Terminal) -> None:
    terminal.select("DDF1/DF02/EF05")
    terminal.authenticate("RK1DF02")
    for fid in ("EF06", "EF07", "EF08", "DF02", "EF05"):
        terminal.card.select_identifier(fid)
    assert terminal.card.read_record(1).sw == 0x9000


def test_a_reset_ends_every_right_and_keeps_the_content(terminal: Terminal, card: UserCard) -> None:
    before = content(card, "DDF1/DF02/EF05")
    terminal.select("DDF1/DF02/EF05")
    terminal.authenticate("RK1DF02")
    card.reset()
    assert card.directory == ""
    terminal.select("DDF1/DF02/EF05")
    assert terminal.card.read_record(1).sw == 0x6982
    assert content(card, "DDF1/DF02/EF05") == before


def test_every_record_and_every_byte_reads_as_personalised(terminal: Terminal, card: UserCard) -> None:
    for file in terminal.standard.files.values():
        terminal.select(file.path)
        if file.read:
            terminal.authenticate(file.read)
        held = content(card, file.path)
        read = [terminal.card.read_record(number + 1).data for number in range(len(held.records))]
        assert read == held.records
        blocks = [terminal.card.read_binary(at, min(128, file.size - at)).data for at in range(0, file.size, 128)]
        assert b"".join(blocks) == held.binary


def test_tagged_records_are_found_by_tag_and_by_number(terminal: Terminal, standard: Standard) -> None:
    terminal.select("DDF1/EF05")
    for number, element in enumerate(standard.elements("DDF1/EF05"), 1):
        assert element.tag is not None
        assert terminal.card.read_record_tagged(element.tag) == terminal.card.read_record(number)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00B2000400", "6A83"),
        ("00B20B0400", "6A83"),
        ("00B2FF0400", "6A83"),
        ("00B2070000", "6A83"),
        ("00B2010100", "6A86"),
        ("00B2010300", "6A86"),
        ("00B2010500", "6A86"),
        ("00B2010C00", "6A81"),
        ("00B20104", "6700"),
        ("00B2010402", "6C03"),
        ("00B2010404", "6C03"),
        ("04B2010400", "6E00"),
        ("00B0000001", "6981"),
    ],
)
def test_a_malformed_read_of_a_record_file_is_refused(card: UserCard, command: str, answer: str) -> None:
    assert ask(card, *ISSUER, command) == answer


@pytest.mark.parametrize("command", ["00B2010400", "00B0000001", "04DC010414" + "00" * 20, "00D600000100"])
def test_without_a_selected_file_nothing_is_read_or_written(card: UserCard, command: str) -> None:
    assert ask(card, command) == "6986"
    assert ask(card, "00A4000002DDF1", command) == "6986"


def test_a_cyclic_file_has_no_record_identifiers(terminal: Terminal) -> None:
    terminal.select("DDF1/DF02/EF07")
    terminal.authenticate("RK1DF02")
    assert terminal.card.read_record_tagged(1).sw == 0x6A86


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00B00C0100", None),
        ("00B00C0101", None),
        ("00B00C0102", "6C01"),
        ("00B00C0200", "6B00"),
        ("00B0FFFF01", "6B00"),
        ("00B00000", "6700"),
        ("00B2010400", "6981"),
        ("84B0000001", "6E00"),
    ],
)
def test_the_photo_is_read_to_its_last_byte_and_not_beyond(
    terminal: Terminal, card: UserCard, command: str, answer: str | None
) -> None:
    terminal.select("DDF1/EF07")
    terminal.authenticate("RK1DDF1")
    assert ask(card, command) == (answer or content(card, "DDF1/EF07").binary[-1:].hex().upper() + "9000")


def test_a_length_of_zero_reads_256_bytes(terminal: Terminal, card: UserCard) -> None:
    terminal.select("DDF1/EF07")
    terminal.authenticate("RK1DDF1")
    assert card.transmit(bytes.fromhex("00B0000000")) == content(card, "DDF1/EF07").binary[:256] + b"\x90\x00"
