"""What a card's files hold, as bytes and as values, both ways.

Follows APP11 4.1 (kinds of files), 4.3 (a tagged record is one plain byte tag, one byte length, value) and tables
4-1 to 4-16. Everything that a card may give out is here; keys are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from reference.card.elements import UnfitValue, record_length
from reference.card.values import Value, decode, empty, encode
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Element, File, FileKind

INDEX_FLAG, NO_VISIT = "record-flag", b"\xff"
"""Code table of a visit index, and its value where there is no valid visit."""
Values = dict[str, Value]
"""Values by the ids of their elements."""


class Content(msgspec.Struct):
    """Content of one elementary file; a cyclic file holds its newest record first."""

    records: list[bytes] = []
    binary: bytes = b""


class CardData(msgspec.Struct, frozen=True, kw_only=True):
    """What a card gives out: everything but its keys. A file that nobody could read is missing."""

    profile: str
    """Id of the profile under which the content was written or read."""
    historical: bytes
    """The historical bytes of the reset answer."""
    files: dict[str, Content]
    """Contents by the path of their file."""


class UnfitContent(ValueError):
    """A content that its file cannot have: names the file and the reason."""

    def __init__(self, file: File, reason: Text) -> None:
        self.file, self.reason = file, reason
        self.text = say("{file}: {reason}", file=file.path, reason=reason)
        super().__init__(self.text.en)


class Reading(msgspec.Struct, frozen=True):
    """One element as it was found: its bytes with the value, or with what keeps them from being one."""

    element: Element
    raw: bytes
    value: Value
    fault: Text | None = None

    @property
    def blank(self) -> bool:
        """Whether nothing is stated here."""
        return self.fault is None and self.value is None


def content_fault(standard: Standard, file: File, content: Content) -> Text | None:
    """What is wrong with the content's shape: number and length of records, tags, size; None when it is right."""
    if file.kind is FileKind.BINARY:
        if content.records:
            return say("it holds records, but the file is binary")
        if len(content.binary) != file.size:
            return say("{count} bytes instead of {length}", count=len(content.binary), length=file.size)
        return None
    if content.binary:
        return say("it is binary, but the file holds records")
    found = len(content.records)
    if found > file.records or (found < file.records and file.kind is not FileKind.CYCLIC):
        return say("{count} records instead of {records}", count=found, records=file.records)
    faults = (_record_fault(standard, file, number, raw) for number, raw in enumerate(content.records, 1))
    return next((fault for fault in faults if fault is not None), None)


def _record_fault(standard: Standard, file: File, number: int, raw: bytes) -> Text | None:
    length = record_length(standard, file, number)
    if len(raw) != length:
        return say(
            "record {number} has {count} bytes instead of {length}", number=number, count=len(raw), length=length
        )
    if file.kind is not FileKind.VARIABLE:
        return None
    head = _head(standard.elements(file.path)[number - 1])
    if not raw.startswith(head):
        return say(
            "record {number} begins with {found} instead of tag and length {head}",
            number=number,
            found=raw[: len(head)].hex().upper(),
            head=head.hex().upper(),
        )
    return None


def _head(element: Element) -> bytes:
    """Tag and length of a tagged element; nothing for one known by its place."""
    return b"" if element.tag is None else bytes((element.tag, element.length))


def readings(standard: Standard, file: File, content: Content) -> list[list[Reading]]:
    """Every element of the file as found, faulty ones too; one list a set of values as in `file_values`.

    Raises UnfitContent when the content has not the file's shape.
    """
    fault = content_fault(standard, file, content)
    if fault is not None:
        raise UnfitContent(file, fault)
    elements = standard.elements(file.path)
    return [[_reading(standard, *pair) for pair in _slices(elements, raw)] for raw in _sets(file, content)]


def _sets(file: File, content: Content) -> list[bytes]:
    """The bytes of each set of values: the whole file, or one record of a cyclic or fixed file."""
    match file.kind:
        case FileKind.BINARY:
            return [content.binary]
        case FileKind.VARIABLE:
            return [b"".join(content.records)]
        case FileKind.CYCLIC | FileKind.FIXED:
            return content.records


def _slices(elements: Sequence[Element], raw: bytes) -> Iterator[tuple[Element, bytes]]:
    """Each element with its bytes, one behind the other; tags and lengths are left out."""
    start = 0
    for element in elements:
        start += len(_head(element))
        yield element, raw[start : start + element.length]
        start += element.length


def _reading(standard: Standard, element: Element, raw: bytes) -> Reading:
    try:
        return Reading(element, raw, decode(standard, element, raw))
    except UnfitValue as unfit:
        return Reading(element, raw, None, unfit.reason)


def file_values(standard: Standard, file: File, content: Content) -> list[Values]:
    """The file's values by element id.

    A variable-length record file and a binary file give one set of values; a fixed or cyclic file gives one a
    record, in the order of the records (a cyclic file's newest first).
    Raises UnfitContent for a wrong shape, UnfitValue for bytes that are no value.
    """
    return [{found.element.id: _sound(found) for found in one} for one in readings(standard, file, content)]


def _sound(found: Reading) -> Value:
    if found.fault is not None:
        raise UnfitValue(found.element, found.fault)
    return found.value


def file_content(standard: Standard, file: File, values: Sequence[Mapping[str, Value]]) -> Content:
    """The file's content for its sets of values, shaped as `file_values` gives them.

    An element that a set leaves out states nothing. A cyclic file may have fewer records than it has room for.
    Raises UnfitValue for a value, UnfitContent for an unknown element or a wrong number of sets.
    """
    elements = standard.elements(file.path)
    for given in values:
        for id in given:
            if all(id != element.id for element in elements):
                raise UnfitContent(file, say("it has no element {id}.", id=id))
    coded = [[encode(standard, element, given.get(element.id)) for element in elements] for given in values]
    return _content(standard, file, coded)


def blank_content(standard: Standard, file: File) -> Content:
    """The file as a new card has it: padding only, no record in a cyclic file, no valid visit in an index.

    Flags are 00 (no). Source: APP11 table 3-1; REV2 item 17, table 8-2 (an index record FF is not valid).
    """
    blank = [NO_VISIT if element.codes == INDEX_FLAG else empty(element) for element in standard.elements(file.path)]
    sets = {FileKind.CYCLIC: 0, FileKind.FIXED: file.records}.get(file.kind, 1)
    return _content(standard, file, [blank] * sets)


def _content(standard: Standard, file: File, sets: list[list[bytes]]) -> Content:
    """The content made of the elements' bytes, one list a set. Raises UnfitContent for a wrong number of sets."""
    elements = standard.elements(file.path)
    if file.kind in (FileKind.BINARY, FileKind.VARIABLE) and len(sets) != 1:
        raise UnfitContent(file, say("{count} sets of values instead of one", count=len(sets)))
    match file.kind:
        case FileKind.BINARY:
            content = Content(binary=b"".join(sets[0]))
        case FileKind.VARIABLE:
            content = Content(records=[_head(element) + raw for element, raw in zip(elements, sets[0], strict=True)])
        case FileKind.CYCLIC | FileKind.FIXED:
            content = Content(records=[b"".join(one) for one in sets])
    fault = content_fault(standard, file, content)
    if fault is not None:
        raise UnfitContent(file, fault)
    return content
