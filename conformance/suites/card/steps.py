"""Steps that the card's tests share: opening a file, reading and changing its content, and putting it back.

Each step selects its file anew and authenticates anew, so that no test leans on rights that a card may drop early.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from reference.card.apdu import OK, ResponseApdu
from reference.card.elements import encode_value
from reference.card.violations import ReadRefused, ReadWithoutRight
from reference.languages import say
from reference.standard.rows import Element, ElementType, File, FileKind, Protection
from reference.terminal.card_session import CardSession
from reference.terminal.terminal import FlowBroken, Terminal

PROBE_LENGTH = 8
"""Bytes read or changed as a sample of a binary file."""


def read_first(card: CardSession, file: File) -> ResponseApdu:
    """Read the file's first record or first bytes, as its type demands."""
    return card.read_binary(0, PROBE_LENGTH) if file.kind is FileKind.BINARY else card.read_record(1)


def open_file(terminal: Terminal, file: File, key: str | None) -> None:
    """Select the file and authenticate ``key``, if one is needed, as fielded terminals do."""
    terminal.select(file.path)
    if key is not None:
        terminal.authenticate(key)


def require_content(answer: ResponseApdu, subject: str, key: str | None) -> None:
    """Raise ReadRefused unless the card gave out content, as it must once ``key`` is authenticated."""
    if answer.sw != OK or not answer.data:
        condition = say("{key} authenticated", key=key) if key else say("it is free to read")
        raise ReadRefused(subject, condition=condition, answer=answer.describe())


def require_closed(answer: ResponseApdu, file: File) -> None:
    """Raise ReadWithoutRight when the card gave out content, or said 9000, although the right was missing."""
    if answer.granted:
        raise ReadWithoutRight(file.path, key=file.read, answer=answer.describe())


def must_read(answer: ResponseApdu, subject: str) -> bytes:
    """The data of a read that has every right to succeed. Raises FlowBroken(ReadRefused)."""
    if answer.sw != OK or not answer.data:
        raise FlowBroken(ReadRefused(subject, condition=say("after authentication"), answer=answer.describe()))
    return answer.data


class Sample(msgspec.Struct, frozen=True):
    """What a test found before it changed anything: the part that it changes, and what it takes to put that back.

    Two samples are alike when the part is, and for a cyclic file when all its records are.
    """

    content: bytes
    records: tuple[bytes, ...] = ()
    """All records of a cyclic file, the newest first: an update pushes the oldest out."""


def sample(terminal: Terminal, file: File) -> Sample:
    """The part of the file's content that the tests change: record 1, or the last bytes of a binary file."""
    open_file(terminal, file, file.read)
    if file.kind is FileKind.BINARY:
        return Sample(must_read(terminal.card.read_binary(file.size - PROBE_LENGTH, PROBE_LENGTH), file.path))
    first = must_read(terminal.card.read_record(1), file.path)
    return Sample(first, (first, *further_records(terminal, file)) if file.kind is FileKind.CYCLIC else ())


def further_records(terminal: Terminal, file: File) -> Iterator[bytes]:
    """The records after the first that the card gives out; a cyclic file need not be full."""
    for number in range(2, file.records + 1):
        answer = terminal.card.read_record(number)
        if answer.sw != OK:
            return
        yield answer.data


def changed(terminal: Terminal, file: File, before: Sample) -> bytes:
    """Another content of the same form for what `sample` returned."""
    content, elements = before.content, terminal.standard.elements(file.path)
    if file.kind is FileKind.VARIABLE:
        return content[:2] + other_value(elements[0], content[2:])
    if file.kind is FileKind.CYCLIC:
        return b"".join(other_value(e, content[e.offset : e.offset + e.length]) for e in elements)
    return bytes(byte ^ 0xFF for byte in content)


def other_value(element: Element, value: bytes) -> bytes:
    """A valid value of the element that differs from the given one."""
    for text in _CANDIDATES[element.type]:
        candidate = encode_value(element, (text * element.length)[: _digits(element)])
        if candidate != value:
            return candidate
    raise AssertionError(element)


_CANDIDATES = {
    ElementType.ANS: ("7", "8"),
    ElementType.CN: ("20301231", "19991130"),
    ElementType.B: ("01", "00"),
}


def _digits(element: Element) -> int:
    return element.length if element.type is ElementType.ANS else 2 * element.length


def send_update(terminal: Terminal, file: File, content: bytes) -> ResponseApdu:
    """Update the sample in the form that the file demands; rights are as they are."""
    if file.protection is Protection.PLAIN:
        if file.kind is FileKind.BINARY:
            return terminal.card.update_binary(file.size - PROBE_LENGTH, content)
        if file.kind is FileKind.CYCLIC:
            return terminal.card.push_record(content)
        return terminal.card.update_record(1, content)
    if file.kind is FileKind.CYCLIC:
        return terminal.push_record(file.directory, content)
    return terminal.update_record(file.directory, 1, content)


def put_back(terminal: Terminal, file: File, before: Sample) -> None:
    """Give the file its old content again, after a test that changed it: a cyclic file all its records."""
    open_file(terminal, file, file.update)
    for content in before.records[::-1] or (before.content,):
        send_update(terminal, file, content)
