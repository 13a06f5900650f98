"""Secured updates: cipher text and MAC in order are taken; without them, or with any of them wrong, nothing changes.

Follows APP11 5.7, 6.1.2.3, 6.2.2.3, 6.3.2.3 and REV2 items 24 and 25. A wrong MAC is always followed by a right one, so
that a card that counts wrong MACs is not locked.
"""

from __future__ import annotations

from conformance.engine.marks import each, refusal, requirement, uses_up
from conformance.engine.transcript import Transcript
from conformance.suites.card.steps import Sample, changed, must_read, open_file, put_back, sample, send_update
from conformance.suites.card.subjects import secured_directories, secured_files
from conformance.suites.card.test_update_rights import require_stored, update_and_read_back
from reference.card.apdu import ResponseApdu
from reference.card.violations import BadMacAccepted, UnprotectedUpdateAccepted
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import Directory, File, FileKind
from reference.terminal.card_session import BY_NUMBER, PREVIOUS_RECORD, SECURED
from reference.terminal.terminal import Terminal

MAC_LENGTH = 4


def place(file: File) -> tuple[int, int]:
    """P1 and P2 of the file's update command: record 1, or "previous" of a cyclic file."""
    return (0, PREVIOUS_RECORD) if file.kind is FileKind.CYCLIC else (1, BY_NUMBER)


def send(terminal: Terminal, file: File, data: bytes, cla: int = SECURED) -> ResponseApdu:
    """UPDATE RECORD of the file's sample with these command data."""
    if file.kind is FileKind.CYCLIC:
        return terminal.card.push_record(data, cla=cla)
    return terminal.card.update_record(1, data, cla=cla)


def secured(terminal: Terminal, file: File, content: bytes, *, cipher_key: str = "", mac_key: str = "") -> bytes:
    """Cipher text and MAC for the file's sample, with the keys named or the directory's own."""
    header = terminal.update_header(*place(file))
    return terminal.secured_data(file.directory, header, content, cipher_key=cipher_key, mac_key=mac_key)


def read_back_changed(terminal: Terminal, file: File, before: Sample) -> Text | None:
    """What was read back: None when it is as before; otherwise it is put back first."""
    if sample(terminal, file) == before:
        return None
    put_back(terminal, file, before)
    return say("changed")


def require_fault_refused(
    terminal: Terminal, file: File, before: Sample, answer: ResponseApdu, fault: Text, at: int | None
) -> None:
    """Raise BadMacAccepted when the faulty update was accepted or stored; then send a right one."""
    read_back = read_back_changed(terminal, file, before)
    if read_back is not None or answer.granted:
        raise BadMacAccepted(
            file.path, fault=fault, answer=answer.describe(), read_back=read_back or say("as before")
        ).at(at)
    put_back(terminal, file, before)


def directory_file(standard: Standard, directory: Directory) -> File:
    """A file of the directory that is updated with cipher text and MAC, to show the directory's rules on."""
    return next(file for file in secured_files(standard) if file.directory == directory.path)


@requirement("{directory.id}.write.stores-plaintext", "card.maintenance.mac-compare")
@each("directory", secured_directories)
def test_a_right_secured_update_stores_the_plaintext(
    terminal: Terminal, directory: Directory, standard: Standard, transcript: Transcript
) -> None:
    """Right key, cipher text and MAC: taken, and the plain record reads back."""
    file = directory_file(standard, directory)
    update_and_read_back(terminal, file, transcript)


@requirement("{directory.id}.write.refused")
@refusal(twin="test_a_right_secured_update_stores_the_plaintext")
@each("directory", secured_directories)
def test_a_secured_update_without_the_write_right_stores_nothing(
    terminal: Terminal, directory: Directory, standard: Standard, transcript: Transcript
) -> None:
    """Right cipher text and MAC, nothing authenticated: an error, and the record stays."""
    file = directory_file(standard, directory)
    before = sample(terminal, file)
    terminal.start()
    terminal.select(file.path)
    answer = send_update(terminal, file, changed(terminal, file, before))
    fault = say("right cipher text and MAC but without the write right")
    require_fault_refused(terminal, file, before, answer, fault, transcript.last())


