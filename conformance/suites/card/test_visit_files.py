"""The management data area: flags of the visit indexes, and the visit files behind them.

Follows APP11 tables 4-13 to 4-16, 6.4 and REV2 items 17, 24 and 25. Flags are set by WRITE RECORD (UK1DF03) and cleared
by ERASE RECORD (UK2DF03), both under a MAC; visit files are written in plain after UK1DF03. Everything is put back.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.engine.marks import each, refusal, requirement, uses_up
from conformance.engine.transcript import Transcript
from conformance.suites.card.steps import must_read, open_file
from conformance.suites.card.subjects import fixed_files, visit_files, visit_groups
from reference.card.apdu import OK, ResponseApdu
from reference.card.elements import encode_value
from reference.card.violations import (
    BadMacAccepted,
    ContentNotStored,
    FlagNotKept,
    UnprotectedUpdateAccepted,
    UpdateRefused,
    UpdateWithoutRight,
    WrongContent,
)
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import File
from reference.terminal.card_session import BY_NUMBER, PROTECTED, SECURED
from reference.terminal.terminal import Terminal

VALID, EMPTY = b"\x00", b"\xff"
SET, CLEAR = "write-record", "erase-record"
RECORD = 1
SAMPLE = 16


def flag(terminal: Terminal, file: File) -> bytes:
    """The first flag of a visit index, read with its right."""
    open_file(terminal, file, file.read)
    return must_read(terminal.card.read_record(RECORD), file.path)


def change_flag(terminal: Terminal, file: File, command: str) -> ResponseApdu:
    """Set or clear the first flag with every right."""
    open_file(terminal, file, right(file, command))
    return terminal.protected(command, file.directory, p1=RECORD)


def right(file: File, command: str) -> str:
    """The key that the command needs on the file."""
    key = file.update if command == SET else file.erase
    assert key is not None
    return key


def bring_to(terminal: Terminal, file: File, value: bytes) -> None:
    """Give the first flag a value, whatever it is now."""
    if flag(terminal, file) != value:
        change_flag(terminal, file, SET if value == VALID else CLEAR)


def require_flag(terminal: Terminal, file: File, wanted: bytes, answer: ResponseApdu, at: int | None) -> None:
    """Raise unless the change was accepted and the flag reads back so."""
    if answer.sw != OK:
        condition = say("right key and MAC")
        raise UpdateRefused(file.path, condition=condition, answer=answer.describe()).at(at)
    found = flag(terminal, file)
    if found != wanted:
        raise FlagNotKept(file.path, wanted=wanted.hex().upper(), found=found.hex().upper()).at(at)


@requirement(
    "{file.place}.update-needs-{file.update}",
    "{file.place}.update-sm",
    "{file.place}.values",
    "card.key.{file.update}.files",
)
@each("file", fixed_files)
def test_write_record_sets_a_flag_after_the_update_key(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """Flag FF; UK1DF03, WRITE RECORD with MAC: 9000, and 00 reads back; then put back."""
    before = flag(terminal, file)
    bring_to(terminal, file, EMPTY)
    answer = change_flag(terminal, file, SET)
    require_flag(terminal, file, VALID, answer, transcript.last())
    bring_to(terminal, file, before)


@requirement("{file.place}.erase-needs-{file.erase}", "{file.place}.values", "card.key.{file.erase}.files")
@each("file", fixed_files)
def test_erase_record_clears_a_flag_after_the_erase_key(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """Flag 00; UK2DF03, ERASE RECORD with MAC: 9000, and FF reads back; then put back."""
    before = flag(terminal, file)
    bring_to(terminal, file, VALID)
    answer = change_flag(terminal, file, CLEAR)
    require_flag(terminal, file, EMPTY, answer, transcript.last())
    bring_to(terminal, file, before)


@requirement("{file.place}.flag", "{file.place}.values", "card.attribute.df03.index")
@each("file", fixed_files)
def test_every_flag_is_00_or_ff(terminal: Terminal, file: File) -> None:
    """All records of the index: one byte, 00 or FF."""
    open_file(terminal, file, file.read)
    for number in range(1, file.records + 1):
        value = must_read(terminal.card.read_record(number), file.path)
        if value not in (VALID, EMPTY):
            raise WrongContent(
                f"{file.path} record {number}", wanted=say("00 or FF"), found=say("{hex}", hex=value.hex().upper())
            )


def refuse_change(terminal: Terminal, file: File, command: str, transcript: Transcript, *keys: str | None) -> None:
    """With each of the keys (None: nothing) the flag command with a right MAC is refused, and the flag stays."""
    before = flag(terminal, file)
    start = EMPTY if command == SET else VALID
    for key in keys:
        bring_to(terminal, file, start)
        terminal.start()
        open_file(terminal, file, key)
        answer = terminal.protected(command, file.directory, p1=RECORD)
        at, found = transcript.last(), flag(terminal, file)
        if answer.granted or found != start:
            reason = say("only {key} had been authenticated", key=key) if key else say("no key had been authenticated")
            read_back = say("as before") if found == start else say("changed")
            bring_to(terminal, file, before)
            raise UpdateWithoutRight(file.path, reason=reason, answer=answer.describe(), read_back=read_back).at(at)
    bring_to(terminal, file, before)


@requirement("{file.place}.update-needs-{file.update}", "card.key.{file.update}.files")
@refusal(twin="test_write_record_sets_a_flag_after_the_update_key")
@each("file", fixed_files)
def test_write_record_is_refused_without_the_update_key(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """Nothing authenticated, the read key, the erase key: refused, and the flag stays."""
    refuse_change(terminal, file, SET, transcript, None, file.read, file.erase)


@requirement("{file.place}.erase-needs-{file.erase}", "card.key.{file.erase}.files")
@refusal(twin="test_erase_record_clears_a_flag_after_the_erase_key")
@each("file", fixed_files)
def test_erase_record_is_refused_without_the_erase_key(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """Nothing authenticated, the read key, the update key: refused, and the flag stays."""
    refuse_change(terminal, file, CLEAR, transcript, None, file.read, file.update)


@requirement("{file.place}.erase-needs-{file.erase}")
@refusal(twin="test_erase_record_clears_a_flag_after_the_erase_key")
@each("file", fixed_files)
def test_update_record_is_no_way_around_the_erase_key(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """Flag 00; UK1DF03 alone, UPDATE RECORD of FF with a right MAC: the flag stays 00."""
    before = flag(terminal, file)
    bring_to(terminal, file, VALID)
    terminal.start()
    open_file(terminal, file, file.update)
    header = terminal.update_header(RECORD, BY_NUMBER)
    answer = terminal.card.update_record(
        RECORD, EMPTY + terminal.command_mac(file.directory, header, EMPTY), cla=SECURED
    )
    at, found = transcript.last(), flag(terminal, file)
    bring_to(terminal, file, before)
    if answer.granted or found != VALID:
        reason = say("only {key} had been authenticated", key=file.update)
        read_back = say("as before") if found == VALID else say("changed")
        raise UpdateWithoutRight(file.path, reason=reason, answer=answer.describe(), read_back=read_back).at(at)


def indexes(standard: Standard) -> Iterator[tuple[str, File]]:
    """The kind of visit of each index: the flow that the standard describes for it."""
    return zip(("inpatient", "outpatient"), fixed_files(standard), strict=True)


def refuse_macs(terminal: Terminal, file: File, command: str, transcript: Transcript) -> None:
    """No MAC, and one wrong bit in each byte of it: refused, and the flag stays; a right command follows."""
    before = flag(terminal, file)
    start = EMPTY if command == SET else VALID
    bring_to(terminal, file, start)
    row = terminal.standard.commands[f"card.{command}"]
    for fault in (None, 0, 1, 2, 3):
        open_file(terminal, file, right(file, command))
        mac = bytearray(terminal.command_mac(file.directory, bytes((PROTECTED, row.ins, RECORD, 0))))
        if fault is not None:
            mac[fault] ^= 0x01
        answer = terminal.card.send(command, p1=RECORD, data=b"" if fault is None else bytes(mac))
        at, found = transcript.last(), flag(terminal, file)
        if answer.granted or found != start:
            text = (
                say("no MAC") if fault is None else say("one bit changed in byte {number} of the MAC", number=fault + 1)
            )
            read_back = say("as before") if found == start else say("changed")
            bring_to(terminal, file, before)
            raise BadMacAccepted(file.path, fault=text, answer=answer.describe(), read_back=read_back).at(at)
        change_flag(terminal, file, command)
        bring_to(terminal, file, start)
    bring_to(terminal, file, before)


@requirement("card.record-{index[0]}.write-index-needs-mac")
@refusal(twin="test_a_visit_is_recorded_and_settled")
@uses_up("wrong-mac", 4)
@each("index", indexes)
def test_write_record_is_refused_with_a_wrong_mac(
    terminal: Terminal, index: tuple[str, File], transcript: Transcript
) -> None:
    """WRITE RECORD without MAC and with each byte of it disturbed."""
    refuse_macs(terminal, index[1], SET, transcript)


@requirement("card.settle-{index[0]}.erase-needs-mac")
@refusal(twin="test_a_visit_is_recorded_and_settled")
@uses_up("wrong-mac", 4)
@each("index", indexes)
def test_erase_record_is_refused_with_a_wrong_mac(
    terminal: Terminal, index: tuple[str, File], transcript: Transcript
) -> None:
    """ERASE RECORD without MAC and with each byte of it disturbed."""
    refuse_macs(terminal, index[1], CLEAR, transcript)


@requirement("card.record-{index[0]}.write-index-needs-mac", "card.settle-{index[0]}.erase-needs-mac")
@each("index", indexes)
def test_a_visit_is_recorded_and_settled(terminal: Terminal, index: tuple[str, File], transcript: Transcript) -> None:
    """WRITE RECORD, then ERASE RECORD, each with its key and a right MAC: both are taken."""
    file = index[1]
    before = flag(terminal, file)
    bring_to(terminal, file, EMPTY)
    require_flag(terminal, file, VALID, change_flag(terminal, file, SET), transcript.last())
    require_flag(terminal, file, EMPTY, change_flag(terminal, file, CLEAR), transcript.last())
    bring_to(terminal, file, before)


@requirement("card.key.stkdf03.files")
@each("file", fixed_files)
def test_the_maintenance_key_protects_flags(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """A MAC under STKDF03: taken; then put back."""
    test_write_record_sets_a_flag_after_the_update_key(terminal, file, transcript)


@requirement("card.key.stkdf03.files")
@refusal(twin="test_the_maintenance_key_protects_flags")
@uses_up("wrong-mac")
@each("file", fixed_files)
def test_a_mac_of_another_key_changes_no_flag(
    terminal: Terminal, file: File, standard: Standard, transcript: Transcript
) -> None:
    """UK1DF03 authenticated, a MAC under STKDF02: refused, and the flag stays; a right command follows."""
    before = flag(terminal, file)
    bring_to(terminal, file, EMPTY)
    open_file(terminal, file, file.update)
    header = bytes((PROTECTED, standard.commands[f"card.{SET}"].ins, RECORD, 0))
    mac = terminal.command_mac(file.directory, header, mac_key=terminal.maintenance_key("DDF1/DF02"))
    answer = terminal.card.send(SET, p1=RECORD, data=mac)
    at, found = transcript.last(), flag(terminal, file)
    change_flag(terminal, file, SET)
    bring_to(terminal, file, before)
    if answer.granted or found != EMPTY:
        read_back = say("as before") if found == EMPTY else say("changed")
        fault = say("a MAC under {key}", key="STKDF02")
        raise BadMacAccepted(file.path, fault=fault, answer=answer.describe(), read_back=read_back).at(at)


@requirement("{file.place}.update-sm")
@refusal(twin="test_write_record_sets_a_flag_after_the_update_key")
@each("file", fixed_files)
def test_a_flag_is_not_changed_in_plain(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """Flag FF; UPDATE RECORD of 00 in plain with UK1DF03 authenticated: refused, and the flag stays."""
    before = flag(terminal, file)
    bring_to(terminal, file, EMPTY)
    open_file(terminal, file, file.update)
    answer = terminal.card.update_record(RECORD, VALID)
    at, found = transcript.last(), flag(terminal, file)
    bring_to(terminal, file, before)
    if answer.granted or found != EMPTY:
        read_back = say("as before") if found == EMPTY else say("changed")
        raise UnprotectedUpdateAccepted(
            file.path, form=say("in plain"), answer=answer.describe(), read_back=read_back
        ).at(at)


@requirement("card.settle-{index[0]}.data-remain")
@each("index", indexes)
def test_settling_leaves_the_visit_file_as_it_was(
    terminal: Terminal, index: tuple[str, File], standard: Standard
) -> None:
    """The first visit file reads the same before and after its flag is cleared."""
    kind, file = index
    visit = next(iter(visit_groups(standard)[kind]))
    flag_before = flag(terminal, file)
    before = part(terminal, visit, 0)
    bring_to(terminal, file, VALID)
    change_flag(terminal, file, CLEAR)
    after = part(terminal, visit, 0)
    bring_to(terminal, file, flag_before)
    if after != before:
        raise not_stored(visit.path, before, after)


def not_stored(subject: str, wanted: bytes, found: bytes) -> ContentNotStored:
    """The violation of bytes that do not read back as they were written."""
    wanted_text, found_text = (say("{hex}", hex=value.hex(" ").upper()) for value in (wanted, found))
    return ContentNotStored(subject, wanted=wanted_text, found=found_text)


def part(terminal: Terminal, file: File, offset: int) -> bytes:
    """Some bytes of a visit file, read with its right."""
    open_file(terminal, file, file.read)
    return must_read(terminal.card.read_binary(offset, SAMPLE), file.path)


def offsets(standard: Standard, file: File) -> tuple[int, ...]:
    """Places in a visit file: start, middle of the data, signature, certificate, end."""
    ends = [e.offset for e in standard.elements(file.path) if e.id in ("signature", "sam-certificate")]
    return (0, 7 * file.size // 16, *ends, file.size - SAMPLE)


@requirement("{file.place}.update-needs-{file.update}", "card.record-{file.visit}.update-binary")
@each("file", visit_files)
def test_a_visit_file_is_written_anywhere_after_the_update_key(
    terminal: Terminal, file: File, standard: Standard, transcript: Transcript
) -> None:
    """UK1DF03, UPDATE BINARY at start, middle, signature, certificate and end: read back; then put back."""
    for offset in offsets(standard, file):
        before = part(terminal, file, offset)
        wanted = bytes(byte ^ 0xFF for byte in before)
        open_file(terminal, file, file.update)
        answer = terminal.card.update_binary(offset, wanted)
        at = transcript.last()
        if answer.sw != OK:
            condition = say("{key} authenticated", key=file.update)
            raise UpdateRefused(file.path, condition=condition, answer=answer.describe()).at(at)
        found = part(terminal, file, offset)
        open_file(terminal, file, file.update)
        terminal.card.update_binary(offset, before)
        if found != wanted:
            raise not_stored(file.path, wanted, found).at(at)


@requirement("{file.place}.update-needs-{file.update}", "card.attribute.df03.records")
@refusal(twin="test_a_visit_file_is_written_anywhere_after_the_update_key")
@each("file", visit_files)
def test_a_visit_file_is_not_written_without_the_update_key(
    terminal: Terminal, file: File, transcript: Transcript
) -> None:
    """Nothing authenticated, the read key, the erase key: refused, and the content stays."""
    before = part(terminal, file, 0)
    for key in (None, file.read, "UK2DF03"):
        terminal.start()
        open_file(terminal, file, key)
        answer = terminal.card.update_binary(0, bytes(byte ^ 0xFF for byte in before))
        at, found = transcript.last(), part(terminal, file, 0)
        if answer.granted or found != before:
            if found != before:
                open_file(terminal, file, file.update)
                terminal.card.update_binary(0, before)
            reason = say("only {key} had been authenticated", key=key) if key else say("no key had been authenticated")
            read_back = say("as before") if found == before else say("changed")
            raise UpdateWithoutRight(file.path, reason=reason, answer=answer.describe(), read_back=read_back).at(at)


@requirement("{file.place}.size")
@each("file", visit_files)
def test_a_visit_file_has_the_size_of_its_parts(terminal: Terminal, file: File) -> None:
    """The last byte is there."""
    open_file(terminal, file, file.read)
    must_read(terminal.card.read_binary(file.size - 1, 1), file.path)


@requirement("{file.place}.size")
@refusal(twin="test_a_visit_file_has_the_size_of_its_parts")
@each("file", visit_files)
def test_a_visit_file_has_no_byte_more(terminal: Terminal, file: File) -> None:
    """The byte after the last is not there."""
    open_file(terminal, file, file.read)
    answer = terminal.card.read_binary(file.size, 1)
    if answer.granted:
        raise WrongContent(
            file.path,
            wanted=say("{count} bytes", count=file.size),
            found=say("a byte behind them: {answer}", answer=answer.describe()),
        )


@requirement("data.settlement.not-only-ncms")
def test_a_visit_is_kept_with_every_payment_mode(terminal: Terminal, standard: Standard) -> None:
    """Each code of the payment modes is written into an outpatient file and reads back; then put back."""
    file = next(file for file in visit_files(standard) if file.visit == "outpatient")
    element = standard.element(file.path, "payment-mode")
    before = part(terminal, file, element.offset)[: element.length]
    for code in standard.codes[element.codes]:
        wanted = encode_value(element, code.value)
        open_file(terminal, file, file.update)
        terminal.card.update_binary(element.offset, wanted)
        found = part(terminal, file, element.offset)[: element.length]
        if found != wanted:
            open_file(terminal, file, file.update)
            terminal.card.update_binary(element.offset, before)
            raise not_stored(f"{file.path}:{element.id}", wanted, found)
    open_file(terminal, file, file.update)
    terminal.card.update_binary(element.offset, before)
