"""Data elements as Python values, both ways: text, digits, dates, flags, codes, amounts, the photo, bytes.

Follows APP11 table 3-1 and tables 4-1 to 4-16; what an element means (date, amount, code table) is a cell of
`standard/card/elements.csv`. The profile's switch ``amount-coding`` decides how money is written.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import Enum

import msgspec

from reference.card.elements import TEXT_ENCODING, UnfitValue, encode_value
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Element, ElementType


class Coded(msgspec.Struct, frozen=True):
    """A value out of a code table: the code as it stands on the card and, where the table has it, its meaning."""

    code: str
    title: Text | None = None


Value = str | bool | Coded | datetime.date | datetime.datetime | Decimal | bytes | None
"""What an element holds. None is an element of padding only; a date-time is the card's local time, without zone."""


class Kind(Enum):
    """What an element's bytes mean; each kind has one Python type."""

    TEXT = str
    DIGITS = "str of decimal digits"
    DATE = datetime.date
    DATE_TIME = datetime.datetime
    FLAG = bool
    CODE = Coded
    AMOUNT = Decimal
    PHOTO = "bytes of the image"
    BYTES = bytes


MEANINGS = {
    "date": Kind.DATE,
    "date-time": Kind.DATE_TIME,
    "flag": Kind.FLAG,
    "amount": Kind.AMOUNT,
    "digits": Kind.DIGITS,
}
"""The words of the column ``content`` of `standard/card/elements.csv`."""
BY_TYPE = {ElementType.ANS: Kind.TEXT, ElementType.CN: Kind.DIGITS, ElementType.B: Kind.BYTES}
PHOTO = ("DDF1/EF07", "photo")
CENT = Decimal("0.01")
POINT = "A"
"""The half byte that stands for the decimal point where the profile says ``point-nibble``."""
INVISIBLE = {"Cc", "Cf", "Zl", "Zp"}
"""Unicode categories that no field holds: control and formatting characters, separators of lines."""
FLAGS = {b"\x00": False, b"\x01": True}


def kind_of(element: Element) -> Kind:
    """The kind of the element's values."""
    if (element.file, element.id) == PHOTO:
        return Kind.PHOTO
    if element.content in MEANINGS:
        return MEANINGS[element.content]
    return Kind.CODE if element.codes else BY_TYPE[element.type]


def may_be_empty(standard: Standard, element: Element) -> bool:
    """Whether padding alone means that nothing is stated: not where it is itself a flag (no) or a listed code."""
    if element.type is not ElementType.B:
        return True
    codes = standard.codes[element.codes] if element.codes else ()
    return empty(element).hex().upper() not in {code.value for code in codes}


def empty(element: Element) -> bytes:
    """The element's bytes when nothing is stated: padding only."""
    return encode_value(element, "")


def coded(standard: Standard, element: Element, code: str) -> Coded:
    """The code with its meaning; without one when the element's table has not got it.

    Leading zeros of digits do not count: cards hold 01 as well as 1 for the first code.
    """
    wanted = _plain(element, code)
    rows = standard.codes[element.codes]
    return Coded(code, next((row.title for row in rows if _plain(element, row.value) == wanted), None))


def listed(standard: Standard, element: Element, raw: bytes) -> bool:
    """Whether the bytes are a code of the element's table, or state nothing."""
    try:
        value = decode(standard, element, raw)
    except UnfitValue:
        return False
    return not isinstance(value, Coded) or value.title is not None


def _plain(element: Element, code: str) -> str:
    return code.lstrip("0") or "0" if element.type is ElementType.CN else code


def decode(standard: Standard, element: Element, raw: bytes) -> Value:
    """The value that the bytes hold. Raises UnfitValue where they hold none of the element's kind.

    A code that the table has not got is no fault: it is read without a meaning.
    """
    if len(raw) != element.length:
        raise UnfitValue(element, say("{count} bytes instead of {length}", count=len(raw), length=element.length))
    if may_be_empty(standard, element) and raw == empty(element):
        return None
    match kind_of(element):
        case Kind.TEXT:
            return _text(element, raw)
        case Kind.DIGITS:
            return _all_digits(element, _characters(element, raw))
        case Kind.DATE:
            return _date(element, _characters(element, raw))
        case Kind.DATE_TIME:
            return _date_time(element, _characters(element, raw))
        case Kind.FLAG:
            return _flag(element, raw)
        case Kind.CODE:
            return coded(standard, element, _characters(element, raw))
        case Kind.AMOUNT:
            return AMOUNTS[standard.switch("amount-coding")].read(element, _nibbles(raw))
        case Kind.PHOTO:
            return _photo(standard, element, raw)
        case Kind.BYTES:
            return raw