@requirement("{directory.id}.write.mac-wrong", "card.maintenance.mac-compare")
@refusal(twin="test_a_right_secured_update_stores_the_plaintext")
@uses_up("wrong-mac", MAC_LENGTH)
@each("directory", secured_directories)
def test_a_wrong_mac_leaves_the_record_as_it_was(
    terminal: Terminal, directory: Directory, standard: Standard, transcript: Transcript
) -> None:
    """One bit changed in each byte of the MAC in turn: an error, and the record stays."""
    file = directory_file(standard, directory)
    before = sample(terminal, file)
    for byte in range(MAC_LENGTH):
        open_file(terminal, file, file.update)
        data = bytearray(secured(terminal, file, changed(terminal, file, before)))
        data[-MAC_LENGTH + byte] ^= 0x01
        answer = send(terminal, file, bytes(data))
        fault = say("one bit changed in byte {number} of the MAC", number=byte + 1)
        require_fault_refused(terminal, file, before, answer, fault, transcript.last())


@requirement("{directory.id}.write.mac-wrong", "card.maintenance.mac-compare")
@refusal(twin="test_a_right_secured_update_stores_the_plaintext")
@uses_up("wrong-mac")
@each("directory", secured_directories)
def test_a_command_moved_to_another_record_is_refused(
    terminal: Terminal, directory: Directory, standard: Standard, transcript: Transcript
) -> None:
    """Cipher text and MAC made for record 1, sent with P1 = 2: an error, and both records stay."""
    file = directory_file(standard, directory)
    before = sample(terminal, file)
    second = must_read(terminal.card.read_record(2), file.path)
    open_file(terminal, file, file.update)
    data = secured(terminal, file, changed(terminal, file, before))
    answer = terminal.card.update_record(2, data, cla=SECURED)
    at = transcript.last()
    open_file(terminal, file, file.read)
    moved = must_read(terminal.card.read_record(2), file.path) != second
    if moved:
        open_file(terminal, file, file.update)
        terminal.update_record(file.directory, 2, second)
    fault = say("cipher text and MAC made for another record")
    if answer.granted or moved:
        read_back = say("changed") if moved else say("as before")
        raise BadMacAccepted(file.path, fault=fault, answer=answer.describe(), read_back=read_back).at(at)
    require_fault_refused(terminal, file, before, answer, fault, at)


@requirement("{directory.id}.write.stores-plaintext")
@each("directory", secured_directories)
def test_an_update_outlasts_a_reset(
    terminal: Terminal, directory: Directory, standard: Standard, transcript: Transcript
) -> None:
    """A right update, a reset at once, then read: the new record is there, whole; then put back."""
    file = directory_file(standard, directory)
    before = sample(terminal, file)
    content = changed(terminal, file, before)
    open_file(terminal, file, file.update)
    answer = send_update(terminal, file, content)
    at = transcript.last()
    terminal.start()
    require_stored(terminal, file, content, answer, at)
    put_back(terminal, file, before)


@requirement("{directory.id}.write.cipher-wrong")
@refusal(twin="test_a_right_secured_update_stores_the_plaintext")
@each("directory", secured_directories)
def test_a_cipher_text_of_another_key_leaves_the_record_as_it_was(
    terminal: Terminal, directory: Directory, standard: Standard, transcript: Transcript
) -> None:
    """Cipher text under a neighbour's maintenance key with a MAC that fits it: an error, and the record stays."""
    file = directory_file(standard, directory)
    before = sample(terminal, file)
    neighbour = next(d for d in secured_directories(standard) if d.path != directory.path)
    open_file(terminal, file, file.update)
    foreign = terminal.maintenance_key(neighbour.path)
    answer = send(terminal, file, secured(terminal, file, changed(terminal, file, before), cipher_key=foreign))
    fault = say("cipher text under {key} and a MAC that fits it", key=foreign)
    require_fault_refused(terminal, file, before, answer, fault, transcript.last())


@requirement("{directory.id}.write.plain-refused")
@refusal(twin="test_a_right_secured_update_stores_the_plaintext")
@each("directory", secured_directories)
def test_a_plain_update_is_refused(
    terminal: Terminal, directory: Directory, standard: Standard, transcript: Transcript
) -> None:
    """The update key authenticated, the record sent in plain: an error, and the record stays."""
    refuse_unprotected(terminal, directory_file(standard, directory), transcript)


