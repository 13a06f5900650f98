"""What is sent for each row ``card.error.*`` that updates or locks: everything in order but for one thing.

Follows ISO/IEC 7816-4 and the maintenance rule of APP11 5.7. Nothing of it may be carried out; should a card do so, the
content is put back by the test.
"""

from __future__ import annotations

from conformance.suites.card.error_scenarios import CLOSED, PHOTO, once, opened, scenario
from conformance.suites.card.steps import Sample, changed, open_file, sample
from conformance.suites.card.subjects import applications
from conformance.suites.card.test_locks import BLOCK, UNBLOCK, must_lock, send_lock
from reference.card.apdu import ResponseApdu
from reference.standard.rows import File
from reference.terminal.card_session import BY_NUMBER, SECURED
from reference.terminal.terminal import Terminal

INDEX, VISIT = "DDF1/DF03/EF05", "DDF1/DF03/ED01"
SHORT_MAC = 3
NO_CHALLENGE = bytes(8)


def writable(terminal: Terminal, path: str) -> tuple[File, Sample]:
    """A file with its update right satisfied, and the sample of its content."""
    file = terminal.standard.files[path]
    before = sample(terminal, file)
    open_file(terminal, file, file.update)
    return file, before


def secured_update(terminal: Terminal, record: bytes, *, number: int = 1) -> ResponseApdu:
    """UPDATE RECORD of the clinical data with this plain record, everything else in order."""
    file = terminal.standard.files[CLOSED]
    data = terminal.secured_data(file.directory, terminal.update_header(number, BY_NUMBER), record)
    return once(terminal, "update-record", cla=SECURED, p1=number, p2=BY_NUMBER, data=data)


@scenario("update-record.no-file-selected")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select("DDF1/DF02")
    terminal.authenticate("UK1DF02")
    return secured_update(terminal, bytes(3))


@scenario("update-record.wrong-file-type")
def _(terminal: Terminal) -> ResponseApdu:
    writable(terminal, PHOTO)
    header = terminal.update_header(1, BY_NUMBER)
    data = terminal.secured_data("DDF1", header, bytes(3))
    return once(terminal, "update-record", cla=SECURED, p1=1, p2=BY_NUMBER, data=data)


@scenario("update-record.record-beyond")
def _(terminal: Terminal) -> ResponseApdu:
    file, before = writable(terminal, CLOSED)
    return secured_update(terminal, before.content, number=file.records + 1)


@scenario("update-record.wrong-length")
def _(terminal: Terminal) -> ResponseApdu:
    _, before = writable(terminal, CLOSED)
    return secured_update(terminal, before.content[:-1])


@scenario("update-record.wrong-tag")
def _(terminal: Terminal) -> ResponseApdu:
    _, before = writable(terminal, CLOSED)
    return secured_update(terminal, b"\x7e" + before.content[1:])


@scenario("update-record.short-data")
def _(terminal: Terminal) -> ResponseApdu:
    writable(terminal, CLOSED)
    terminal.challenge()
    return once(terminal, "update-record", cla=SECURED, p1=1, p2=BY_NUMBER, data=bytes(SHORT_MAC))


@scenario("update-record.no-challenge")
def _(terminal: Terminal) -> ResponseApdu:
    file, before = writable(terminal, CLOSED)
    header = terminal.update_header(1, BY_NUMBER)
    data = terminal.secured_data(file.directory, header, changed(terminal, file, before), random=NO_CHALLENGE)
    return once(terminal, "update-record", cla=SECURED, p1=1, p2=BY_NUMBER, data=data)


@scenario("update-record.challenge-used")
def _(terminal: Terminal) -> ResponseApdu:
    file, before = writable(terminal, CLOSED)
    data = terminal.secured_data(file.directory, terminal.update_header(1, BY_NUMBER), before.content)
    once(terminal, "update-record", cla=SECURED, p1=1, p2=BY_NUMBER, data=data)
    return once(terminal, "update-record", cla=SECURED, p1=1, p2=BY_NUMBER, data=data)


@scenario("update-binary.no-file-selected")
def _(terminal: Terminal) -> ResponseApdu:
    terminal.select("DDF1")
    terminal.authenticate("UK1DDF1")
    return once(terminal, "update-binary", data=b"\x00")


@scenario("update-binary.wrong-file-type")
def _(terminal: Terminal) -> ResponseApdu:
    writable(terminal, "DDF1/EF08")
    return once(terminal, "update-binary", data=b"\x00")


