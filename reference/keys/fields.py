"""The forms of fields in messages of the crypto machine: each writes its value and reads it back, strictly.

Forms and their parameters come from the layouts of `commands.toml`. Numbers are ASCII digits of exactly the given
count, hexadecimal ones upper case when written and of either case when read.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Final

import msgspec

from reference.languages import Text, say

Value = str | int | bytes | tuple[bytes, ...]
Values = Mapping[str, Value]
"""Values by the names of their fields."""

DIGITS: Final = {10: string.digits.encode(), 16: string.hexdigits.encode()}
PRINTABLE: Final = range(0x20, 0x7F)
HEX_DIGITS_PER_BYTE: Final = 2


class MalformedMessage(ValueError):
    """Bytes that are no message of the protocol, or values that fit into none; ``text`` says why.

    ``error`` is the id of the error (`commands.toml`) that a machine answers with. Values are never shown.
    """

    error = "malformed"

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class WrongField(MalformedMessage):
    """A field holds what it must not hold."""


class WrongLength(MalformedMessage):
    """The message is shorter than its fields say, or the data longer than a length can say."""

    error = "length"


class TrailingBytes(MalformedMessage):
    """Bytes follow the last field."""

    error = "length"


class UnknownCommand(MalformedMessage):
    """No command has this code."""

    error = "unknown-command"


class UnknownHandle(MalformedMessage):
    """No key version is written like this."""

    error = "unknown-key"


class Cursor:
    """A message body that is read from front to back; ``at`` is the next byte's place in it."""

    def __init__(self, body: bytes, at: int = 0) -> None:
        self.body, self.at = body, at

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes. Raises WrongLength when there are fewer."""
        taken = self.body[self.at : self.at + count]
        if len(taken) < count:
            raise WrongLength(
                say(
                    "The message ends at byte {at}; {count} bytes from byte {begin} were to follow.",
                    at=len(self.body),
                    count=count,
                    begin=self.at,
                )
            )
        self.at += count
        return taken

    def number(self, digits: int, base: int) -> int:
        """The next number. Raises WrongField when a character is no digit, WrongLength."""
        begin, written = self.at, self.take(digits)
        # int() alone would take signs, spaces and underscores.
        if any(character not in DIGITS[base] for character in written):
            raise WrongField(say("Byte {at}: {digits} digits must stand there.", at=begin, digits=digits))
        return int(written, base)

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self.body) - self.at)

    def end(self) -> None:
        """Raise TrailingBytes unless everything was read."""
        if self.at < len(self.body):
            count = len(self.body) - self.at
            raise TrailingBytes(say("{count} bytes follow the last field.", count=count))


class FixedField(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="form", tag="fixed"):
    """Characters that always stand there."""

    value: str

    def write(self, values: Values) -> bytes:
        """The characters."""
        return self.value.encode("ascii")

    def read(self, cursor: Cursor) -> dict[str, Value]:
        """Nothing; raises WrongField when other characters stand there."""
        begin = cursor.at
        if cursor.take(len(self.value)) != self.value.encode("ascii"):
            raise WrongField(say("Byte {at}: {value} must stand there.", at=begin, value=self.value))
        return {}


class TextField(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="form", tag="text"):
    """So many printable ASCII characters."""

    name: str
    length: int

    def write(self, values: Values) -> bytes:
        """The characters. Raises WrongField for others or another number."""
        written = printable(values[self.name], 0)
        if len(written) != self.length:
            raise WrongField(say("{name} has {length} characters.", name=self.name, length=self.length))
        return written

    def read(self, cursor: Cursor) -> dict[str, Value]:
        """The characters under the field's name."""
        begin = cursor.at
        return {self.name: printable(cursor.take(self.length), begin).decode("ascii")}


class RestField(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="form", tag="rest"):
    """Printable ASCII characters up to the end."""

    name: str

    def write(self, values: Values) -> bytes:
        """The characters. Raises WrongField for others."""
        return printable(values[self.name], 0)

    def read(self, cursor: Cursor) -> dict[str, Value]:
        """The characters under the field's name."""
        begin = cursor.at
        return {self.name: printable(cursor.rest(), begin).decode("ascii")}