def _characters(element: Element, raw: bytes) -> str:
    """Text, packed digits or hexadecimal, by the element's type, without padding."""
    match element.type:
        case ElementType.ANS:
            return _text(element, raw)
        case ElementType.CN:
            return _all_digits(element, _nibbles(raw))
        case ElementType.B:
            return raw.hex().upper()


def _nibbles(raw: bytes) -> str:
    return raw.hex().upper().rstrip("F")


def _text(element: Element, raw: bytes) -> str:
    try:
        text = raw.rstrip(b"\x00").decode(TEXT_ENCODING)
    except UnicodeDecodeError as error:
        raise UnfitValue(element, say("the bytes are not text in GB 2312 or its extensions")) from error
    return _visible(element, text)


def _visible(element: Element, text: str) -> str:
    for character in text:
        if unicodedata.category(character) in INVISIBLE:
            raise UnfitValue(
                element, say("{value!a} holds the control character {character!a}", value=text, character=character)
            )
    return text


def _all_digits(element: Element, digits: str) -> str:
    if not re.fullmatch("[0-9]+", digits):
        raise UnfitValue(element, say("{value!r} is not made of digits", value=digits))
    return digits


def _date(element: Element, digits: str) -> datetime.date:
    if len(digits) == 8:
        try:
            return datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            pass
    raise UnfitValue(element, say("{digits} is not a date YYYYMMDD", digits=digits))


def _date_time(element: Element, digits: str) -> datetime.datetime:
    if len(digits) == 14:
        try:
            time = datetime.time(int(digits[8:10]), int(digits[10:12]), int(digits[12:]))
            return datetime.datetime.combine(_date(element, digits[:8]), time)
        except ValueError:
            pass
    raise UnfitValue(element, say("{digits} is not a date and time YYYYMMDDhhmmss", digits=digits))


def _flag(element: Element, raw: bytes) -> bool:
    if raw not in FLAGS:
        raise UnfitValue(element, say("{value} is neither 00 (no) nor 01 (yes)", value=raw.hex().upper()))
    return FLAGS[raw]


def _photo_room(standard: Standard, element: Element) -> int:
    """Bytes of the longest image: what the standard allows and what fits behind the length prefix."""
    return min(standard.limit("photo-max"), element.length - standard.limit("photo-length-prefix"))


def _photo(standard: Standard, element: Element, raw: bytes) -> bytes:
    """The image behind its length. Source: APP11 table 4-3."""
    prefix = standard.limit("photo-length-prefix")
    length, room = int.from_bytes(raw[:prefix], "big"), _photo_room(standard, element)
    if not 0 < length <= room:
        raise UnfitValue(element, say("its length says {count}, not 1 to {room} bytes", count=length, room=room))
    return raw[prefix : prefix + length]


# -- amounts -------------------------------------------------------------------------------------------------


def _read_fen(element: Element, nibbles: str) -> Decimal:
    """Digits that count fen: 12345 is 123.45 yuan. Source: TERM12 (two decimals inside the digits)."""
    return Decimal(_all_digits(element, nibbles)).scaleb(-2).quantize(CENT)


def _read_point(element: Element, nibbles: str) -> Decimal:
    """Digits with a half byte A for the point: 123A45 is 123.45 yuan, 123 is 123 yuan. As fielded."""
    if not re.fullmatch(f"[0-9]+({POINT}[0-9]{{1,2}})?", nibbles):
        raise UnfitValue(
            element, say("{value} is not an amount: digits, half byte A, one or two digits", value=nibbles)
        )
    return Decimal(nibbles.replace(POINT, ".")).quantize(CENT)


def _write_point(fen: int) -> str:
    return f"{fen // 100}{POINT}{fen % 100:02}"


class AmountCoding(msgspec.Struct, frozen=True):
    """One way of writing money in half bytes: ``read`` gives yuan, ``write`` takes whole fen."""

    read: Callable[[Element, str], Decimal]
    write: Callable[[int], str]


AMOUNTS = {"fen": AmountCoding(_read_fen, str), "point-nibble": AmountCoding(_read_point, _write_point)}
"""The values of the switch ``amount-coding``."""


# -- values to bytes -----------------------------------------------------------------------------------------