@scenario("update-binary.beyond-end")
def _(terminal: Terminal) -> ResponseApdu:
    file, before = writable(terminal, PHOTO)
    offset = file.size - len(before.content)
    return once(terminal, "update-binary", p1=offset >> 8, p2=offset & 0xFF, data=before.content + b"\x00")


@scenario("update-binary.no-data")
def _(terminal: Terminal) -> ResponseApdu:
    writable(terminal, PHOTO)
    return once(terminal, "update-binary")


@scenario("append-record.fixed-file")
def _(terminal: Terminal) -> ResponseApdu:
    writable(terminal, INDEX)
    header = bytes((SECURED, terminal.standard.commands["card.append-record"].ins, 0, 0))
    data = terminal.secured_data("DDF1/DF03", header, b"\xff")
    return once(terminal, "append-record", cla=SECURED, data=data)


def flag_command(terminal: Terminal, command: str, path: str, *, number: int = 1, random: bytes | None = None) -> bytes:
    """The MAC of a flag command, its right gained on the file at ``path``."""
    file = terminal.standard.files[path]
    opened(terminal, path)
    key = terminal.standard.files[INDEX].update if command == "write-record" else terminal.standard.files[INDEX].erase
    terminal.authenticate(key or "")
    row = terminal.standard.commands[f"card.{command}"]
    return terminal.command_mac(file.directory, bytes((row.cla, row.ins, number, 0)), random=random)


def flag_faults(command: str) -> None:
    """The four rows that WRITE RECORD and ERASE RECORD have alike."""

    @scenario(f"{command}.record-beyond")
    def _(terminal: Terminal) -> ResponseApdu:
        beyond = terminal.standard.files[INDEX].records + 1
        mac = flag_command(terminal, command, INDEX, number=beyond)
        return once(terminal, command, p1=beyond, data=mac)

    @scenario(f"{command}.wrong-file-type")
    def _(terminal: Terminal) -> ResponseApdu:
        return once(terminal, command, p1=1, data=flag_command(terminal, command, VISIT))

    @scenario(f"{command}.wrong-length")
    def _(terminal: Terminal) -> ResponseApdu:
        return once(terminal, command, p1=1, data=flag_command(terminal, command, INDEX)[:SHORT_MAC])

    @scenario(f"{command}.no-challenge")
    def _(terminal: Terminal) -> ResponseApdu:
        mac = flag_command(terminal, command, INDEX, random=NO_CHALLENGE)
        return once(terminal, command, p1=1, data=mac)


def lock_faults(command: str) -> None:
    """The two rows that the commands of locks have alike."""

    @scenario(f"{command}.wrong-length")
    def _(terminal: Terminal) -> ResponseApdu:
        return once(terminal, command, data=lock_mac(terminal, command)[:SHORT_MAC])

    @scenario(f"{command}.no-challenge")
    def _(terminal: Terminal) -> ResponseApdu:
        return once(terminal, command, data=lock_mac(terminal, command, random=NO_CHALLENGE))


def lock_mac(terminal: Terminal, command: str, *, p2: int = 0, random: bytes | None = None) -> bytes:
    """The MAC of a lock command with its right gained: on DF01, or on the MF for the card's."""
    directory, key = ("", "BKMF") if command == "card-block" else ("DDF1/DF01", "LKDF01")
    terminal.select(directory)
    terminal.authenticate(key)
    row = terminal.standard.commands[f"card.{command}"]
    return terminal.command_mac(directory, bytes((row.cla, row.ins, 0, p2)), random=random)


for _name in ("write-record", "erase-record"):
    flag_faults(_name)
for _name in (BLOCK, UNBLOCK, "card-block"):
    lock_faults(_name)


@scenario("application-block.unknown-p2")
def _(terminal: Terminal) -> ResponseApdu:
    return once(terminal, BLOCK, p2=0x7E, data=lock_mac(terminal, BLOCK, p2=0x7E))


@scenario("read-record.application-blocked")
def _(terminal: Terminal) -> ResponseApdu:
    directory = next(row for row in applications(terminal.standard) if row.fid == "DF02")
    must_lock(terminal, directory, BLOCK)
    terminal.select(CLOSED)
    terminal.try_external_authentication("RK1DF02")
    answer = once(terminal, "read-record", p1=1, p2=BY_NUMBER, le=0)
    send_lock(terminal, directory, UNBLOCK)
    return answer