class CountedField(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="form", tag="counted"):
    """Any bytes behind their number, which has so many digits to a base."""

    name: str
    digits: int
    base: int

    def write(self, values: Values) -> bytes:
        """Number and bytes. Raises WrongLength when the digits cannot say the number."""
        data = values[self.name]
        assert isinstance(data, bytes)
        return number(len(data), self.digits, self.base) + data

    def read(self, cursor: Cursor) -> dict[str, Value]:
        """The bytes under the field's name."""
        return {self.name: cursor.take(cursor.number(self.digits, self.base))}


class FactorsField(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="form", tag="factors"):
    """A decimal count of factors, then each in hexadecimal."""

    name: str
    digits: int
    length: int
    most: int

    def write(self, values: Values) -> bytes:
        """Count and factors. Raises WrongField for too many of them or another length."""
        factors = values[self.name]
        assert isinstance(factors, tuple)
        if any(len(factor) != self.length for factor in factors):
            raise WrongField(say("A factor has {length} bytes.", length=self.length))
        self._require_few(len(factors))
        return number(len(factors), self.digits, 10) + b"".join(factor.hex().upper().encode() for factor in factors)

    def read(self, cursor: Cursor) -> dict[str, Value]:
        """The factors as bytes under the field's name."""
        count = cursor.number(self.digits, 10)
        self._require_few(count)
        return {self.name: tuple(self._factor(cursor) for _ in range(count))}

    def _require_few(self, count: int) -> None:
        if count > self.most:
            raise WrongField(say("There are at most {most} factors.", most=self.most))

    def _factor(self, cursor: Cursor) -> bytes:
        return cursor.number(self.length * HEX_DIGITS_PER_BYTE, 16).to_bytes(self.length, "big")


class HandleField(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="form", tag="handle"):
    """A key version as its handle: a letter, then base + step · version in so many decimal digits."""

    name: str
    letter: str
    digits: int
    base: int
    step: int

    def write(self, values: Values) -> bytes:
        """The handle. Raises UnknownHandle for versions below 1 and those that the digits cannot say."""
        version = values[self.name]
        assert isinstance(version, int)
        if not 1 <= version <= self.highest:
            raise UnknownHandle(say("Key versions are numbers from 1 to {highest}.", highest=self.highest))
        return self.letter.encode("ascii") + number(self.base + self.step * version, self.digits, 10)

    def read(self, cursor: Cursor) -> dict[str, Value]:
        """The version under the field's name. Raises UnknownHandle for handles of no version."""
        begin = cursor.at
        letter, written = cursor.take(len(self.letter)), cursor.number(self.digits, 10)
        version, between = divmod(written - self.base, self.step)
        if letter != self.letter.encode("ascii") or between or version < 1:
            raise UnknownHandle(say("Byte {at}: this is the handle of no key version.", at=begin))
        return {self.name: version}

    @property
    def highest(self) -> int:
        """The last version that has a handle."""
        return int((10**self.digits - 1 - self.base) // self.step)


Field = FixedField | TextField | RestField | CountedField | FactorsField | HandleField


def number(value: int, digits: int, base: int) -> bytes:
    """A number in so many digits. Raises WrongLength when it needs more."""
    if value >= base**digits:
        raise WrongLength(say("{value} is more than {digits} digits can say.", value=value, digits=digits))
    return f"{value:0{digits}{'X' if base == 16 else 'd'}}".encode("ascii")


def printable(characters: Value, begin: int) -> bytes:
    """The characters as bytes. Raises WrongField unless all are printable ASCII; ``begin`` is where they stand."""
    written = characters.encode("utf-8") if isinstance(characters, str) else characters
    assert isinstance(written, bytes)
    if any(byte not in PRINTABLE for byte in written):
        raise WrongField(say("Byte {at}: printable ASCII characters must stand there.", at=begin))
    return written
