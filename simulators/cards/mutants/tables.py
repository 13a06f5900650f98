"""Table mutants: cards made from tables in which one row is bent.

Each stands for a slip of a structure script at personalisation: a tag, a length, a type, a key, a missing file.
"""

from __future__ import annotations

import msgspec

from reference.card.violations import (
    AuthenticationRefused,
    FileMissing,
    NameMissing,
    ReadRefused,
    WrongFileType,
    WrongRecord,
)
from reference.standard import Standard
from reference.standard.rows import Element, FileKind
from simulators.cards.mutants.registry import table_mutant


def with_element(standard: Standard, file: str, id: str, **changes: object) -> Standard:
    """The tables with one element changed."""
    rows = tuple(msgspec.structs.replace(row, **changes) if row.id == id else row for row in standard.elements(file))
    return standard.replacing(elements={file: rows})


@table_mutant("card.ddf1.ef05.issue-serial", caught_as=WrongRecord, subject="DDF1/EF05:issue-serial")
def issue_serial_of_twelve_bytes(standard: Standard) -> Standard:
    """The issue serial has twelve bytes: the chip's own serial was written as it is."""
    return with_element(standard, "DDF1/EF05", "issue-serial", length=12)


@table_mutant("card.df02.ef05.abo", caught_as=WrongRecord, subject="DDF1/DF02/EF05:abo")
def blood_group_under_another_tag(standard: Standard) -> Standard:
    """The ABO group stands under tag 63: a terminal shows no blood group."""
    return with_element(standard, "DDF1/DF02/EF05", "abo", tag=63)


@table_mutant("card.structure.tree", caught_as=FileMissing, subject="DDF1/DF02/EF08")
def immunisation_file_missing(standard: Standard) -> Standard:
    """The immunisation file was left out: vaccinations cannot be recorded."""
    return standard.replacing(files={"DDF1/DF02/EF08": None})


@table_mutant("card.df02.aid", caught_as=NameMissing, subject="DDF1/DF02")
def health_application_named_wrongly(standard: Standard) -> Standard:
    """The health application has the AID of another scheme."""
    row = msgspec.structs.replace(standard.directories["DDF1/DF02"], name="D15600000501")
    return standard.replacing(directories={"DDF1/DF02": row})


@table_mutant("card.df02.ef06.read-needs-rk1df02", caught_as=ReadRefused, subject="DDF1/DF02/EF06")
def special_data_under_the_update_key(standard: Standard) -> Standard:
    """The special data open with the update key in place of the read key: two cells of the table were swapped."""
    file = standard.files["DDF1/DF02/EF06"]
    return standard.replacing(files={file.path: msgspec.structs.replace(file, read=file.update)})


@table_mutant("card.ddf1.ef07.type", caught_as=WrongFileType)
def photo_in_a_record_file(standard: Standard) -> Standard:
    """The photo stands in a record file: no terminal can read it in blocks."""
    photo = msgspec.structs.replace(standard.element("DDF1/EF07", "photo"), id="part", tag=1, length=250)
    file = msgspec.structs.replace(standard.files["DDF1/EF07"], kind=FileKind.VARIABLE, size=0)
    rows: tuple[Element, ...] = (photo,)
    return standard.replacing(files={file.path: file}, elements={file.path: rows})


@table_mutant("card.key.uk3df02.files", "card.extauth.verifies", caught_as=AuthenticationRefused, subject="UK3DF02")
def allergy_key_under_another_reference(standard: Standard) -> Standard:
    """UK3DF02 answers to P2 = 88: terminals address it with 87."""
    key = msgspec.structs.replace(standard.keys["UK3DF02"], reference=0x88)
    return standard.replacing(keys={key.id: key})
