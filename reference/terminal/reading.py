"""Reading a card's whole content with the SAM at hand (APP11 5.1.1, 6.1.1, 6.2.1, 6.3.1, 6.4).

Every file is opened with its own read key; what the SAM's type cannot open, or the card does not give, is reported and
the rest read on. Records are read by number, those of DDF1/EF05 by tag, binary files in blocks of 80h, as fielded.
"""

from __future__ import annotations

import datetime

import msgspec

from reference.card.apdu import ResponseApdu
from reference.card.images import CardData, Content, content_fault
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import File, FileKind
from reference.terminal.admission import admit, begin, expiry_key, internal_key, need_sam
from reference.terminal.sam_session import SamRefuses
from reference.terminal.terminal import ISSUER_FILE, OK, FlowBroken, Terminal


class Unread(msgspec.Struct, frozen=True):
    """A file that could not be read: the key that is missing, where it is for want of one, and the reason."""

    file: str
    missing_key: str | None
    reason: Text


class CardReading(msgspec.Struct, frozen=True):
    """A card's content as far as the SAM opens it."""

    data: CardData
    unread: tuple[Unread, ...]
    sam_type: int


class NotGiven(Exception):
    """The card does not give a file's content: holds what it answered."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


def read_card(terminal: Terminal, today: datetime.date) -> CardReading:
    """Read every file that the SAM opens. The expiry date is held against ``today`` where the SAM opens it.

    Raises WrongSamType (before the card is touched), CardExpired, FlowBroken for a card that is none of the system's,
    SamRefuses.
    """
    standard = terminal.standard
    number = need_sam(terminal, say("reading a card"), [internal_key(standard)])
    held = standard.sam_types[number].keys
    if expiry_key(standard) in (None, *held):
        admit(terminal, today)
    else:
        begin(terminal)
    files, unread = {}, []
    for file in standard.files.values():
        content = _read_or_tell(terminal, file, held)
        if isinstance(content, Unread):
            unread.append(content)
        else:
            files[file.path] = content
    data = CardData(profile=standard.profile.id, historical=terminal.historical, files=files)
    return CardReading(data, tuple(unread), number)


def _read_or_tell(terminal: Terminal, file: File, held: tuple[str, ...]) -> Content | Unread:
    if file.read not in (None, *held):
        return Unread(file.path, file.read, _missing(terminal.standard, file.read))
    try:
        content = read_file(terminal, file)
    except NotGiven as fault:
        return Unread(file.path, None, fault.reason)
    except FlowBroken as fault:
        return Unread(file.path, None, fault.violation.tell(fault.violation.summary))
    except SamRefuses as fault:
        return Unread(file.path, file.read, fault.text)
    wrong_shape = content_fault(terminal.standard, file, content)
    return content if wrong_shape is None else Unread(file.path, None, wrong_shape)


def _missing(standard: Standard, key: str | None) -> Text:
    holders = [str(number) for number, row in standard.sam_types.items() if key in row.keys]
    return say("the SAM does not hold {key}; SAMs of type {types} do", key=key, types=", ".join(holders))


def read_file(terminal: Terminal, file: File) -> Content:
    """One file's content, after opening it with its read key. Raises NotGiven, FlowBroken, SamRefuses."""
    terminal.select(file.path)
    if file.read is not None:
        terminal.authenticate(file.read)
    if file.kind is FileKind.BINARY:
        return Content(binary=read_binary(terminal, 0, file.size))
    return Content(records=_records(terminal, file))


def _records(terminal: Terminal, file: File) -> list[bytes]:
    """All records; a cyclic file may end before its table does."""
    records = []
    for number in range(1, file.records + 1):
        answer = _record(terminal, file, number)
        if file.kind is FileKind.CYCLIC and answer.sw == terminal.standard.sw("record-not-found"):
            break
        if answer.sw != OK:
            raise NotGiven(say("the card answers {answer} to record {number}", answer=answer.describe(), number=number))
        records.append(answer.data)
    return records


def _record(terminal: Terminal, file: File, number: int) -> ResponseApdu:
    if file.path == ISSUER_FILE:
        return terminal.card.read_record_tagged(terminal.standard.elements(file.path)[number - 1].tag or 0)
    return terminal.card.read_record(number)


def read_binary(terminal: Terminal, offset: int, length: int) -> bytes:
    """A part of the selected binary file, block by block. Raises NotGiven."""
    block, content = terminal.standard.limit("read-binary-chunk"), b""
    for at in range(offset, offset + length, block):
        wanted = min(block, offset + length - at)
        answer = terminal.card.read_binary(at, wanted)
        if answer.sw != OK or len(answer.data) != wanted:
            raise NotGiven(say("the card answers {answer} at offset {offset}", answer=answer.describe(), offset=at))
        content += answer.data
    return content
