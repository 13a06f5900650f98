"""Reading a whole card: what each type of SAM opens, and what is said of the rest."""

from __future__ import annotations

import pytest

from reference.standard import load
from reference.standard.rows import FileKind
from reference.terminal.endings import CardExpired
from reference.terminal.reading import read_card
from simulators.cards import demo_card
from simulators.cards.demo import demo_image
from simulators.cards.image import without_keys
from simulators.cards.memory import Held
from tests.reference.terminal.counter import TODAY, counter

STANDARD = load()


@pytest.mark.parametrize("profile", ["national-2012", "field-2013"])
@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_a_sam_with_the_read_keys_reads_the_card_as_it_was_personalised(number: int, profile: str) -> None:
    standard = load(profile)
    reading = read_card(counter(standard, number)[0], TODAY)
    assert reading.data == without_keys(demo_image(standard), standard)
    assert (reading.unread, reading.sam_type) == ((), number)


@pytest.mark.parametrize("interface", ["contactless", "contact-t0"])
def test_both_interfaces_give_the_same_content(interface: str) -> None:
    reading = read_card(counter(STANDARD, card=demo_card(STANDARD, interface))[0], TODAY)
    assert reading.data == without_keys(demo_image(STANDARD), STANDARD)


def test_an_unlocking_sam_reads_what_is_free_and_names_the_missing_keys() -> None:
    reading = read_card(counter(STANDARD, 4)[0], TODAY)
    assert list(reading.data.files) == ["DDF1/EF05"]
    assert {one.file: one.missing_key for one in reading.unread} == {
        path: file.read for path, file in STANDARD.files.items() if path != "DDF1/EF05"
    }
    assert str(reading.unread[0].reason) == "the SAM does not hold RK1DDF1; SAMs of type 1, 2, 3, 5 do"
    assert "RK1DDF1" in reading.unread[0].reason.zh


def test_an_expired_card_is_not_read() -> None:
    terminal, card = counter(STANDARD)
    with pytest.raises(CardExpired):
        read_card(terminal, TODAY.replace(year=2040))
    assert not any(sent.startswith("00A4000002DF0") for sent in card.sent)


def test_a_file_that_the_card_does_not_give_is_told_and_the_rest_read() -> None:
    card = demo_card(STANDARD)
    files = dict(card.memory.files)
    del files["DDF1/DF02/EF06"]
    files["DDF1/DF02/EF05"] = Held(files["DDF1/DF02/EF05"].records[:-1])
    files["DDF1/DF01/EF05"] = Held((b"\x15\x02\x01\x00", *files["DDF1/DF01/EF05"].records[1:]))
    files["DDF1/EF07"] = Held(binary=files["DDF1/EF07"].binary[:-1])
    card.memory.now.files.clear()
    card.memory.now.files.update(files)
    reading = read_card(counter(STANDARD, card=card)[0], TODAY)
    told = {one.file: one.reason.en for one in reading.unread}
    assert told == {
        "DDF1/DF02/EF06": "DDF1/DF02/EF06 cannot be selected on the card.",
        "DDF1/DF02/EF05": "the card answers 6A83 without data to record 15",
        "DDF1/DF01/EF05": "record 1 has 4 bytes instead of 3",
        "DDF1/EF07": told["DDF1/EF07"],
    }
    assert "the card answers" in told["DDF1/EF07"]
    assert set(reading.data.files) | set(told) == set(STANDARD.files)


def test_a_locked_application_is_told_and_the_rest_read() -> None:
    card = demo_card(STANDARD)
    card.memory.now.locks["DDF1/DF01"] = "temporary"
    reading = read_card(counter(STANDARD, card=card)[0], TODAY)
    assert {one.file for one in reading.unread} == {path for path in STANDARD.files if "/DF01/" in path}
    assert all(one.missing_key is None for one in reading.unread)


def test_a_cyclic_file_may_hold_fewer_records_than_it_has_room_for() -> None:
    card = demo_card(STANDARD)
    path = "DDF1/DF02/EF07"
    card.memory.write(path, Held(card.memory.files[path].records[:1]))
    reading = read_card(counter(STANDARD, card=card)[0], TODAY)
    assert len(reading.data.files[path].records) == 1
    assert reading.unread == ()


def test_binary_files_are_read_in_blocks_of_80h() -> None:
    terminal, card = counter(STANDARD)
    read_card(terminal, TODAY)
    lengths = {int(sent[8:10], 16) for sent in card.sent if sent.startswith("00B0")}
    assert max(lengths) == 0x80
    blocks = sum(-(-file.size // 0x80) for file in STANDARD.files.values() if file.kind is FileKind.BINARY)
    assert sum(sent.startswith("00B0") for sent in card.sent) == blocks
