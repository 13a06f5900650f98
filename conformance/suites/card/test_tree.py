"""The file tree: every directory by identifier and by name, every file where it belongs and nowhere else.

Follows APP11 figure 4-1, 4.1 to 4.5 and REV2 item 22 and annex B1.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.engine.marks import each, refusal, requirement
from conformance.suites.card.subjects import applications, directories, files, named_directories
from reference.card.apdu import OK, ResponseApdu
from reference.card.violations import (
    FileBeyondTheTable,
    FileMissing,
    FileReachableFromOutside,
    NameMissing,
    NameNotUnique,
    WrongControlInformation,
)
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import Directory, File
from reference.terminal.terminal import Terminal

NEXT_OCCURRENCE = 0x02
FCI_TEMPLATES = (0x6F, 0x62)


def must_be_there(answer: ResponseApdu, subject: str) -> None:
    """Raise FileMissing unless the selection succeeded."""
    if answer.sw != OK:
        raise FileMissing(subject, answer=answer.describe())


def named(answer: ResponseApdu, directory: Directory) -> None:
    """Raise NameMissing unless the selection by name succeeded."""
    if answer.sw != OK:
        raise NameMissing(directory.path, name=directory.name, answer=answer.describe())


@requirement("card.ddf1.fid")
def test_the_environment_is_selected_by_its_identifier(terminal: Terminal) -> None:
    """Select the MF, then DDF1 by the identifier that fielded terminals use."""
    must_be_there(terminal.card.select("DDF1"), "DDF1")


@requirement("card.structure.ddf1-present", "card.map.df")
def test_the_environment_stands_below_the_root(terminal: Terminal) -> None:
    """Select the MF, then DDF1."""
    must_be_there(terminal.card.select("DDF1"), "DDF1")


@requirement("{directory.id}.fid")
@each("directory", applications)
def test_an_application_is_selected_by_its_identifier(terminal: Terminal, directory: Directory) -> None:
    """Select the MF, DDF1, then the application."""
    must_be_there(terminal.card.select(directory.path), directory.path)


@requirement("{directory.id}.aid", "card.ref.name-equals-aid")
@each("directory", applications)
def test_an_application_is_selected_by_its_aid(terminal: Terminal, directory: Directory) -> None:
    """Select DDF1, then the application by its AID."""
    terminal.select("DDF1")
    named(terminal.card.select_name(bytes.fromhex(directory.name)), directory)


@requirement("card.ref.by-df-name")
@each("directory", named_directories)
def test_a_directory_is_selected_by_its_name_from_the_root(terminal: Terminal, directory: Directory) -> None:
    """Select the MF, then environment or application by name."""
    terminal.select("")
    named(terminal.card.select_name(bytes.fromhex(directory.name)), directory)


@requirement("card.adf.reached-by-selection")
@each("directory", applications)
def test_a_selected_application_gives_access_to_its_files(
    terminal: Terminal, directory: Directory, standard: Standard
) -> None:
    """Select the application by name, then each of its files by identifier alone."""
    terminal.select("DDF1")
    named(terminal.card.select_name(bytes.fromhex(directory.name)), directory)
    for file in standard.files.values():
        if file.directory == directory.path:
            must_be_there(terminal.card.select_identifier(file.fid), file.path)


@requirement("card.structure.tree", "card.aef.by-fid")
@each("file", files)
def test_a_file_is_selected_in_its_directory(terminal: Terminal, file: File) -> None:
    """Select the file's directory, then the file by its identifier."""
    terminal.select(file.directory)
    must_be_there(terminal.card.select_identifier(file.fid), file.path)


@requirement("card.structure.ddf1-ef07-ef08")
def test_the_environment_holds_photo_and_payment_data(terminal: Terminal) -> None:
    """Select EF07 and EF08 below DDF1."""
    for path in ("DDF1/EF07", "DDF1/EF08"):
        must_be_there(terminal.card.select(path), path)


@requirement("card.df03.{group}.count")
@each("group", lambda standard: ("ee", "ed"))
def test_the_numbered_files_are_all_there(terminal: Terminal, group: str, standard: Standard) -> None:
    """Select EE01 to EE03, or ED01 to ED05, below DF03."""
    for file in numbered_files(standard, group):
        must_be_there(terminal.card.select(file.path), file.path)


