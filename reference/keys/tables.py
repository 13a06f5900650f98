"""The table of the crypto machine's protocol (`commands.toml`), typed: sizes, layouts, commands, error codes.

Every row names its basis and source; the fields of a layout read and write themselves (`fields`).
"""

from __future__ import annotations

import functools
from importlib import resources

import msgspec

from reference.keys.fields import Field, HandleField
from reference.languages import Text, say
from reference.ports import CryptoMachineRefused
from reference.standard.rows import Basis


class Founded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row with its basis and the words of its source."""

    basis: Basis
    source: str


class Frame(Founded, frozen=True, kw_only=True):
    """How a message is cut out of the stream: bytes of its length, and the longest body."""

    length_bytes: int
    longest: int


class Sizes(Founded, frozen=True, kw_only=True):
    """Bytes of a block and a factor, and the least that data are filled to with and without factors."""

    block: int
    factor: int
    with_factors: int
    without_factors: int


class Layout(Founded, frozen=True, kw_only=True):
    """The fields of a message behind its code, in their order."""

    id: str
    fields: tuple[Field, ...]


class Command(Founded, frozen=True, kw_only=True):
    """One command: its code, that of its answer, and the layouts behind each."""

    id: str
    code: str
    answer: str
    title: Text
    request: str
    answered: str


class ErrorRow(Founded, frozen=True, kw_only=True):
    """A code that an answer carries, and what it says."""

    id: str
    code: str
    title: Text


class Protocol(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole table."""

    frame: Frame
    sizes: Sizes
    layout: tuple[Layout, ...]
    command: tuple[Command, ...]
    error: tuple[ErrorRow, ...]


@functools.cache
def protocol() -> Protocol:
    """The shipped table."""
    return msgspec.toml.decode(resources.files(__package__).joinpath("commands.toml").read_bytes(), type=Protocol)


@functools.cache
def layout(id: str) -> tuple[Field, ...]:
    """The fields of a layout."""
    return {row.id: row for row in protocol().layout}[id].fields


@functools.cache
def handle() -> HandleField:
    """How key versions are written."""
    return next(field for row in protocol().layout for field in row.fields if isinstance(field, HandleField))


@functools.cache
def command(id: str) -> Command:
    """The command with an id."""
    return {row.id: row for row in protocol().command}[id]


@functools.cache
def command_by_code() -> dict[bytes, Command]:
    """The commands by the code that a request begins with."""
    return {row.code.encode("ascii"): row for row in protocol().command}


@functools.cache
def error_code(id: str) -> str:
    """The two characters that say an error."""
    return {row.id: row.code for row in protocol().error}[id]


def refusal(id: str) -> CryptoMachineRefused:
    """The refusal with an id, to raise."""
    return refusal_by_code(error_code(id))


def refusal_by_code(code: str) -> CryptoMachineRefused:
    """The refusal that a machine's code stands for; codes outside the table are told as they are."""
    for row in protocol().error:
        if row.code == code:
            return CryptoMachineRefused(code, row.title)
    return CryptoMachineRefused(code, say("the machine's own code {code}, which is not in the table", code=code))
