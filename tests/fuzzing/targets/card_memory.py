"""The memory of a simulated card in a file: taken when it is one of such a card, and the card then works on."""

from __future__ import annotations

from collections.abc import Iterator

from reference.standard import load
from simulators.cards.demo import DEMO_SEED, demo_image
from simulators.cards.memory import CardMemory, UnusableMemory
from simulators.cards.user_card import UserCard
from simulators.sources import SeededRandomness
from tests.fuzzing.scratch import folder, written

REFUSALS = (UnusableMemory,)
TOKENS = (b'"locks"', b'"permanent"', b'"card_locked":true', b'"wrong_macs"', b'"activated":false', b'"DDF1/DF03"')
SHARE = 3
STANDARD = load()
IMAGE = demo_image(STANDARD)


def target(data: bytes) -> None:
    """The bytes as the file."""
    memory = CardMemory(IMAGE, written("card.memory", data))
    card = UserCard(STANDARD, IMAGE, SeededRandomness(DEMO_SEED), memory=memory)
    card.reset()
    for command in ("00A4000002DDF1", "00A4000002EF05", "00B2010400", "0084000008"):
        assert len(card.transmit(bytes.fromhex(command))) >= 2


def seeds() -> Iterator[bytes]:
    """A fresh card's memory, and one without files."""
    fresh = CardMemory(IMAGE)
    fresh.save(folder() / "seed.memory")
    whole = (folder() / "seed.memory").read_bytes()
    yield whole
    yield b'{"files":{},"locks":{},"card_locked":false}'
