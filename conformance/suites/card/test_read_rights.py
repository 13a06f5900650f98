"""Reading: every file with its read key, without it, and with each other key of its directory.

Follows APP11 tables 4-1 to 4-16, 5.3 and 6.1.1, 6.2.1, 6.3.1; REV2 items 17, 23 and 25.
"""

from __future__ import annotations

from conformance.engine.marks import each, refusal, requirement
from conformance.suites.card.steps import open_file, read_first, require_closed, require_content
from conformance.suites.card.subjects import (
    closed_files,
    free_files,
    other_keys,
    readable_directories,
)
from reference.card.apdu import OK
from reference.card.violations import StatusKept, WrongCount
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import Directory, File, FileKind
from reference.terminal.terminal import Terminal


@requirement("{file.place}.read-free", "card.access.only-ef05-free")
@each("file", free_files)
def test_a_free_file_is_read_without_authentication(terminal: Terminal, file: File) -> None:
    """Select, read: no key is needed."""
    terminal.select(file.path)
    require_content(read_first(terminal.card, file), file.path, file.read)


@requirement("{file.place}.read-needs-{file.read}", "card.key.{file.read}.files")
@each("file", closed_files)
def test_a_file_opens_with_its_read_key(terminal: Terminal, file: File) -> None:
    """Select, authenticate the read key, read."""
    open_file(terminal, file, file.read)
    require_content(read_first(terminal.card, file), file.path, file.read)


@requirement("{file.place}.read-needs-{file.read}", "card.access.only-ef05-free")
@refusal(twin="test_a_file_opens_with_its_read_key")
@each("file", closed_files)
def test_a_file_stays_closed_without_its_read_key(terminal: Terminal, file: File) -> None:
    """Select, read at once: an error and no data."""
    terminal.select(file.path)
    require_closed(read_first(terminal.card, file), file)


@requirement("{file.place}.read-needs-{file.read}", "card.extauth.gate")
@refusal(twin="test_a_file_opens_with_its_read_key")
@each("file", closed_files)
def test_no_other_key_of_the_directory_opens_a_file(terminal: Terminal, file: File, standard: Standard) -> None:
    """Select, authenticate each other key of the directory in turn, read: an error and no data."""
    for key in other_keys(standard, file, file.read):
        terminal.start()
        terminal.select(file.path)
        if terminal.try_external_authentication(key).sw != OK:
            continue
        require_closed(read_first(terminal.card, file), file)


@requirement("{file.place}.read-needs-{file.read}", "card.extauth.verifies")
@refusal(twin="test_a_file_opens_with_its_read_key")
@each("file", closed_files)
def test_a_failed_authentication_opens_nothing(terminal: Terminal, file: File) -> None:
    """Authentication data with one changed bit, then read: an error and no data."""
    terminal.select(file.path)
    assert file.read is not None
    reference = terminal.standard.keys[file.read].reference or 0
    data = bytearray(terminal.authentication_command_data(file.read, terminal.challenge()))
    data[0] ^= 0x01
    terminal.card.external_authenticate(reference, bytes(data))
    require_closed(read_first(terminal.card, file), file)


DIRECTORY_FILES = {"DDF1": "DDF1/EF06", "DDF1/DF01": "DDF1/DF01/EF05", "DDF1/DF02": "DDF1/DF02/EF05"}
"""For each directory a closed record file to show its rules on."""


@requirement("{directory.id}.read.data")
@each("directory", readable_directories)
def test_every_record_is_given_out_when_the_right_is_satisfied(
    terminal: Terminal, directory: Directory, standard: Standard
) -> None:
    """All records of all record files with one element each, after the read key."""
    for file in standard.files.values():
        if file.directory != directory.path or file.kind is not FileKind.VARIABLE:
            continue
        open_file(terminal, file, file.read)
        for number in range(1, file.records + 1):
            answer = terminal.card.read_record(number)
            require_content(answer, f"{file.path} record {number}", file.read)


