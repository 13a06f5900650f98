"""The bytes of one data element as a value (APP11 table 3-1): what is read is written and read again alike."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from reference.card.elements import UnfitValue, coding_fault, decode_value
from reference.card.values import decode, empty, encode, kind_of, stated
from reference.standard import load
from reference.standard.rows import Element

REFUSALS = (UnfitValue,)
TOKENS = (
    b"\xff\xff",
    b"20121231",
    b"\x20\x12\x12\x31",
    b"\xd6\xd0",
    b"\xff\xd8\xff",
    b"\x00" * 8,
    b"12.50",
    b"\x81\x30",
)
SHARE = 40
STANDARDS = tuple(load(profile) for profile in ("national-2012", "field-2013"))
ELEMENTS = tuple(
    (standard, element) for standard in STANDARDS for path in standard.files for element in standard.elements(path)
)


def target(data: bytes) -> None:
    """The first two bytes choose profile and element; the rest is its content, as given and in its full length."""
    standard, element = ELEMENTS[int.from_bytes(data[:2], "big") % len(ELEMENTS)]
    raw = data[2:]
    assert (coding_fault(element, raw) is None) is taken(element, raw)
    stated_text = raw.decode("utf-8", errors="replace")
    with contextlib.suppress(UnfitValue):
        assert len(stated(standard, element, stated_text)) == element.length
    fitted = raw[: element.length].ljust(element.length, b"\x00")
    value = decode(standard, element, fitted)
    again = encode(standard, element, value)
    assert len(again) == element.length
    assert decode(standard, element, again) == value


def taken(element: Element, raw: bytes) -> bool:
    """Whether the bytes are decoded: they are if, and only if, there is nothing wrong with their coding."""
    try:
        decode_value(element, raw)
    except UnfitValue:
        return False
    return True


def seeds() -> Iterator[bytes]:
    """One element of each kind and length, as it is when it states nothing."""
    firsts = {(kind_of(element), element.length % 8): number for number, (_, element) in enumerate(ELEMENTS)}
    for number in firsts.values():
        yield number.to_bytes(2, "big") + empty(ELEMENTS[number][1])
