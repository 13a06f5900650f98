"""The codes of a soak: all nine kinds of the corpus, mostly wrong ones, and right ones changed at random.

They come in waves, each recorded in the database before it is shown, so that memory stays bounded over millions. What
a change makes of a right code is refused, for whatever reason; changes that leave it right are left out. Source:
decision.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from load.cases import Case
from load.corpus import Cards, Mix, cases_of
from load.corpus.kinds import STEP
from load.judging import RECORDED
from reference.ecard.qr_text import QrTextRefused, parse, qr_layouts
from reference.operating_system import SystemClock
from reference.standard.ecard.refusals import refusals
from reference.store import Store

PROFILE: Final = "sichuan"
MIX: Final = Mix(dynamic=4, static=1, forged=4, grafted=3, expired=2, replayed=6, superseded=2, cancelled=2, foreign=2)
"""Emphasis on what an attacker shows; enough right codes that their uses can get lost or doubled (decision)."""
MUTATED_SHARE: Final = 0.15
"""Of all codes (decision)."""
ANY_REFUSAL: Final = frozenset(id for id in refusals() if id.startswith((*RECORDED, "request.")))
ODD: Final = ":;/ \t\x00\x7f%'\"\\<>é健🙂"
LONGEST_REPEAT: Final = 40


class Codes:
    """The codes of a soak, wave by wave; each key of a single-use code is there once."""

    def __init__(self, store: Store, cards: Cards, seed: int) -> None:
        self._store, self._cards, self._seed = store, cards, seed
        self._keys = 0
        self._waves = 0

    def wave(self, count: int, rate: float = 4000.0) -> Iterator[Case]:
        """About ``count`` codes, recorded where they have to be, in the order of their use."""
        self._waves += 1
        drawn = random.Random(f"{self._seed} {self._waves}")  # noqa: S311 - repeatable on purpose
        issued = int(count * (1 - MUTATED_SHARE))
        keys, self._keys = self._keys, self._keys + issued
        cases = cases_of(
            self._cards,
            self._store,
            issued,
            SystemClock().now_ms(),
            mix=MIX,
            seed=drawn.randrange(2**32),
            rate=rate,
            profile=PROFILE,
        )
        share = MUTATED_SHARE / (1 - MUTATED_SHARE)
        for case in cases:
            yield msgspec.structs.replace(case, code_key=case.code_key + keys) if case.code_key else case
            if drawn.random() < share:
                yield mutated(case, drawn)


def mutated(case: Case, drawn: random.Random) -> Case:
    """A code changed so that no state allows it."""
    while True:
        text = drawn.choice(CHANGES)(case.text, drawn)
        if text != case.text and not _says_the_same(case.text, text):
            return Case("forged", text, ANY_REFUSAL, STEP)


def _says_the_same(right: str, changed: str) -> bool:
    """Whether a changed text still names an issued code: the same one, or the card's static code."""
    layouts = qr_layouts(PROFILE)
    try:
        read = parse(changed, layouts)
        told = parse(right, layouts)
    except QrTextRefused:
        return False
    return read.card_id == told.card_id and read.token in (told.token, "")


def _digit(text: str, drawn: random.Random) -> str:
    """Another hexadecimal digit somewhere."""
    place = drawn.randrange(len(text))
    return text[:place] + drawn.choice("0123456789ABCDEF") + text[place + 1 :]


def _odd(text: str, drawn: random.Random) -> str:
    """A character put in that no code has."""
    place = drawn.randrange(len(text) + 1)
    return text[:place] + drawn.choice(ODD) + text[place:]


def _cut(text: str, drawn: random.Random) -> str:
    """Cut off, as a torn label."""
    return text[: drawn.randrange(1, len(text))]


def _longer(text: str, drawn: random.Random) -> str:
    """With something behind it, a little or a lot."""
    return text + drawn.choice(string.printable) * drawn.randrange(1, LONGEST_REPEAT)


def _lower(text: str, drawn: random.Random) -> str:
    """In lower case from some place on."""
    place = drawn.randrange(len(text))
    return text[:place] + text[place:].lower()


def _swapped(text: str, drawn: random.Random) -> str:
    """Two fields exchanged."""
    fields = text.split(":")
    one, other = drawn.randrange(len(fields)), drawn.randrange(len(fields))
    fields[one], fields[other] = fields[other], fields[one]
    return ":".join(fields)


def _other_issuer(text: str, drawn: random.Random) -> str:
    """Of another province by its last field."""
    return f"{text[:-9]}{drawn.randrange(1000, 9999)}B{drawn.randrange(1000, 9999)}"


def _shifted_time(text: str, drawn: random.Random) -> str:
    """The first two digits of the last field but one after the card id made up: another token."""
    fields = text.split(":")
    if len(fields) > 2:
        fields[2] = drawn.randbytes(16).hex().upper()
    return ":".join(fields)


CHANGES: Final[tuple[Callable[[str, random.Random], str], ...]] = (
    _digit,
    _odd,
    _cut,
    _longer,
    _lower,
    _swapped,
    _other_issuer,
    _shifted_time,
)
"""Ways to change a code."""
