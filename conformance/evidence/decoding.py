"""Exchanges with a chip in words: the command, its fields, and what the status word means.

Command and response structure follow ISO/IEC 7816-4 (5.1); names come from the tables of the standard. Where
nothing matches, the bytes are shown as they are: evidence of another profile stays readable.
"""

from __future__ import annotations

import msgspec

from conformance.evidence.model import Exchange
from conformance.evidence.redaction import MARK, plain
from conformance.evidence.timing import RESET
from reference.card.apdu import CommandApdu, ResponseApdu
from reference.languages import Text, say
from reference.standard import Standard, StandardError, load, profiles
from reference.standard.rows import Command, StatusWord

SELECT = 0xA4
WITHHELD_NAMES: dict[str, Text] = {
    "secret": say("struck out: a PIN or a key"),
    "personal": say("withheld: real data, in the sealed part"),
}


class Part(msgspec.Struct, frozen=True):
    """One field of a command or response: its name, its bytes in hexadecimal, and their meaning, if known."""

    name: Text
    hex: str
    meaning: Text | None = None


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange in words. ``parts`` are empty where the command is not an APDU."""

    title: Text
    sent: tuple[Part, ...] = ()
    received: tuple[Part, ...] = ()


def tables_for(profile: str) -> Standard | None:
    """The tables of the profile that the evidence names; None where this version does not ship it."""
    if profile not in profiles():  # the name comes from the evidence: never let it become a path
        return None
    try:
        return load(profile)
    except StandardError:
        return None


def decode(exchange: Exchange, tables: Standard | None) -> Decoded:
    """The exchange in words, as far as its bytes and the tables allow. Never raises on odd bytes."""
    if exchange.kind == "reset":
        answer = Part(say("answer to reset"), exchange.received)
        return Decoded(title=say("Reset"), received=(answer,))
    received = (Part(say("no answer"), ""),) if exchange.kind == "lost" else _received(exchange, tables)
    try:
        command = CommandApdu.parse(plain(exchange.sent))
    except ValueError:  # malformed on purpose by the test
        return Decoded(title=say("Bytes that are no command"), sent=(_bytes(exchange.sent),), received=received)
    row = _row(command, exchange.channel, tables)
    title = row.title if row else say("Command {ins} (not in the tables)", ins=f"{command.ins:02X}")
    sent = tuple(_withheld(part, exchange, "sent") for part in _sent(command, row, tables))
    return Decoded(title=title, sent=sent, received=received)


def command_name(chip: str, command: str, tables: Standard | None) -> Text:
    """The name of a command by its class and instruction in hexadecimal, as `conformance.evidence.timing` gives them.

    The instruction decides: tests send commands also under classes that they do not have.
    """
    if command == RESET:
        return say("Reset")
    instruction = command[2:]
    rows = tables.commands.values() if tables else ()
    titles = [row.title for row in rows if row.chip == chip and f"{row.ins:02X}" == instruction]
    return titles[0] if titles else say("Command {ins} (not in the tables)", ins=instruction)


def _bytes(hexadecimal: str) -> Part:
    return Part(say("bytes"), hexadecimal)


def _row(command: CommandApdu, chip: str, tables: Standard | None) -> Command | None:
    """The row that fits the header best: the one that fixes most of its fields."""
    rows = tables.commands.values() if tables else ()
    fitting = [
        row
        for row in rows
        if row.chip == chip
        and all(getattr(row, field) in (None, getattr(command, field)) for field in ("cla", "ins", "p1", "p2"))
    ]
    return max(fitting, key=lambda row: (row.p1 is not None) + (row.p2 is not None), default=None)


def _sent(command: CommandApdu, row: Command | None, tables: Standard | None) -> tuple[Part, ...]:
    named = row is not None and command.ins == SELECT
    parts = [
        Part(say("class"), f"{command.cla:02X}"),
        Part(say("instruction"), f"{command.ins:02X}", row.title if row else None),
        Part(say("P1"), f"{command.p1:02X}"),
        Part(say("P2"), f"{command.p2:02X}"),
    ]
    if command.data:
        length = len(command.data)
        meaning = _selected(command.data, tables) if named else None
        parts.append(Part(say("length of data"), f"{length:02X}", say("{number} bytes", number=length)))
        parts.append(Part(say("data"), command.data.hex().upper(), meaning))
    if command.le is not None:
        wanted = say("{number} bytes", number=command.le) if command.le else say("as many as there are")
        parts.append(Part(say("length wanted"), f"{command.le:02X}", wanted))
    return tuple(parts)


def _received(exchange: Exchange, tables: Standard | None) -> tuple[Part, ...]:
    try:
        response = ResponseApdu.parse(plain(exchange.received))
    except ValueError:
        return (_bytes(exchange.received),)
    status = f"{response.sw:04X}"
    row = _status_word(status, tables)
    word = Part(say("status word"), status, row.title if row else say("not in the tables"))
    data = Part(say("data"), response.data.hex().upper())
    return (_withheld(data, exchange, "received"), word) if response.data else (word,)


def _withheld(part: Part, exchange: Exchange, side: str) -> Part:
    """The part as it is, or marked where it is the data of a side that is withheld."""
    why = next((row.why for row in exchange.withheld if row.side == side), None)
    if why is None or part.name != say("data"):
        return part
    return Part(part.name, MARK * (len(part.hex) // 2), WITHHELD_NAMES[why])


def _selected(data: bytes, tables: Standard | None) -> Text | None:
    """What a SELECT names, where one row alone has this identifier or name."""
    if tables is None:
        return None
    wanted = data.hex().upper()
    titles = [row.title for row in tables.directories.values() if wanted in (row.fid, row.name)]
    titles += [row.title for row in tables.files.values() if row.fid == wanted]
    return titles[0] if len(titles) == 1 else None


def _status_word(status: str, tables: Standard | None) -> StatusWord | None:
    """The row that fits the status word with the fewest open digits."""
    rows = tables.status_words.values() if tables else ()
    fitting = [row for row in rows if _fits(row.sw, status)]
    return min(fitting, key=lambda row: row.sw.lower().count("x"), default=None)


def _fits(pattern: str, status: str) -> bool:
    return len(pattern) == len(status) and all(
        wanted in ("X", digit) for wanted, digit in zip(pattern.upper(), status, strict=True)
    )
