"""Data elements: values, their coding on the card, and the records made of them.

Follows APP11 table 3-1 (types), tables 4-1 to 4-16 and 4.3 (one plain byte tag, one byte length, value).
Text is GB 2312 in its extension GBK, padded with 00; cn is packed BCD, left aligned, padded with F (fielded practice).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Element, ElementType, File, FileKind

TEXT_ENCODING = "gb18030"
TAG_AND_LENGTH = 2


class UnfitValue(ValueError):
    """A value that its element cannot hold: names the element and the reason."""

    def __init__(self, element: Element, reason: Text) -> None:
        super().__init__(f"{element.file} {element.id}: {reason}")
        self.element, self.reason = element, reason


def encode_value(element: Element, value: str) -> bytes:
    """The element's bytes on the card, padded to its full length. Raises UnfitValue.

    ``value`` is text for ans, digits for cn, hexadecimal for b.
    """
    try:
        match element.type:
            case ElementType.ANS:
                raw = value.encode(TEXT_ENCODING)
            case ElementType.CN:
                if not (value.isascii() and (value.isdigit() or not value)):
                    raise UnfitValue(element, say("{value!r} is not made of digits", value=value))
                raw = bytes.fromhex(value + "F" * (-len(value) % 2))
            case ElementType.B:
                raw = bytes.fromhex(value)
    except UnfitValue:
        raise
    except ValueError as error:
        raise UnfitValue(element, say("{value!r} cannot be coded: {error}", value=value, error=error)) from error
    if len(raw) > element.length:
        raise UnfitValue(element, say("{count} bytes do not fit into {length}", count=len(raw), length=element.length))
    filler = b"\xff" if element.type is ElementType.CN else b"\x00"
    return raw + filler * (element.length - len(raw))


def decode_value(element: Element, raw: bytes) -> str:
    """The value held by the element's bytes. Raises UnfitValue where they are no value of its type."""
    fault = coding_fault(element, raw)
    if fault is not None:
        raise UnfitValue(element, fault)
    match element.type:
        case ElementType.ANS:
            return raw.rstrip(b"\x00").decode(TEXT_ENCODING)
        case ElementType.CN:
            return raw.hex().upper().rstrip("F")
        case ElementType.B:
            return raw.hex().upper()


def coding_fault(element: Element, raw: bytes) -> Text | None:
    """What is wrong with the bytes as a value of the element's type and length, or None.

    Source: APP11 table 3-1; padding as fielded.
    """
    if len(raw) != element.length:
        return say("{count} bytes instead of {length}", count=len(raw), length=element.length)
    match element.type:
        case ElementType.ANS:
            try:
                raw.rstrip(b"\x00").decode(TEXT_ENCODING)
            except UnicodeDecodeError:
                return say("the bytes are not text in GB 2312 or its extensions")
        case ElementType.CN:
            digits = raw.hex().upper().rstrip("F")
            if not all(digit in "0123456789" for digit in digits):
                return say("{digits} is not packed BCD padded with F", digits=raw.hex().upper())
            if element.content == "date" and digits and not is_date(digits):
                return say("{digits} is not a date YYYYMMDD", digits=digits)
        case ElementType.B:
            pass
    return None


def is_date(digits: str) -> bool:
    """Whether eight digits name a day of the calendar, as YYYYMMDD."""
    if len(digits) != 8:
        return False
    try:
        datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def tagged_record(element: Element, value: str) -> bytes:
    """The record of a tagged element: tag, length, value. Source: APP11 4.3."""
    assert element.tag is not None
    return bytes((element.tag, element.length)) + encode_value(element, value)


def untagged_record(elements: tuple[Element, ...], values: Mapping[str, str]) -> bytes:
    """A record or binary image of untagged elements, laid side by side in table order."""
    return b"".join(encode_value(element, values.get(element.id, "")) for element in elements)


def record_length(standard: Standard, file: File, number: int) -> int:
    """Full length in bytes of record ``number`` (from 1), tag and length bytes included."""
    if file.kind is FileKind.VARIABLE:
        return TAG_AND_LENGTH + standard.elements(file.path)[number - 1].length
    return file.record_length