@requirement("{directory.id}.read.refused")
@refusal(twin="test_every_record_is_given_out_when_the_right_is_satisfied")
@each("directory", readable_directories)
def test_no_record_is_given_out_without_the_right(terminal: Terminal, directory: Directory, standard: Standard) -> None:
    """All records of a closed file of the directory, by number and by identifier: no data, no 9000."""
    file = standard.files[DIRECTORY_FILES[directory.path]]
    terminal.select(file.path)
    for number, element in enumerate(standard.elements(file.path), start=1):
        for answer in (terminal.card.read_record(number), terminal.card.read_record_tagged(element.tag or 0)):
            require_closed(answer, file)


@requirement("{directory.id}.read.failure")
@refusal(twin="test_every_record_is_given_out_when_the_right_is_satisfied")
@each("directory", readable_directories)
def test_a_record_beyond_the_last_gives_an_error(terminal: Terminal, directory: Directory, standard: Standard) -> None:
    """With the right satisfied, record n + 1 and the highest number: an error and no data."""
    file = standard.files[DIRECTORY_FILES[directory.path]]
    open_file(terminal, file, file.read)
    for number in (file.records + 1, standard.limit("max-records")):
        answer = terminal.card.read_record(number)
        if answer.granted:
            raise WrongCount(
                file.path,
                wanted=say("an error for record {number}", number=number),
                found=say("the card answered {answer}", answer=answer.describe()),
            )


@requirement("card.adf.independence")
@refusal(twin="test_a_right_serves_its_own_application")
def test_a_right_of_one_application_opens_nothing_in_another(terminal: Terminal, standard: Standard) -> None:
    """Authenticate the read key of each application, go over to the next, read there: an error and no data."""
    paths = list(DIRECTORY_FILES.values())
    for path, elsewhere in zip(paths, paths[1:] + paths[:1], strict=True):
        file, other = standard.files[path], standard.files[elsewhere]
        open_file(terminal, file, file.read)
        terminal.select(other.path)
        require_closed(read_first(terminal.card, other), other)


@requirement("card.adf.independence")
def test_a_right_serves_its_own_application(terminal: Terminal, standard: Standard) -> None:
    """In each application in turn the read key opens the application's own file."""
    for path in DIRECTORY_FILES.values():
        file = standard.files[path]
        open_file(terminal, file, file.read)
        require_content(read_first(terminal.card, file), file.path, file.read)


@requirement("card.reset.status-lost")
@refusal(twin="test_a_right_serves_until_the_card_is_reset")
def test_a_reset_ends_every_right(terminal: Terminal, standard: Standard) -> None:
    """Authenticate, reset, select again, read: an error and no data."""
    file = standard.files["DDF1/EF06"]
    open_file(terminal, file, file.read)
    terminal.card.reset()
    terminal.select(file.path)
    answer = read_first(terminal.card, file)
    if answer.granted:
        raise StatusKept(file.read or "", event=say("a reset"), answer=answer.describe())


@requirement("card.reset.status-lost")
def test_a_right_serves_until_the_card_is_reset(terminal: Terminal, standard: Standard) -> None:
    """Authenticate and read: data."""
    file = standard.files["DDF1/EF06"]
    open_file(terminal, file, file.read)
    require_content(read_first(terminal.card, file), file.path, file.read)


@requirement("card.directory.status-lost")
@refusal(twin="test_a_right_serves_its_own_application_again")
def test_leaving_a_directory_ends_its_rights(terminal: Terminal, standard: Standard) -> None:
    """Authenticate in DF02, go to DF01, come back, read: an error and no data."""
    file = standard.files["DDF1/DF02/EF05"]
    open_file(terminal, file, file.read)
    terminal.select("DDF1/DF01")
    terminal.select(file.path)
    answer = read_first(terminal.card, file)
    if answer.granted:
        raise StatusKept(file.read or "", event=say("leaving the directory"), answer=answer.describe())


@requirement("card.directory.status-lost")
def test_a_right_serves_its_own_application_again(terminal: Terminal, standard: Standard) -> None:
    """Authenticate in DF02, go to DF01, come back, authenticate again, read: data."""
    file = standard.files["DDF1/DF02/EF05"]
    open_file(terminal, file, file.read)
    terminal.select("DDF1/DF01")
    open_file(terminal, file, file.read)
    require_content(read_first(terminal.card, file), file.path, file.read)