def encode(standard: Standard, element: Element, value: Value) -> bytes:
    """The element's bytes for a value of its kind, padded to its length. Raises UnfitValue, never cuts.

    None, and for text and bytes also the empty one, states nothing. A code may be given alone, as a str; one that
    the table has not got is refused.
    """
    if value is None or (isinstance(value, str | bytes) and not value):
        return _nothing(standard, element)
    match kind_of(element), value:
        case Kind.TEXT, str():
            return encode_value(element, _visible(element, value))
        case Kind.DIGITS, str():
            return encode_value(element, _all_digits(element, value))
        case Kind.DATE_TIME, datetime.datetime():
            return encode_value(element, _moment(element, value))
        case Kind.DATE, datetime.date() if not isinstance(value, datetime.datetime):
            return encode_value(element, _day(value))
        case Kind.FLAG, bool():
            return next(raw for raw, flag in FLAGS.items() if flag is value)
        case Kind.CODE, Coded() | str():
            return encode_value(element, _code(standard, element, value if isinstance(value, str) else value.code))
        case Kind.AMOUNT, Decimal():
            return _amount(standard, element, value)
        case Kind.PHOTO, bytes():
            return _prefixed(standard, element, value)
        case Kind.BYTES, bytes():
            return _whole(element, value)
    raise UnfitValue(element, say("{value!r} is not a value of its kind, {kind}", value=value, kind=_python(element)))


def stated(standard: Standard, element: Element, text: str) -> bytes:
    """The element's bytes for a value as a personalisation file states it. Raises UnfitValue.

    Text for ans, digits for cn, hexadecimal for b; an amount in yuan with a point, because the profile says how the
    card counts it. An empty text states nothing.
    """
    if not text or kind_of(element) is not Kind.AMOUNT:
        return encode_value(element, text)
    try:
        return encode(standard, element, Decimal(text))
    except InvalidOperation as error:
        raise UnfitValue(element, say("{value} is not an amount of whole fen from 0", value=text)) from error


def _python(element: Element) -> str:
    """The Python type that the element's values have."""
    kind = kind_of(element).value
    return kind if isinstance(kind, str) else kind.__name__


def _nothing(standard: Standard, element: Element) -> bytes:
    if not may_be_empty(standard, element):
        raise UnfitValue(element, say("no value is given, and no byte of it would mean that nothing is stated"))
    return empty(element)


def _day(value: datetime.date) -> str:
    # Trap: strftime's %Y does not fill the year to four digits everywhere.
    return value.isoformat().replace("-", "")


def _moment(element: Element, value: datetime.datetime) -> str:
    if value.tzinfo is not None or value.microsecond:
        raise UnfitValue(
            element, say("{value} is more than date, hours, minutes and seconds of local time", value=value.isoformat())
        )
    return _day(value.date()) + value.time().isoformat("seconds").replace(":", "")


def _code(standard: Standard, element: Element, code: str) -> str:
    if coded(standard, element, code).title is None:
        raise UnfitValue(element, say("{code!r} is not in the code table {table}", code=code, table=element.codes))
    return code


def _amount(standard: Standard, element: Element, value: Decimal) -> bytes:
    """The amount as the profile writes it; what is not whole fen, negative or too long is refused."""
    room = 2 * element.length
    if not value.is_finite() or value < 0:
        raise UnfitValue(element, say("{value} is not an amount of whole fen from 0", value=value))
    if value < Decimal(10) ** room:
        yuan, parts = value.as_integer_ratio()
        if 100 % parts:
            raise UnfitValue(element, say("{value} is not an amount of whole fen from 0", value=value))
        nibbles = AMOUNTS[standard.switch("amount-coding")].write(yuan * 100 // parts)
        if len(nibbles) <= room:
            return bytes.fromhex(nibbles.ljust(room, "F"))
    raise UnfitValue(element, say("{value} does not fit into {room} half bytes", value=value, room=room))


def _prefixed(standard: Standard, element: Element, image: bytes) -> bytes:
    """The image behind its length, padded with 00. Source: APP11 table 4-3."""
    room = _photo_room(standard, element)
    if len(image) > room:
        raise UnfitValue(element, say("{count} bytes do not fit into {length}", count=len(image), length=room))
    prefix = len(image).to_bytes(standard.limit("photo-length-prefix"), "big")
    return (prefix + image).ljust(element.length, b"\x00")


def _whole(element: Element, value: bytes) -> bytes:
    """Bytes have no padding that could be told from them: they come in full length."""
    if len(value) != element.length:
        raise UnfitValue(element, say("{count} bytes instead of {length}", count=len(value), length=element.length))
    return value
