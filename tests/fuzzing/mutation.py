"""Mutations of bytes: blind ones, and ones that know lengths, numbers, nesting and the words of a format.

All chance comes from the generator handed in, so that a seed gives the same inputs again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

EDGES = bytes((0x00, 0x01, 0x02, 0x7F, 0x80, 0x81, 0x82, 0x90, 0xFE, 0xFF))
"""Values at which lengths, signs and forms of lengths change."""
NUMBERS = (b"0", b"-1", b"1e999", b"9" * 25, b"2147483648", b"0.5", b"null", b"true", b'""', b"[]", b"{}")
NESTING = (b"[", b"{", b'{"a":', b"{a=", b"[[", b"a.")
PLACES_OF_VALUES = (b"", b"\nx = ", b'"x": ')
DEEPEST = 2000
STEPS = (1, 1, 1, 2, 3, 5)
DIGITS = re.compile(rb"\d+")

Mutation = Callable[[random.Random, bytearray, Sequence[bytes], Sequence[bytes]], bytearray]


def mutated(chance: random.Random, data: bytes, pool: Sequence[bytes], tokens: Sequence[bytes], longest: int) -> bytes:
    """One to five mutations of ``data``, at most ``longest`` bytes; ``pool`` gives the other half of a splice."""
    changed = bytearray(data)
    for _ in range(chance.choice(STEPS)):
        changed = chance.choice(MUTATIONS)(chance, changed, pool, tokens)
    return bytes(changed[:longest])


def _place(chance: random.Random, data: bytearray) -> int:
    return chance.randrange(len(data)) if data else 0


def _piece(chance: random.Random, data: bytearray) -> tuple[int, int]:
    start = _place(chance, data)
    return start, min(len(data), start + chance.choice((1, 2, 4, 8, 16, 64, 256)))


def flip_a_bit(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """One bit the other way."""
    if data:
        data[_place(chance, data)] ^= 1 << chance.randrange(8)
    return data


def set_a_byte(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """One byte to any value, or to one at an edge."""
    if data:
        data[_place(chance, data)] = chance.choice((chance.choice(EDGES), chance.randrange(256)))
    return data


def bend_a_length(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """One byte a little more or less: where it is a length, what follows no longer fits it."""
    if data:
        at = _place(chance, data)
        data[at] = (data[at] + chance.choice((-2, -1, 1, 2, 16, 128))) & 0xFF
    return data


def true_a_length(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """One byte becomes the number of those behind it, as far as a byte can say it."""
    if data:
        at = _place(chance, data)
        data[at] = (len(data) - at - 1) & 0xFF
    return data


def truncate(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """The end is missing."""
    return data[: _place(chance, data)]


def double(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """The whole twice, or a piece of it."""
    if chance.random() < 0.2:
        return data + data
    start, end = _piece(chance, data)
    return data[:end] + data[start:end] * chance.choice((1, 2, 16)) + data[end:]


def leave_out(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """A piece is missing."""
    start, end = _piece(chance, data)
    return data[:start] + data[end:]


def put_in(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """A few random bytes are put in."""
    at = _place(chance, data)
    return data[:at] + chance.randbytes(chance.randint(1, 16)) + data[at:]


def swap(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """A piece moves to the end."""
    start, end = _piece(chance, data)
    return data[:start] + data[end:] + data[start:end]


def splice(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """The beginning of one input and the end of another."""
    other = bytearray(chance.choice(pool)) if pool else data
    return data[: _place(chance, data)] + other[_place(chance, other) :]


def weave_in(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """A word of the format stands in, or instead of, some bytes."""
    if not tokens:
        return data
    at, word = _place(chance, data), chance.choice(tokens)
    return data[:at] + word + data[at + chance.choice((0, len(word))) :]


def another_number(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """A number written in digits becomes one out of range, or no number."""
    found = list(DIGITS.finditer(data))
    if not found:
        return data
    match = chance.choice(found)
    return data[: match.start()] + chance.choice(NUMBERS) + data[match.end() :]


def nest(chance: random.Random, data: bytearray, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytearray:
    """Openings without end: what descends into them must stop. Seldom, because it leaves little of the rest."""
    if chance.random() < 0.9:
        return data
    at = _place(chance, data)
    return (
        data[:at]
        + chance.choice(PLACES_OF_VALUES)
        + chance.choice(NESTING) * chance.choice((3, 100, DEEPEST))
        + data[at:]
    )


MUTATIONS: tuple[Mutation, ...] = (
    flip_a_bit,
    set_a_byte,
    bend_a_length,
    true_a_length,
    truncate,
    double,
    leave_out,
    put_in,
    swap,
    splice,
    weave_in,
    another_number,
    nest,
)
