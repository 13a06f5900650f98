"""Updating: every file with its update key, without it, with each other key, and files that nothing rewrites.

Follows APP11 tables 4-1 to 4-12, 5.3, 6.1.2, 6.2.2, 6.3.2; REV2 items 17, 23 and 25. Every update that succeeds is
undone; every refusal is followed by reading back, for a card may say no and write all the same.
"""

from __future__ import annotations

from conformance.engine.marks import each, refusal, requirement
from conformance.engine.transcript import Transcript
from conformance.suites.card.steps import (
    Sample,
    changed,
    open_file,
    put_back,
    sample,
    send_update,
)
from conformance.suites.card.subjects import other_keys, unchangeable_files, updated_files
from reference.card.apdu import OK, ResponseApdu
from reference.card.violations import ContentNotStored, UpdateRefused, UpdateWithoutRight
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import File, FileKind, KeyRole
from reference.terminal.terminal import Terminal


def require_stored(terminal: Terminal, file: File, content: bytes, answer: ResponseApdu, at: int | None) -> None:
    """Raise unless the update was accepted and the content reads back as written."""
    if answer.sw != OK:
        condition = say("{key} authenticated", key=file.update)
        raise UpdateRefused(file.path, condition=condition, answer=answer.describe()).at(at)
    found = sample(terminal, file).content
    if found != content:
        raise ContentNotStored(
            file.path,
            wanted=say("{hex}", hex=content.hex(" ").upper()),
            found=say("{hex}", hex=found.hex(" ").upper()),
        ).at(at)


