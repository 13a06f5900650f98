"""The card's memory: all changes of a command or none, kept in a file, and what is said of a file that is none."""

from __future__ import annotations

import base64
import errno
import os
from pathlib import Path

import msgspec
import pytest

from reference.standard import Standard, load
from reference.terminal.card_session import CardSession
from reference.terminal.sam_session import SamSession
from reference.terminal.terminal import Terminal
from simulators.cards import demo_card, demo_sam
from simulators.cards.demo import demo_image
from simulators.cards.memory import CardMemory, Changing, Held, UnusableMemory
from simulators.cards.user_card import UserCard
from tests.simulators.cards.dialogue import ask

CLINICAL = "DDF1/DF02/EF05"
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a card keeps its memory."""
    return tmp_path / "card.memory"


@pytest.fixture
def kept(standard: Standard, file: Path) -> UserCard:
    """The demo card with its memory in the file."""
    return demo_card(standard, memory=file)


@pytest.fixture
def writing(kept: UserCard, standard: Standard) -> Terminal:
    """A terminal that may change the clinical file of that card."""
    terminal = Terminal(CardSession(kept, standard), SamSession(demo_sam(5, standard), standard))
    terminal.start()
    terminal.select(CLINICAL)
    terminal.authenticate("UK1DF02")
    return terminal


def update(terminal: Terminal, value: str) -> int:
    """Status word of writing the first clinical record."""
    return terminal.update_record("DDF1/DF02", 1, bytes.fromhex("2901" + value)).sw


def test_what_a_card_answered_for_is_there_after_a_restart(writing: Terminal, kept: UserCard, file: Path) -> None:
    assert update(writing, "04") == 0x9000
    again = demo_card(load(), memory=file)
    assert again.memory.now == kept.memory.now
    assert again.memory.files[CLINICAL].records[0] == bytes.fromhex("290104")
    assert not file.with_name("card.memory.draft").exists()


def test_a_command_that_changes_nothing_writes_nothing(kept: UserCard, file: Path) -> None:
    kept.reset()
    assert ask(kept, "00A4000002DDF1", "00A4000002EF05", "00B2030400").endswith("9000")
    assert not file.exists()


def test_no_key_stands_in_the_file(writing: Terminal, kept: UserCard, file: Path) -> None:
    update(writing, "04")
    content = file.read_bytes()
    assert set(msgspec.json.decode(content)) == set(Changing.__struct_fields__)
    for key in kept.memory.keys.values():
        assert base64.b64encode(key.secret_value)[:20] not in content


@pytest.mark.parametrize("place", ["open", "fsync", "replace"])
def test_a_full_disk_is_a_memory_failure_and_leaves_the_old_memory(
    writing: Terminal, kept: UserCard, file: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    assert update(writing, "04") == 0x9000
    before, content = kept.memory.now, file.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise FULL

    with monkeypatch.context() as patched:
        patched.setattr(os if place == "fsync" else Path, place, full)
        assert update(writing, "05") == 0x6581
    assert kept.memory.now == before
    assert file.read_bytes() == content
    assert update(writing, "05") == 0x9000
    assert demo_card(load(), memory=file).memory.files[CLINICAL].records[0] == bytes.fromhex("290105")


def test_reading_goes_on_when_the_disk_is_full(
    writing: Terminal, kept: UserCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(FULL))
    assert update(writing, "05") == 0x6581
    writing.authenticate("RK1DF02")
    assert writing.card.read_record(1).sw == 0x9000


def test_a_change_that_was_not_kept_is_undone_whole(file: Path, standard: Standard) -> None:
    memory = CardMemory(demo_image(standard), file / "no-such-folder" / "card.memory")
    before = memory.now
    memory.write(CLINICAL, Held((b"x",)))
    memory.change(msgspec.structs.replace(memory.now, card_locked=True))
    with pytest.raises(OSError, match="No such file"):
        memory.commit()
    assert memory.now is before


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b"{", b'{"files": 7}', b'{"files": {"DDF1/EF05": {"records": ["!"]}}}', b"[" * 100_000],
)
def test_a_file_that_is_no_memory_is_named_with_the_way_out(file: Path, standard: Standard, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(UnusableMemory, match=r"card\.memory is no card memory.*Remove it"):
        demo_card(standard, memory=file)
    assert file.read_bytes() == content


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path, standard: Standard) -> None:
    with pytest.raises(UnusableMemory, match="is no card memory"):
        demo_card(standard, memory=tmp_path)


def changed(memory: Changing, path: str, held: Held | None) -> Changing:
    """The memory with another content of one file, or without it."""
    files = {name: content for name, content in memory.files.items() if name != path}
    return msgspec.structs.replace(memory, files=files if held is None else files | {path: held})


@pytest.mark.parametrize("held", [None, Held(), Held((b"\x29\x01",)), Held(binary=b"x")])
def test_the_memory_of_another_card_is_refused(file: Path, standard: Standard, held: Held | None) -> None:
    fresh = demo_card(standard).memory.now
    file.write_bytes(msgspec.json.encode(changed(fresh, CLINICAL, held)))
    with pytest.raises(UnusableMemory, match="another card") as refusal:
        demo_card(standard, memory=file)
    assert "另一张卡" in refusal.value.text.zh
