"""The reference terminal reading a card that lies: some of an honest card's answers are replaced by any bytes."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from reference.card.violations import UnusableAnswer
from reference.standard import load
from reference.terminal.card_session import CardSession
from reference.terminal.endings import FlowEnded
from reference.terminal.reading import read_card
from reference.terminal.sam_session import SamRefuses, SamSession
from reference.terminal.terminal import FlowBroken, Terminal
from simulators.cards import demo_card, demo_sam
from tests.fuzzing.dialogue import joined, pieces

REFUSALS = (FlowEnded, FlowBroken, SamRefuses, UnusableAnswer)
TOKENS = (b"\x90\x00", b"\x61\x10", b"\x6c\x00", b"\x69\x82", b"\x3b\x6d", b"\x00\x00")
SHARE = 1
STANDARD = load()
CARD, SAM = demo_card(STANDARD), demo_sam(5, STANDARD)
TODAY = datetime.date(2026, 1, 1)


class LyingChip:
    """A chip whose n-th answer is another, where the script has one for it; a reset is an answer too."""

    def __init__(self, chip: object, script: dict[int, bytes]) -> None:
        self.chip, self.script, self.count = chip, script, 0

    def reset(self) -> bytes:
        """The answer to reset, or the script's."""
        return self._said(self.chip.reset())  # type: ignore[attr-defined]

    def transmit(self, command: bytes) -> bytes:
        """The answer, or the script's."""
        return self._said(self.chip.transmit(command))  # type: ignore[attr-defined]

    def _said(self, answer: bytes) -> bytes:
        self.count += 1
        return self.script.get(self.count - 1, answer)


def target(data: bytes) -> None:
    """The first byte chooses who lies, SAM or card; each piece begins with the number of the answer it replaces."""
    script = {piece[0]: piece[1:] for piece in pieces(data[1:]) if piece}
    liar = data[0] % 2 if data else 0
    card = LyingChip(CARD, {} if liar else script)
    sam = LyingChip(SAM, script if liar else {})
    reading = read_card(Terminal(CardSession(card, STANDARD), SamSession(sam, STANDARD)), TODAY)
    assert set(reading.data.files) | {row.file for row in reading.unread} == set(STANDARD.files)


def seeds() -> Iterator[bytes]:
    """A card and a SAM that tell the truth, and some that lie at one place or other."""
    yield b"\x00"
    for liar in (0, 1):
        for at, said in ((0, "3B00"), (1, "6A82"), (3, "9000"), (8, "6982"), (12, "0102"), (30, "00" * 40 + "9000")):
            yield bytes((liar,)) + joined([bytes((at,)) + bytes.fromhex(said)])