def update_and_read_back(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """Update with the right key in the demanded form; raise unless it is stored; put the content back."""
    before = sample(terminal, file)
    content = changed(terminal, file, before)
    open_file(terminal, file, file.update)
    answer = send_update(terminal, file, content)
    require_stored(terminal, file, content, answer, transcript.last())
    put_back(terminal, file, before)


def require_unchanged(
    terminal: Terminal, file: File, before: Sample, answer: ResponseApdu, reason: Text, at: int | None
) -> None:
    """Raise UpdateWithoutRight when the card accepted the update or stored it; put the content back first."""
    after = sample(terminal, file)
    if after == before and not answer.granted:
        return
    if after != before and file.update is not None:
        put_back(terminal, file, before)
    read_back = say("as before") if after == before else say("changed")
    raise UpdateWithoutRight(file.path, reason=reason, answer=answer.describe(), read_back=read_back).at(at)


@requirement("{file.place}.update-needs-{file.update}", "card.key.{file.update}.files")
@each("file", updated_files)
def test_a_file_takes_an_update_after_its_update_key(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """Read, authenticate the update key, update in the demanded form, read back; then put back."""
    update_and_read_back(terminal, file, transcript)


@requirement("{file.place}.update-needs-{file.update}", "card.extauth.gate")
@refusal(twin="test_a_file_takes_an_update_after_its_update_key")
@each("file", updated_files)
def test_a_file_takes_no_update_without_its_update_key(terminal: Terminal, file: File, transcript: Transcript) -> None:
    """Update in the demanded form with nothing authenticated: an error, and the content stays."""
    before = sample(terminal, file)
    terminal.start()
    terminal.select(file.path)
    answer = send_update(terminal, file, changed(terminal, file, before))
    reason = say("no key had been authenticated")
    require_unchanged(terminal, file, before, answer, reason, transcript.last())


@requirement("{file.place}.update-needs-{file.update}", "card.extauth.gate")
@refusal(twin="test_a_file_takes_an_update_after_its_update_key")
@each("file", updated_files)
def test_no_other_key_of_the_directory_gives_the_right_to_update(
    terminal: Terminal, file: File, standard: Standard, transcript: Transcript
) -> None:
    """Authenticate each other key of the directory in turn, update: an error, and the content stays."""
    before = sample(terminal, file)
    for key in other_keys(standard, file, file.update):
        terminal.start()
        terminal.select(file.path)
        if terminal.try_external_authentication(key).sw != OK:
            continue
        answer = send_update(terminal, file, changed(terminal, file, before))
        reason = say("only {key} had been authenticated", key=key)
        require_unchanged(terminal, file, before, answer, reason, transcript.last())


@requirement("card.df02.key-separation")
def test_each_update_key_of_the_health_data_opens_its_files(
    terminal: Terminal, standard: Standard, transcript: Transcript
) -> None:
    """In DF02 each file takes an update after its own key."""
    for file in health_files(standard):
        test_a_file_takes_an_update_after_its_update_key(terminal, file, transcript)


@requirement("card.df02.key-separation")
@refusal(twin="test_each_update_key_of_the_health_data_opens_its_files")
def test_no_update_key_of_the_health_data_opens_other_files(
    terminal: Terminal, standard: Standard, transcript: Transcript
) -> None:
    """In DF02 no file takes an update after one of the other two update keys."""
    for file in health_files(standard):
        before = sample(terminal, file)
        for key in other_keys(standard, file, file.update):
            if standard.keys[key].role is not KeyRole.UPDATE:
                continue
            terminal.start()
            open_file(terminal, file, key)
            answer = send_update(terminal, file, changed(terminal, file, before))
            reason = say("only {key} had been authenticated", key=key)
            require_unchanged(terminal, file, before, answer, reason, transcript.last())


def health_files(standard: Standard) -> list[File]:
    """The files of DF02."""
    return [file for file in standard.files.values() if file.directory == "DDF1/DF02"]


@requirement("{file.place}.no-rewrite", "card.access.ef05-ef06-no-write")
@refusal(twin="test_the_same_update_is_taken_where_it_is_allowed")
@each("file", unchangeable_files)
def test_an_issued_file_is_never_rewritten(
    terminal: Terminal, file: File, standard: Standard, transcript: Transcript
) -> None:
    """With every key of the directory that authenticates: secured and plain updates are refused."""
    before = sample(terminal, file)
    content = before.content[:2] + bytes(byte ^ 0x01 for byte in before.content[2:])
    for key in other_keys(standard, file, None):
        for secured in (True, False):
            terminal.start()
            open_file(terminal, file, key)
            answer = (
                terminal.update_record(file.directory, 1, content)
                if secured
                else (terminal.card.update_record(1, content))
            )
            reason = say("it is never rewritten after issue ({key} was authenticated)", key=key)
            require_unchanged(terminal, file, before, answer, reason, transcript.last())


@requirement("card.ddf1.ef06.no-write-terminal")
@refusal(twin="test_the_same_update_is_taken_where_it_is_allowed")
def test_holder_data_take_no_update_with_the_key_of_the_payment_data(
    terminal: Terminal, standard: Standard, transcript: Transcript
) -> None:
    """UK1DDF1 authenticated, right cipher text and MAC, on DDF1/EF06: refused."""
    file = standard.files["DDF1/EF06"]
    before = sample(terminal, file)
    open_file(terminal, file, "UK1DDF1")
    answer = terminal.update_record(
        file.directory, 1, before.content[:2] + bytes(byte ^ 0x01 for byte in before.content[2:])
    )
    reason = say("it is never rewritten after issue ({key} was authenticated)", key="UK1DDF1")
    require_unchanged(terminal, file, before, answer, reason, transcript.last())


@requirement("card.access.ef05-ef06-no-write")
def test_the_same_update_is_taken_where_it_is_allowed(
    terminal: Terminal, standard: Standard, transcript: Transcript
) -> None:
    """UK1DDF1 authenticated, right cipher text and MAC, on DDF1/EF08: taken."""
    test_a_file_takes_an_update_after_its_update_key(terminal, standard.files["DDF1/EF08"], transcript)


@requirement("card.ddf1.ef07.max-image")
def test_the_photo_file_is_written_up_to_its_last_byte(
    terminal: Terminal, standard: Standard, transcript: Transcript
) -> None:
    """The last bytes of an image of the greatest length are written and read back."""
    file = standard.files["DDF1/EF07"]
    assert file.kind is FileKind.BINARY
    test_a_file_takes_an_update_after_its_update_key(terminal, file, transcript)


@requirement("card.ddf1.ef07.max-image")
@refusal(twin="test_the_photo_file_is_written_up_to_its_last_byte")
def test_the_photo_file_takes_no_byte_beyond_its_size(
    terminal: Terminal, standard: Standard, transcript: Transcript
) -> None:
    """UPDATE BINARY that reaches one byte beyond the file: refused, and nothing of it is stored."""
    file = standard.files["DDF1/EF07"]
    before = sample(terminal, file)
    open_file(terminal, file, file.update)
    beyond = bytes(byte ^ 0xFF for byte in before.content[1:]) + b"\x00\x00"
    answer = terminal.card.update_binary(file.size - len(before.content) + 1, beyond)
    reason = say("it reaches beyond the end of the file")
    require_unchanged(terminal, file, before, answer, reason, transcript.last())
