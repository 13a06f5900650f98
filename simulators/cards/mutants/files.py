"""Mutants of the file table: for each file the slips of a structure script, in presence, type, number and size.

Follows APP11 figure 4-1, 4.1 notes 1 and 2 and tables 4-1 to 4-16.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from reference.card.violations import (
    CyclicOrderBroken,
    FileBeyondTheTable,
    FileMissing,
    ReadRefused,
    WrongContent,
    WrongCount,
    WrongFileType,
)
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import File, FileKind
from simulators.cards.image import CardImage, Content
from simulators.cards.memory import Held
from simulators.cards.mutants.registry import (
    Change,
    ImageChange,
    Maker,
    Variant,
    behaving,
    family,
    from_image,
)
from simulators.cards.user_card import UserCard

RECORD = 250
"""Bytes of a binary file that end up in a record."""


def with_file(file: File, **changes: object) -> Change:
    """The tables with one file changed."""
    return lambda standard: standard.replacing(files={file.path: msgspec.structs.replace(file, **changes)})


def without(*paths: str) -> Maker:
    """The card on which these files were not made."""

    def change(image: CardImage) -> None:
        for path in paths:
            del image.files[path]

    return from_image(change)


@family(FileMissing)
def file_missing(standard: Standard) -> Iterator[Variant]:
    """The file was left out."""
    for file in standard.files.values():
        yield Variant(
            row=file.path,
            breaks="card.structure.tree",
            subject=file.path,
            why=say("{path} ({title}) was left out of the structure.", path=file.path, title=file.title),
            make=without(file.path),
        )


@family(FileMissing)
def numbered_file_missing(standard: Standard) -> Iterator[Variant]:
    """The last of the numbered visit files was left out."""
    for requirement, path in (
        ("card.df03.ee.count", "DDF1/DF03/EE03"),
        ("card.access.three-inpatient-files", "DDF1/DF03/EE03"),
        ("card.df03.ed.count", "DDF1/DF03/ED05"),
    ):
        yield Variant(
            row=requirement,
            breaks=requirement,
            subject=path,
            why=say("{path}, the last of its kind, was left out: the index points at nothing.", path=path),
            make=without(path),
        )


@family(FileBeyondTheTable)
def numbered_file_too_many(standard: Standard) -> Iterator[Variant]:
    """One visit file more than the index has flags."""
    for requirement, last, more in (
        ("card.df03.ee.count", "DDF1/DF03/EE03", "EE04"),
        ("card.df03.ed.count", "DDF1/DF03/ED05", "ED06"),
    ):
        path = f"DDF1/DF03/{more}"

        def widened(standard: Standard, last: str = last, path: str = path, fid: str = more) -> Standard:
            return standard.replacing(files={path: msgspec.structs.replace(standard.files[last], path=path, fid=fid)})

        def change(image: CardImage, last: str = last, path: str = path) -> None:
            image.files[path] = image.files[last]

        yield Variant(
            row=path,
            breaks=requirement,
            subject=path,
            why=say("{path} was made as well: no flag of the index stands for it.", path=path),
            make=from_image(change, widened),
        )


@family(FileMissing)
def photo_and_payment_data_missing(standard: Standard) -> Iterator[Variant]:
    """The structure of the first edition, which had neither file."""
    yield Variant(
        row="DDF1",
        breaks="card.structure.ddf1-ef07-ef08",
        subject="DDF1/EF07",
        why=say("The structure is that of the first edition: there is no place for photo and payment data."),
        make=without("DDF1/EF07", "DDF1/EF08"),
    )


# -- types -------------------------------------------------------------------------------------------------------


@family(ReadRefused)
def made_of_the_other_type(standard: Standard) -> Iterator[Variant]:
    """A record file made as a binary one, or the other way round."""
    for file in standard.files.values():
        yield Variant(
            row=file.path,
            breaks=f"{file.place}.type",
            subject=file.path,
            why=say("{path} ({title}) was made as a file of the other type.", path=file.path, title=file.title),
            make=_as_records(file) if file.kind is FileKind.BINARY else _as_bytes(file),
        )


def _as_bytes(file: File) -> Maker:
    def change(image: CardImage) -> None:
        image.files[file.path] = Content(binary=b"".join(image.files[file.path].records) or bytes(RECORD))

    return from_image(change, with_file(file, kind=FileKind.BINARY))


def _as_records(file: File) -> Maker:
    def change(image: CardImage) -> None:
        image.files[file.path] = Content(records=[image.files[file.path].binary[:RECORD]])

    return from_image(change, with_file(file, kind=FileKind.VARIABLE))


@family(WrongFileType)
def both_accesses_answered(standard: Standard) -> Iterator[Variant]:
    """The file answers the commands of both types: its type is not looked at."""
    for file in standard.files.values():
        yield Variant(
            row=file.path,
            breaks=f"{file.place}.type",
            subject=file.path,
            why=say("{path} answers records and bytes alike: half a record can be read.", path=file.path),
            make=behaving(_untyped(file)),
        )


def _untyped(file: File) -> type[UserCard]:
    class Untyped(UserCard):
        """The type of one file is not looked at."""

        def opened(self, *kinds: FileKind) -> File:
            mine = self.file is not None and self.file.path == file.path
            return super().opened(*(FileKind if mine else kinds))

        def content(self, file: File) -> Held:
            held = super().content(file)
            if not held.binary and file.path == self._mine:
                return Held(held.records, b"".join(held.records))
            return held if held.records else Held((held.binary[:RECORD],), held.binary)

        _mine = file.path

    return Untyped


# -- number and size ---------------------------------------------------------------------------------------------


def _size_requirement(file: File) -> str:
    return f"{file.place}.size" if file.visit else f"{file.place}.type"


@family(WrongContent)
def a_byte_more(standard: Standard) -> Iterator[Variant]:
    """A binary file is a byte longer than the table says."""
    for file in standard.files.values():
        if file.kind is FileKind.BINARY:
            yield Variant(
                row=file.path,
                breaks=_size_requirement(file),
                subject=file.path,
                why=say("{path} is a byte too long: its parts do not end where they should.", path=file.path),
                make=from_image(_lengthened(file.path)),
                caught_as=WrongContent if file.visit else WrongCount,
            )


@family(ReadRefused)
def a_byte_less(standard: Standard) -> Iterator[Variant]:
    """A binary file is a byte shorter than the table says."""
    for file in standard.files.values():
        if file.kind is FileKind.BINARY:
            yield Variant(
                row=file.path,
                breaks=_size_requirement(file),
                subject=file.path,
                why=say("{path} is a byte too short: its last part is cut.", path=file.path),
                make=from_image(_cut(file.path)),
                caught_as=ReadRefused if file.visit else WrongCount,
            )


def _lengthened(path: str) -> ImageChange:
    def change(image: CardImage) -> None:
        image.files[path].binary += b"\x00"

    return change


def _cut(path: str) -> ImageChange:
    def change(image: CardImage) -> None:
        image.files[path].binary = image.files[path].binary[:-1]

    return change


@family(CyclicOrderBroken)
def records_of_a_cyclic_file(standard: Standard) -> Iterator[Variant]:
    """A cyclic file keeps a record more, or less, than the table says."""
    for file in standard.files.values():
        if file.kind is FileKind.CYCLIC:
            for number in (file.records - 1, file.records + 1):
                yield Variant(
                    row=f"{file.path} {number}",
                    breaks=f"{file.place}.record-count",
                    subject=file.path,
                    why=say(
                        "{path} keeps {number} records: entries are lost, or never read.", path=file.path, number=number
                    ),
                    make=from_image(_kept(file.path, number), with_file(file, records=number)),
                )


def _kept(path: str, number: int) -> ImageChange:
    def change(image: CardImage) -> None:
        held = image.files[path]
        held.records = (held.records * 2)[:number]

    return change


@family(CyclicOrderBroken)
def oldest_record_first(standard: Standard) -> Iterator[Variant]:
    """A cyclic file gives its records in the order of writing."""
    for file in standard.files.values():
        if file.kind is FileKind.CYCLIC:
            yield Variant(
                row=file.path,
                breaks=f"{file.place}.record-count",
                subject=file.path,
                why=say("{path} gives its oldest record first: the newest is taken for years old.", path=file.path),
                make=behaving(_oldest_first(file.path)),
            )


def _oldest_first(path: str) -> type[UserCard]:
    class OldestFirst(UserCard):
        """New records go to the end."""

        def push(self, file: File, record: bytes) -> None:
            if file.path != path:
                return super().push(file, record)
            return self.memory.write(path, Held((*self.content(file).records, record)[-file.records :]))

    return OldestFirst


@family(WrongCount)
def flags_of_an_index(standard: Standard) -> Iterator[Variant]:
    """A visit index with a flag more or less than there are visit files."""
    for file in standard.files.values():
        if file.kind is FileKind.FIXED:
            for number, violation in ((file.records - 1, ReadRefused), (file.records + 1, WrongCount)):
                yield Variant(
                    row=f"{file.path} {number}",
                    breaks=f"{file.place}.record-count",
                    subject=file.path,
                    why=say(
                        "{path} has {number} flags: they do not match the visit files.", path=file.path, number=number
                    ),
                    make=from_image(_with_flags(file.path, number)),
                    caught_as=violation,
                )


def _with_flags(path: str, number: int) -> ImageChange:
    def change(image: CardImage) -> None:
        image.files[path].records = [*image.files[path].records, b"\xff"][:number]

    return change
