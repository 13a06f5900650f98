"""Any commands to the simulated user card: each is answered, none raises, and nothing changes without a right."""

from __future__ import annotations

from collections.abc import Iterator

from reference.standard import load
from simulators.cards.demo import DEMO_SEED, demo_image
from simulators.cards.user_card import UserCard
from simulators.sources import SeededRandomness
from tests.fuzzing.dialogue import joined, pieces

REFUSALS: tuple[type[Exception], ...] = ()
STANDARD = load()
TOKENS = (
    *(bytes((row.cla, row.ins)) for row in STANDARD.commands.values() if row.chip == "card"),
    *(bytes.fromhex("00A4000002" + row.fid) for row in STANDARD.files.values()),
    *(bytes.fromhex("00A4000002" + row.fid) for row in STANDARD.directories.values()),
)
SHARE = 6
LONGEST_ANSWER = 258
AUTHENTICATED = 0x80
"""Bit of the first byte: the card begins with every key authenticated, as no terminal can have it."""


def _card(interface: str, *features: str) -> UserCard:
    return UserCard(
        STANDARD, demo_image(STANDARD), SeededRandomness(DEMO_SEED), interface, features=frozenset(features)
    )


CARDS = (
    _card("contactless"),
    _card("contact-t0"),
    _card("contact-t0", "append-record"),
    _card("contactless", "activation"),
)
FRESH = tuple(card.memory.now for card in CARDS)
KEYS = tuple(key.secret_value for key in CARDS[0].memory.keys.values())


def target(data: bytes) -> None:
    """The first byte chooses the card and whether it is authenticated; the rest are commands."""
    number, free = (data[0] % len(CARDS), bool(data[0] & AUTHENTICATED)) if data else (0, False)
    card, fresh = CARDS[number], FRESH[number]
    card.memory.change(fresh)
    card.memory.commit()
    card.reset()
    for command in pieces(data[1:]):
        if free:
            card.authenticated.update(STANDARD.keys)
        answer = card.transmit(command)
        assert 2 <= len(answer) <= LONGEST_ANSWER
        assert not any(key in answer for key in KEYS)
    assert free or not fresh.activated or card.memory.now == fresh, "changed without a right"
    assert 2 <= len(card.reset()) <= 33


def seeds() -> Iterator[bytes]:
    """Selecting, reading, guessing at a proof, updating in plain, on each of the cards."""
    read = ("00A4000002DDF1", "00A4000002EF05", "00B2010400", "00B2020400", "00B0000010", "00C0000000")
    guess = ("00A4000002DDF1", "0084000008", "0082008411" + "00" * 16 + "01", "0088000011" + "00" * 16 + "0100")
    write = (
        "00A4000002DDF1",
        "00A4000002DF03",
        "00A4000002EE01",
        "00D600000401020304",
        "00A4000002EF05",
        "00DC01040100",
        "04DC010414" + "00" * 20,
        "841E000004" + "00" * 4,
    )
    for number in range(len(CARDS)):
        for flag in (0, AUTHENTICATED):
            for script in (read, guess, write):
                yield bytes((number | flag,)) + joined(map(bytes.fromhex, script))
