"""The attributes of table 8-2 of the second revision: for each area whether reading and writing are controlled.

Follows REV2 item 17 (table 8-2) and item 23. A file's own rules are tested one by one in the modules on rights; here
each area is looked at as a whole, record by record.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from conformance.engine.marks import each, refusal, requirement
from conformance.suites.card.steps import PROBE_LENGTH, open_file, require_closed, require_content
from reference.card.apdu import ResponseApdu
from reference.card.violations import UpdateWithoutRight
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import File, FileKind
from reference.terminal.terminal import Terminal


class Area(msgspec.Struct, frozen=True):
    """Files that one row of table 8-2 speaks of."""

    id: str
    files: tuple[File, ...]


def areas(standard: Standard) -> Iterator[Area]:
    """DDF1's files one by one, DF01 and DF02 as a whole, as the table has them."""
    for file in standard.files.values():
        if file.directory == "DDF1":
            yield Area(f"ddf1.{file.fid.lower()}", (file,))
    for directory in ("DDF1/DF01", "DDF1/DF02"):
        inside = tuple(file for file in standard.files.values() if file.directory == directory)
        yield Area(directory.rpartition("/")[2].lower(), inside)


def photo_and_payment_data(standard: Standard) -> Iterator[File]:
    """DDF1/EF07 and EF08, which the second revision added to the table of rights."""
    return (standard.files[path] for path in ("DDF1/EF07", "DDF1/EF08"))


def each_reading(terminal: Terminal, file: File) -> Iterator[ResponseApdu]:
    """Read every record of the selected file, or the first, middle and last bytes; a cyclic file need not be full."""
    if file.kind is FileKind.BINARY:
        for offset in (0, file.size // 2, file.size - PROBE_LENGTH):
            yield terminal.card.read_binary(offset, PROBE_LENGTH)
    else:
        for number in range(1, file.records + 1):
            answer = terminal.card.read_record(number)
            if number > 1 and file.kind is FileKind.CYCLIC and answer.sw == terminal.standard.sw("record-not-found"):
                return
            yield answer


@requirement("card.attribute.{area.id}")
@each("area", areas)
def test_an_area_is_read_whole_with_its_right(terminal: Terminal, area: Area) -> None:
    """Every record, or bytes from start to end, after the read key where there is one."""
    for file in area.files:
        open_file(terminal, file, file.read)
        for answer in each_reading(terminal, file):
            require_content(answer, file.path, file.read)


@requirement("card.attribute.{area.id}")
@refusal(twin="test_an_area_is_read_whole_with_its_right")
@each("area", areas)
def test_nothing_of_an_area_is_had_without_its_right(terminal: Terminal, area: Area) -> None:
    """Without authentication: no record is read where reading is controlled, and no plain update is taken."""
    for file in area.files:
        terminal.start()
        terminal.select(file.path)
        if file.read is not None:
            for answer in each_reading(terminal, file):
                require_closed(answer, file)
        answer = plain_update(terminal, file)
        if answer.granted:
            reason = say("no key had been authenticated")
            raise UpdateWithoutRight(file.path, reason=reason, answer=answer.describe(), read_back=say("not looked at"))


def plain_update(terminal: Terminal, file: File) -> ResponseApdu:
    """An update of no length that any card takes for right: one byte, or a record of two."""
    if file.kind is FileKind.BINARY:
        return terminal.card.update_binary(file.size - 1, b"\x00")
    return terminal.card.update_record(1, b"\x00\x00")


@requirement("card.access.table-has-ef07-ef08")
@each("file", photo_and_payment_data)
def test_photo_and_payment_data_open_with_the_read_key(terminal: Terminal, file: File) -> None:
    """RK1DDF1 opens them."""
    open_file(terminal, file, file.read)
    for answer in each_reading(terminal, file):
        require_content(answer, file.path, file.read)


@requirement("card.access.table-has-ef07-ef08")
@refusal(twin="test_photo_and_payment_data_open_with_the_read_key")
@each("file", photo_and_payment_data)
def test_photo_and_payment_data_are_closed_without_it(terminal: Terminal, file: File) -> None:
    """Nothing authenticated: an error and no data."""
    terminal.select(file.path)
    for answer in each_reading(terminal, file):
        require_closed(answer, file)
