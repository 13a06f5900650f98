"""Cyclic files: newest record first, the oldest replaced, records of the table's number and length.

Follows APP11 tables 4-11 and 4-12. The sample must hold at least one record in each cyclic file.
"""

from __future__ import annotations

from conformance.engine.marks import each, refusal, requirement
from conformance.suites.card.steps import open_file
from conformance.suites.card.subjects import cyclic_files
from reference.card.apdu import OK
from reference.card.elements import encode_value
from reference.card.violations import CyclicOrderBroken, UpdateRefused
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import ElementType, File
from reference.terminal.terminal import Terminal


def record(standard: Standard, file: File, number: int) -> bytes:
    """A recognisable record: its number in every text field, a date of its own in every date."""
    texts = {ElementType.ANS: f"T{number:02d}", ElementType.CN: f"202401{number:02d}", ElementType.B: "00"}
    return b"".join(encode_value(element, texts[element.type]) for element in standard.elements(file.path))


def read_all(terminal: Terminal, file: File, beyond: int = 0) -> list[bytes]:
    """The records that the card gives out, from number 1 to the table's number and ``beyond``."""
    open_file(terminal, file, file.read)
    answers = [terminal.card.read_record(number) for number in range(1, file.records + beyond + 1)]
    return [answer.data for answer in answers if answer.sw == OK]


def push(terminal: Terminal, file: File, records: list[bytes]) -> None:
    """Write records, the first first. Raises UpdateRefused."""
    open_file(terminal, file, file.update)
    for content in records:
        answer = terminal.push_record(file.directory, content)
        if answer.sw != OK:
            condition = say("{key} authenticated", key=file.update)
            raise UpdateRefused(file.path, condition=condition, answer=answer.describe())


@requirement("{file.place}.record-count")
@each("file", cyclic_files)
def test_a_cyclic_file_keeps_the_newest_records_first(terminal: Terminal, file: File, standard: Standard) -> None:
    """Write one record more than the table's number: the last of them read back, newest first; then put back."""
    before = read_all(terminal, file)
    written = [record(standard, file, number) for number in range(1, file.records + 2)]
    push(terminal, file, written)
    found = read_all(terminal, file)
    push(terminal, file, before[::-1])
    wanted = written[:0:-1]
    if found != wanted:
        raise CyclicOrderBroken(
            file.path,
            wanted=say("the last {count} records written, newest first", count=file.records),
            found=say("{names}", names=", ".join(names(found, written)) or "–"),
        )


def names(found: list[bytes], written: list[bytes]) -> list[str]:
    """For each record found, the number under which it was written; ? for one that was not."""
    return [str(written.index(content) + 1) if content in written else "?" for content in found]


@requirement("{file.place}.record-count")
@refusal(twin="test_a_cyclic_file_keeps_the_newest_records_first")
@each("file", cyclic_files)
def test_a_cyclic_file_gives_out_no_more_records(terminal: Terminal, file: File) -> None:
    """The record after the table's number is not there."""
    found = read_all(terminal, file, beyond=1)
    if len(found) > file.records:
        raise CyclicOrderBroken(
            file.path,
            wanted=say("{count} records", count=file.records),
            found=say("{count} records", count=len(found)),
        )


@requirement("{file.place}.record-count")
@each("file", cyclic_files)
def test_one_new_record_moves_the_others_down_by_one(terminal: Terminal, file: File, standard: Standard) -> None:
    """Write one record into a full file: it is number 1, the former number 1 is number 2; then put back."""
    before = read_all(terminal, file)
    new = record(standard, file, 99 % 28 + 1)
    push(terminal, file, [new])
    found = read_all(terminal, file)
    push(terminal, file, before[::-1])
    if found[:1] != [new] or found[1:2] != before[:1]:
        raise CyclicOrderBroken(
            file.path,
            wanted=say("the new record first, and the former first one behind it"),
            found=say("{names}", names=", ".join(names(found, [new, *before])) or "–"),
        )
