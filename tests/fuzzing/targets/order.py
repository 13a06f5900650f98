"""Personalisation files in TOML: values by file and element, as a card maker's order has them."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.adapters.real_cards import UnusableFile, read_order
from reference.standard import load
from tests.fuzzing.scratch import written

REFUSALS = (UnusableFile,)
TOKENS = (
    b'[values."DDF1/EF05"]\n',
    b'[[records."DDF1/DF02/EF07"]]\n',
    b'city-code = "310100"\n',
    b"[values]\n",
    b'"""',
)
SHARE = 10
STANDARD = load()


def target(data: bytes) -> None:
    """The bytes as the file; every value taken belongs to a file of the standard."""
    for place in read_order(written("order.toml", data), STANDARD):
        assert place.partition("#")[0].partition("[")[0].strip() or place


def seeds() -> Iterator[bytes]:
    """Values of two files, and records of a cyclic one."""
    values = b'[values."DDF1/EF05"]\ncity-code = "310100"\n\n[values."DDF1/EF06"]\nsex = "01"\n'
    yield values
    yield values + '[[records."DDF1/DF02/EF07"]]\nsubstance = "虾"\n'.encode()
