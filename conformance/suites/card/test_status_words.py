"""The status words of refusals, as sibling specifications have them: their absence is a warning, never a failure.

Follows the social security card's list and ISO/IEC 7816-4 table 6. That something is refused at all is tested
elsewhere.
"""

from __future__ import annotations

from conformance.engine.marks import requirement
from conformance.suites.card.steps import changed, open_file, sample
from conformance.suites.card.test_secured_update import secured, send
from reference.card.apdu import CommandApdu, ResponseApdu
from reference.card.violations import OtherStatusWord
from reference.languages import say
from reference.standard import Standard
from reference.terminal.terminal import Terminal

UNKNOWN_FID = "7F7F"
UNKNOWN_NAME = bytes.fromhex("A000000000FF")
UNUSED_INSTRUCTION = 0x1A
UNUSED_CLASS = 0x5C
CLOSED = "DDF1/DF02/EF05"


def require_status(answer: ResponseApdu, subject: str, standard: Standard, *ids: str) -> None:
    """Raise OtherStatusWord unless the answer has one of the status words named (x stands for any digit)."""
    rows = [standard.status_words[id] for id in ids]
    found = f"{answer.sw:04X}"
    if not any(fits(found, row.sw) for row in rows):
        wanted = say("{words}", words=", ".join(row.sw for row in rows))
        raise OtherStatusWord(subject, wanted=wanted, answer=answer.describe())


def fits(found: str, pattern: str) -> bool:
    """Whether a status word of four digits fits a pattern in which x stands for any digit."""
    return all(wanted in ("x", digit) for digit, wanted in zip(found, pattern, strict=True))


@requirement("card.sw.security-status")
def test_a_missing_right_is_answered_6982(terminal: Terminal, standard: Standard) -> None:
    """READ RECORD of a closed file."""
    terminal.select(CLOSED)
    answer = terminal.card.read_record(1)
    require_status(answer, "READ RECORD", standard, "security-status-not-satisfied")


@requirement("card.sw.mac-wrong")
def test_a_wrong_mac_is_answered_6988_or_9302(terminal: Terminal, standard: Standard) -> None:
    """UPDATE RECORD with one bit of the MAC changed; a right one follows."""
    file = standard.files[CLOSED]
    before = sample(terminal, file)
    open_file(terminal, file, file.update)
    data = bytearray(secured(terminal, file, changed(terminal, file, before)))
    data[-1] ^= 0x01
    answer = send(terminal, file, bytes(data))
    open_file(terminal, file, file.update)
    send(terminal, file, secured(terminal, file, before.content))
    require_status(answer, "UPDATE RECORD", standard, "mac-wrong", "sam-mac-wrong")


@requirement("card.sw.mac-missing")
def test_a_missing_mac_has_its_status_word(terminal: Terminal, standard: Standard) -> None:
    """UPDATE RECORD in plain with the right satisfied."""
    file = standard.files[CLOSED]
    before = sample(terminal, file)
    open_file(terminal, file, file.update)
    answer = terminal.card.update_record(1, changed(terminal, file, before))
    ids = ("security-status-not-satisfied", "mac-missing", "mac-wrong")
    require_status(answer, "UPDATE RECORD", standard, *ids)


@requirement("card.sw.file-not-found")
def test_an_unknown_file_is_answered_6a82(terminal: Terminal, standard: Standard) -> None:
    """SELECT by an identifier and by a name that the card does not have."""
    terminal.select("DDF1")
    answer = terminal.card.select_identifier(UNKNOWN_FID)
    require_status(answer, "SELECT", standard, "file-not-found")
    require_status(terminal.card.select_name(UNKNOWN_NAME), "SELECT", standard, "file-not-found")


@requirement("card.sw.record-not-found")
def test_an_unknown_record_is_answered_6a83(terminal: Terminal, standard: Standard) -> None:
    """READ RECORD with the number after the last."""
    file = standard.files["DDF1/EF05"]
    terminal.select(file.path)
    answer = terminal.card.read_record(file.records + 1)
    require_status(answer, "READ RECORD", standard, "record-not-found")


@requirement("card.sw.unknown-instruction")
def test_an_unknown_instruction_is_answered_6d00(terminal: Terminal, standard: Standard) -> None:
    """An instruction that no specification uses."""
    answer = terminal.card.exchange(CommandApdu(0x00, UNUSED_INSTRUCTION, 0, 0))
    require_status(answer, "00 1A", standard, "instruction-not-supported")


@requirement("card.sw.unknown-class")
def test_an_unknown_class_is_answered_6e00(terminal: Terminal, standard: Standard) -> None:
    """SELECT under a class that no specification uses."""
    answer = terminal.card.send("select", cla=UNUSED_CLASS, data=bytes.fromhex("3F00"))
    require_status(answer, "5C A4", standard, "class-not-supported")


@requirement("card.sw.wrong-length")
def test_a_wrong_length_is_answered_6700(terminal: Terminal, standard: Standard) -> None:
    """EXTERNAL AUTHENTICATE with ten bytes of data."""
    terminal.select("DDF1")
    terminal.challenge()
    reference = standard.keys["RK1DDF1"].reference or 0
    answer = terminal.card.external_authenticate(reference, bytes(10))
    require_status(answer, "EXTERNAL AUTHENTICATE", standard, "wrong-length")


@requirement("card.sw.wrong-parameters")
def test_wrong_parameters_are_answered_6a86(terminal: Terminal, standard: Standard) -> None:
    """SELECT with P1 that no specification uses."""
    answer = terminal.card.send("select", p1=0x7F, data=bytes.fromhex("3F00"))
    require_status(answer, "SELECT", standard, "wrong-parameters")


@requirement("card.sw.authentication-failed")
def test_a_failed_authentication_has_its_status_word(terminal: Terminal, standard: Standard) -> None:
    """EXTERNAL AUTHENTICATE with one wrong bit; a right one follows."""
    terminal.select("DDF1")
    data = bytearray(terminal.authentication_command_data("RK1DDF1", terminal.challenge()))
    data[0] ^= 0x01
    answer = terminal.card.external_authenticate(standard.keys["RK1DDF1"].reference or 0, bytes(data))
    terminal.authenticate("RK1DDF1")
    ids = ("security-status-not-satisfied", "mac-wrong", "sam-mac-wrong", "authentication-failed")
    require_status(answer, "EXTERNAL AUTHENTICATE", standard, *ids)
