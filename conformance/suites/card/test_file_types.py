"""File types and sizes: each file takes the access of its type and refuses that of the other.

Follows APP11 4.1 notes 1 and 2 and tables 4-1 to 4-16.
"""

from __future__ import annotations

from conformance.engine.marks import each, refusal, requirement
from conformance.evidence.wording import FILE_KIND_NAMES
from conformance.suites.card.steps import must_read, open_file, read_first, require_content
from conformance.suites.card.subjects import binary_files, files, fixed_files, record_files
from reference.card.apdu import OK
from reference.card.elements import record_length
from reference.card.violations import WrongCount, WrongFileType
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import File, FileKind
from reference.terminal.terminal import Terminal

HIGHEST_RECORD = 255


@requirement("{file.place}.type")
@each("file", files)
def test_a_file_takes_the_access_of_its_type(terminal: Terminal, file: File) -> None:
    """With the right satisfied, READ BINARY or READ RECORD gives content."""
    open_file(terminal, file, file.read)
    require_content(read_first(terminal.card, file), file.path, file.read)


@requirement("{file.place}.type")
@refusal(twin="test_a_file_takes_the_access_of_its_type")
@each("file", files)
def test_a_file_refuses_the_access_of_another_type(terminal: Terminal, file: File) -> None:
    """With the right satisfied, READ RECORD on a binary file or READ BINARY on a record file is refused."""
    open_file(terminal, file, file.read)
    binary = file.kind is FileKind.BINARY
    answer = terminal.card.read_record(1) if binary else terminal.card.read_binary(0, 1)
    if answer.granted:
        command = "READ RECORD" if binary else "READ BINARY"
        raise WrongFileType(file.path, command=command, kind=FILE_KIND_NAMES[file.kind], answer=answer.describe())


@requirement("card.file.record-unit")
@each("file", record_files)
def test_a_record_is_read_whole(terminal: Terminal, file: File, standard: Standard) -> None:
    """READ RECORD of the first record gives all its bytes."""
    open_file(terminal, file, file.read)
    found = len(must_read(terminal.card.read_record(1), file.path))
    expect_size(file.path, record_length(standard, file, 1), found)


@requirement("card.file.binary-by-address")
@each("file", binary_files)
def test_bytes_are_read_by_their_address(terminal: Terminal, file: File) -> None:
    """Eight bytes read at once equal two times four, at the start, across a block border and at the end."""
    open_file(terminal, file, file.read)
    for offset in (0, 124, file.size - 8):
        whole = must_read(terminal.card.read_binary(offset, 8), file.path)
        parts = b"".join(must_read(terminal.card.read_binary(offset + at, 4), file.path) for at in (0, 4))
        if whole != parts:
            raise WrongCount(
                file.path,
                wanted=say("the same bytes whichever way they are read"),
                found=say("{whole} and {parts}", whole=whole.hex().upper(), parts=parts.hex().upper()),
            )


@requirement("{file.place}.type")
@each("file", binary_files)
def test_a_binary_file_has_its_full_size(terminal: Terminal, file: File) -> None:
    """The last byte of the table's size is there."""
    open_file(terminal, file, file.read)
    expect_size(file.path, 1, len(terminal.card.read_binary(file.size - 1, 1).data))


@requirement("{file.place}.type")
@refusal(twin="test_a_binary_file_has_its_full_size")
@each("file", binary_files)
def test_a_binary_file_ends_at_its_size(terminal: Terminal, file: File) -> None:
    """The byte after the table's size is not there."""
    open_file(terminal, file, file.read)
    answer = terminal.card.read_binary(file.size, 1)
    if answer.granted:
        raise WrongCount(
            file.path,
            wanted=say("{count} bytes", count=file.size),
            found=say("a byte behind them: {answer}", answer=answer.describe()),
        )


@requirement("{file.place}.record-count")
@each("file", fixed_files)
def test_a_fixed_file_has_its_records(terminal: Terminal, file: File) -> None:
    """All records of the table are there, each with its length."""
    open_file(terminal, file, file.read)
    for number in range(1, file.records + 1):
        found = len(must_read(terminal.card.read_record(number), file.path))
        expect_size(f"{file.path} record {number}", file.record_length, found)


@requirement("{file.place}.record-count")
@refusal(twin="test_a_fixed_file_has_its_records")
@each("file", fixed_files)
def test_a_fixed_file_has_no_more_records(terminal: Terminal, file: File) -> None:
    """The record after the last is not there."""
    open_file(terminal, file, file.read)
    expect_no_record(terminal, file, file.records + 1)


@requirement("card.file.max-254-records")
@refusal(twin="test_a_file_takes_the_access_of_its_type")
@each("file", record_files)
def test_there_is_no_record_255(terminal: Terminal, file: File) -> None:
    """READ RECORD 255 is refused."""
    open_file(terminal, file, file.read)
    expect_no_record(terminal, file, HIGHEST_RECORD)


def expect_size(subject: str, wanted: int, found: int) -> None:
    """Raise WrongCount unless the number of bytes is right."""
    if wanted != found:
        raise WrongCount(subject, wanted=say("{count} bytes", count=wanted), found=say("{count} bytes", count=found))


def expect_no_record(terminal: Terminal, file: File, number: int) -> None:
    """Raise WrongCount when the record is given out."""
    answer = terminal.card.read_record(number)
    if answer.granted or answer.sw == OK:
        raise WrongCount(
            file.path,
            wanted=say("an error for record {number}", number=number),
            found=say("the card answered {answer}", answer=answer.describe()),
        )