@requirement("{file.place}.update-sm")
@each("file", secured_files)
def test_a_file_takes_cipher_text_and_mac(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """The demanded form is taken."""
    update_and_read_back(terminal, file, transcript)


@requirement("{file.place}.update-sm")
@refusal(twin="test_a_file_takes_cipher_text_and_mac")
@each("file", secured_files)
def test_a_file_takes_nothing_in_plain(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """In plain, and in plain with the secured class: an error, and the content stays."""
    refuse_unprotected(terminal, file, transcript)


def refuse_unprotected(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """Send the new content in plain, under both classes; raise when it is accepted or stored."""
    before = sample(terminal, file)
    content = changed(terminal, file, before)
    for cla, form in (
        (0x00, say("in plain")),
        (SECURED, say("in plain under the class of secured commands")),
    ):
        open_file(terminal, file, file.update)
        terminal.challenge()
        answer = send(terminal, file, content, cla)
        at, read_back = transcript.last(), read_back_changed(terminal, file, before)
        if read_back is not None or answer.granted:
            raise UnprotectedUpdateAccepted(
                file.path, form=form, answer=answer.describe(), read_back=read_back or say("as before")
            ).at(at)
    put_back(terminal, file, before)


@requirement("card.maintenance.session-key")
def test_the_session_key_comes_from_the_last_challenge(
    terminal: Terminal, standard: Standard, transcript: Transcript
) -> None:
    """Two challenges; cipher text and MAC for the second: taken."""
    file = standard.files["DDF1/DF02/EF05"]
    before = sample(terminal, file)
    content = changed(terminal, file, before)
    open_file(terminal, file, file.update)
    terminal.challenge()
    answer = send(terminal, file, secured(terminal, file, content))
    require_stored(terminal, file, content, answer, transcript.last())
    put_back(terminal, file, before)


@requirement("card.maintenance.session-key")
@refusal(twin="test_the_session_key_comes_from_the_last_challenge")
@uses_up("wrong-mac")
def test_an_older_challenge_does_not_serve(terminal: Terminal, standard: Standard, transcript: Transcript) -> None:
    """Cipher text and MAC for a challenge, another challenge, then the command: refused."""
    file = standard.files["DDF1/DF02/EF05"]
    before = sample(terminal, file)
    open_file(terminal, file, file.update)
    data = secured(terminal, file, changed(terminal, file, before))
    terminal.challenge()
    answer = send(terminal, file, data)
    fault = say("cipher text and MAC for an older challenge")
    require_fault_refused(terminal, file, before, answer, fault, transcript.last())


@requirement("card.maintenance.session-key")
@refusal(twin="test_the_session_key_comes_from_the_last_challenge")
@uses_up("wrong-mac")
def test_a_secured_command_is_not_taken_twice(terminal: Terminal, standard: Standard, transcript: Transcript) -> None:
    """A right update, then the same bytes again without a new challenge: refused; then put back."""
    file = standard.files["DDF1/DF02/EF05"]
    before = sample(terminal, file)
    open_file(terminal, file, file.update)
    data = secured(terminal, file, changed(terminal, file, before))
    send(terminal, file, data)
    answer = send(terminal, file, data)
    at = transcript.last()
    put_back(terminal, file, before)
    if answer.granted:
        fault = say("the cipher text and MAC of an earlier command")
        raise BadMacAccepted(file.path, fault=fault, answer=answer.describe(), read_back=say("not looked at")).at(at)


@requirement("card.key.stk{directory.fid}.files")
@each("directory", secured_directories)
def test_a_maintenance_key_protects_updates_in_its_directory(
    terminal: Terminal, directory: Directory, standard: Standard, transcript: Transcript
) -> None:
    """Cipher text and MAC under the directory's own maintenance key: taken."""
    test_a_right_secured_update_stores_the_plaintext(terminal, directory, standard, transcript)


@requirement("card.key.stk{directory.fid}.files")
@refusal(twin="test_a_maintenance_key_protects_updates_in_its_directory")
@uses_up("wrong-mac", 2)
@each("directory", secured_directories)
def test_a_neighbours_maintenance_key_protects_nothing(
    terminal: Terminal, directory: Directory, standard: Standard, transcript: Transcript
) -> None:
    """Cipher text and MAC under each other directory's maintenance key: an error, and the record stays."""
    file = directory_file(standard, directory)
    before = sample(terminal, file)
    for neighbour in secured_directories(standard):
        if neighbour.path == directory.path:
            continue
        key = terminal.maintenance_key(neighbour.path)
        open_file(terminal, file, file.update)
        content = changed(terminal, file, before)
        answer = send(terminal, file, secured(terminal, file, content, cipher_key=key, mac_key=key))
        fault = say("cipher text and MAC under {key}", key=key)
        require_fault_refused(terminal, file, before, answer, fault, transcript.last())
