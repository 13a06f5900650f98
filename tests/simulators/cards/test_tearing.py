"""A card that loses its power in the middle of writing holds the old content or the new, never a mixture.

The card's process is killed (SIGKILL) at each step of writing its memory, and at whatever point the signal finds it;
what a new process finds in the file is compared with the memory of an unharmed twin before and after each command.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from reference.ports import Chip
from reference.terminal.card_session import CardSession
from reference.terminal.locks import block_application, block_card, unblock_application
from reference.terminal.sam_session import SamSession
from reference.terminal.terminal import Terminal
from simulators.cards import demo_sam
from simulators.cards.demo import demo_image
from simulators.cards.memory import CardMemory, Changing
from tests.simulators.cards.dialogue import sealed
from tests.simulators.cards.torn_card import STANDARD, STEPS, Order, answer, card_with_memory

ROOT = Path(__file__).parents[3]
LIMIT_S = 60
IMAGE = demo_image(STANDARD)
CLINICAL, RECORDS, VISIT, INDEX = "DDF1/DF02/EF05", "DDF1/DF02/EF07", "DDF1/DF03/EE01", "DDF1/DF03/EF05"
WRITE, ERASE = "84D20300", "840C0300"


class Twin:
    """An unharmed card that writes down every command and what its memory was after it."""

    def __init__(self) -> None:
        self.card = card_with_memory(IMAGE, None)
        self.commands: list[str] = []
        self.memories: list[Changing] = [self.card.memory.now]

    def reset(self) -> bytes:
        return self._note("")

    def transmit(self, command: bytes) -> bytes:
        return self._note(command.hex())

    def _note(self, command: str) -> bytes:
        self.commands.append(command)
        given = answer(self.card, command)
        self.memories.append(self.card.memory.now)
        return given


def terminal_of(card: Chip) -> Terminal:
    """A started terminal."""
    terminal = Terminal(CardSession(card, STANDARD), SamSession(demo_sam(5, STANDARD), STANDARD))
    terminal.start()
    return terminal


def opened(terminal: Terminal, path: str) -> None:
    """Select the file with its update key authenticated."""
    key = STANDARD.files[path].update
    assert key is not None
    terminal.select(path)
    terminal.authenticate(key)


def update_record(terminal: Terminal, content: bytes = b"\x04") -> None:
    opened(terminal, CLINICAL)
    assert terminal.update_record("DDF1/DF02", 1, bytes.fromhex("2901") + content).sw == 0x9000


def update_record_after_a_wrong_mac(terminal: Terminal) -> None:
    wrong_mac(terminal)
    update_record(terminal)


def push_record(terminal: Terminal, letter: bytes = b"A") -> None:
    opened(terminal, RECORDS)
    assert terminal.push_record("DDF1/DF02", letter * STANDARD.files[RECORDS].record_length).sw == 0x9000


def update_binary(terminal: Terminal, letter: bytes = b"A") -> None:
    opened(terminal, VISIT)
    assert terminal.card.update_binary(100, letter * 250).sw == 0x9000


def write_flag(terminal: Terminal) -> None:
    opened(terminal, INDEX)
    assert sealed(terminal, "DDF1/DF03", WRITE) == 0x9000


def erase_flag(terminal: Terminal) -> None:
    write_flag(terminal)
    terminal.authenticate("UK2DF03")
    assert sealed(terminal, "DDF1/DF03", ERASE) == 0x9000


def lock(terminal: Terminal) -> None:
    block_application(terminal, "DDF1/DF01")


def unlock(terminal: Terminal) -> None:
    lock(terminal)
    unblock_application(terminal, "DDF1/DF01")


def wrong_mac(terminal: Terminal) -> None:
    opened(terminal, INDEX)
    assert sealed(terminal, "DDF1/DF03", WRITE, spoil=1) != 0x9000


def wrong_mac_that_locks(terminal: Terminal) -> None:
    for _ in range(STANDARD.limit("wrong-mac-limit")):
        wrong_mac(terminal)


CHANGES: dict[str, Callable[[Terminal], None]] = {
    "record": update_record,
    "record-and-mac-counter": update_record_after_a_wrong_mac,
    "cyclic-push": push_record,
    "binary": update_binary,
    "flag-written": write_flag,
    "flag-erased": erase_flag,
    "lock": lock,
    "unlock": unlock,
    "card-lock": block_card,
    "mac-counter": wrong_mac,
    "mac-counter-that-locks": wrong_mac_that_locks,
}


class Doomed:
    """The program whose forks are killed."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulators.cards.torn_card"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, order: Order) -> int:
        """Start a fork on an order; its process id."""
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(order).decode() + "\n")
        self.process.stdin.flush()
        return int(self.line().removeprefix("pid "))

    def line(self) -> str:
        """The next line."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def rest(self) -> list[str]:
        """The answers up to the end of the order."""
        return list(iter(self.line, "ended"))

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(LIMIT_S)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def doomed() -> Iterator[Doomed]:
    """The program, ready for orders."""
    program = Doomed()
    try:
        yield program
    finally:
        program.end()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_power_cut_at_any_step_leaves_the_old_memory_or_the_new(
    doomed: Doomed, tmp_path: Path, change: str, step: str
) -> None:
    twin, file = Twin(), tmp_path / "card.memory"
    CHANGES[change](terminal_of(twin))
    *_, old, new = twin.memories
    assert old != new
    doomed.begin(Order(str(file), twin.commands, step))
    assert len(doomed.rest()) == len(twin.commands) - 1, "the last command has no answer"
    assert CardMemory(IMAGE, file).now == (new if step == STEPS[-1] else old)


@pytest.mark.parametrize("step", STEPS)
def test_a_card_goes_on_after_a_power_cut(doomed: Doomed, tmp_path: Path, step: str) -> None:
    twin, file = Twin(), tmp_path / "card.memory"
    update_record(terminal_of(twin))
    doomed.begin(Order(str(file), twin.commands, step))
    doomed.rest()
    card = card_with_memory(IMAGE, file)
    push_record(terminal_of(card), b"B")
    kept = CardMemory(IMAGE, file).files
    assert kept == card.memory.files
    assert kept[RECORDS].records[0] == b"B" * STANDARD.files[RECORDS].record_length
    assert kept[CLINICAL] == twin.memories[-1 if step == STEPS[-1] else 0].files[CLINICAL]


def many_changes(terminal: Terminal) -> None:
    """Changes of every kind but those that end the card's use, close upon one another."""
    for letter in (b"A", b"B", b"C"):
        for number in range(1, 8):
            update_record(terminal, bytes([number]))
        push_record(terminal, letter)
        for repeated in (letter, letter.lower()):
            update_binary(terminal, repeated)
        erase_flag(terminal)
        unlock(terminal)
        wrong_mac(terminal)


@pytest.fixture(scope="module")
def long_twin() -> Twin:
    """The unharmed card after many changes."""
    twin = Twin()
    many_changes(terminal_of(twin))
    return twin


@pytest.mark.parametrize("share", range(0, 100, 3))
def test_a_card_killed_anywhere_holds_what_it_answered_for_and_nothing_half(
    doomed: Doomed, tmp_path: Path, long_twin: Twin, share: int
) -> None:
    file = tmp_path / "card.memory"
    process = doomed.begin(Order(str(file), long_twin.commands))
    answered = [doomed.line() for _ in range(len(long_twin.commands) * share // 100)]
    os.kill(process, signal.SIGKILL)
    answered += doomed.rest()
    assert len(answered) < len(long_twin.commands)
    found = CardMemory(IMAGE, file).now
    # killed before the answer, but perhaps after the step that counts
    assert found in long_twin.memories[len(answered) : len(answered) + 2]