@requirement("card.df03.{group}.count")
@refusal(twin="test_the_numbered_files_are_all_there")
@each("group", lambda standard: ("ee", "ed"))
def test_there_is_no_numbered_file_more(terminal: Terminal, group: str, standard: Standard) -> None:
    """The identifier after the last is not there."""
    last = numbered_files(standard, group)[-1]
    terminal.select(last.directory)
    following = f"{int(last.fid, 16) + 1:04X}"
    answer = terminal.card.select_identifier(following)
    if answer.granted:
        raise FileBeyondTheTable(f"{last.directory}/{following}", answer=answer.describe())


@requirement("card.access.three-inpatient-files")
def test_there_are_three_inpatient_files(terminal: Terminal, standard: Standard) -> None:
    """Select EE01 to EE03 below DF03."""
    for file in numbered_files(standard, "ee"):
        must_be_there(terminal.card.select(file.path), file.path)


def numbered_files(standard: Standard, group: str) -> list[File]:
    """The files EEnn or EDnn in the order of their numbers."""
    return [file for file in standard.files.values() if file.place == f"card.df03.{group}"]


@requirement("card.map.ef-is-leaf")
def test_a_selected_file_leaves_its_directory_current(terminal: Terminal, standard: Standard) -> None:
    """In each directory select every file after the other, without selecting the directory again."""
    for directory in directories(standard):
        terminal.select(directory.path)
        for file in standard.files.values():
            if file.directory == directory.path:
                must_be_there(terminal.card.select_identifier(file.fid), file.path)


def identifiers_of_management_data(standard: Standard) -> Iterator[File]:
    """Files whose identifier occurs once on the card."""
    return (file for file in standard.files.values() if not file.fid.startswith("EF"))


@requirement("card.adf.links-files")
def test_a_file_answers_inside_its_application(terminal: Terminal, standard: Standard) -> None:
    """Select files whose identifiers occur once on the card, from inside their application."""
    for file in identifiers_of_management_data(standard):
        terminal.select(file.directory)
        must_be_there(terminal.card.select_identifier(file.fid), file.path)


@requirement("card.adf.links-files")
@refusal(twin="test_a_file_answers_inside_its_application")
def test_a_file_does_not_answer_outside_its_application(terminal: Terminal, standard: Standard) -> None:
    """Select the same files from the other applications and from DDF1: refused."""
    for directory in directories(standard):
        for file in identifiers_of_management_data(standard):
            if file.directory == directory.path:
                continue
            terminal.select(directory.path)
            answer = terminal.card.select_identifier(file.fid)
            if answer.granted:
                raise FileReachableFromOutside(file.path, answer=answer.describe())


@requirement("card.ref.name-unique")
@refusal(twin="test_an_application_is_selected_by_its_aid")
@each("directory", applications)
def test_no_second_directory_has_the_same_name(terminal: Terminal, directory: Directory) -> None:
    """Select by name, then ask for the next occurrence of the same name: refused."""
    terminal.select("DDF1")
    terminal.card.select_name(bytes.fromhex(directory.name))
    answer = terminal.card.send("select", p1=0x04, p2=NEXT_OCCURRENCE, data=bytes.fromhex(directory.name))
    if answer.granted:
        raise NameNotUnique(directory.path, name=directory.name, answer=answer.describe())


@requirement("card.adf.fci")
@each("directory", applications)
def test_what_selection_returns_is_control_information(terminal: Terminal, directory: Directory) -> None:
    """Select by name and ask for data; what comes back, if anything, is one template of data objects."""
    terminal.select("DDF1")
    answer = terminal.card.send("select", p1=0x04, data=bytes.fromhex(directory.name), le=0)
    named(answer, directory)
    if answer.data and not is_template(answer.data):
        raise WrongControlInformation(
            directory.path,
            wanted=say("nothing, or one template 6F or 62 whose length fits"),
            found=say("{hex}", hex=answer.data.hex(" ").upper()),
        )


def is_template(data: bytes) -> bool:
    """Whether the bytes are one template 6F or 62 with a length of one byte that fits."""
    return len(data) >= 2 and data[0] in FCI_TEMPLATES and data[1] == len(data) - 2
