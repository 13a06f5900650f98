"""Mutants of the reading commands: what they give out, how much of it, and where they stop.

Follows APP11 4.1 notes 1 and 2, 6.1.1, 6.2.1 and 6.3.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from reference.card.apdu import CommandApdu
from reference.card.violations import ReadRefused, ReadWithoutRight, WrongCount
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import File, FileKind
from simulators.cards.mutants.registry import Variant, behaving, family, mutant
from simulators.cards.user_card import Refused, UserCard

BLOCK = 128
BUFFER = 64
HIGHEST_RECORD = 0xFF
AREAS = ("DDF1", "DDF1/DF01", "DDF1/DF02")


def closed_record_file(standard: Standard, directory: str) -> File:
    """The directory's first file of tagged records that has a read key."""
    return next(
        file
        for file in standard.files.values()
        if file.directory == directory and file.kind is FileKind.VARIABLE and file.read is not None
    )


@family(ReadRefused)
def last_record_withheld(standard: Standard) -> Iterator[Variant]:
    """The last record of a file is not given out, whatever was authenticated."""
    for directory in AREAS:
        file = closed_record_file(standard, directory)
        yield Variant(
            row=directory,
            breaks=f"{standard.directories[directory].id}.read.data",
            subject=file.path,
            why=say("The last record of {path} is not given out: counting began at 0.", path=file.path),
            make=behaving(_withholding_last(file.path)),
        )


def _withholding_last(path: str) -> type[UserCard]:
    class Withholding(UserCard):
        """Counts one record too few."""

        def record(self, file: File, p1: int, p2: int) -> bytes:
            found = super().record(file, p1, p2)
            if file.path == path and found == self.content(file).records[-1]:
                raise Refused("record-not-found")
            return found

    return Withholding


@family(ReadWithoutRight)
def by_identifier_unguarded(standard: Standard) -> Iterator[Variant]:
    """Reading by identifier skips the check of the right."""
    for directory in AREAS:
        yield Variant(
            row=directory,
            breaks=f"{standard.directories[directory].id}.read.refused",
            subject=directory,
            why=say("In {path} the right is asked for by number only: by tag everything is read.", path=directory),
            make=behaving(_unguarded(directory)),
        )


def _unguarded(directory: str) -> type[UserCard]:
    class Unguarded(UserCard):
        """By identifier nothing is asked."""

        def read_record(self, apdu: CommandApdu) -> bytes:
            if apdu.p2 == 0 and self.file is not None and self.file.directory == directory:
                return self.take(apdu, self.record(self.file, apdu.p1, apdu.p2))
            return super().read_record(apdu)

    return Unguarded


@family(WrongCount)
def last_record_for_ever(standard: Standard) -> Iterator[Variant]:
    """A number beyond the last gives the last record again."""
    for directory in AREAS:
        file = closed_record_file(standard, directory)
        yield Variant(
            row=directory,
            breaks=f"{standard.directories[directory].id}.read.failure",
            subject=file.path,
            why=say("Beyond the last record {path} gives the last one again: a terminal never ends.", path=file.path),
            make=behaving(_going_on(file.path)),
        )


def _going_on(path: str) -> type[UserCard]:
    class GoingOn(UserCard):
        """No number is too high."""

        def place(self, file: File, p1: int, p2: int) -> int:
            if file.path == path and p2 == 0x04:
                p1 = min(p1, len(self.content(file).records))
            return super().place(file, p1, p2)

    return GoingOn


@mutant("card.file.max-254-records", caught_as=WrongCount)
class RecordFFIsTheLast(UserCard):
    """Record number FF gives the last record: as some systems number backwards."""

    def place(self, file: File, p1: int, p2: int) -> int:
        """FF counts from the end."""
        if p1 == HIGHEST_RECORD and p2 == 0x04:
            p1 = len(self.content(file).records)
        return super().place(file, p1, p2)


@mutant("card.file.record-unit", caught_as=WrongCount)
class RecordsCutToTheBuffer(UserCard):
    """Long records are given out as far as the buffer of 64 bytes goes: allergies lose their end."""

    def record(self, file: File, p1: int, p2: int) -> bytes:
        """The first bytes of untagged records."""
        found = super().record(file, p1, p2)
        return found[:BUFFER] if file.kind is FileKind.CYCLIC else found


@mutant("card.file.binary-by-address", caught_as=WrongCount)
class ReadsWrapInTheirBlock(UserCard):
    """A read across a border of 128 bytes goes on at the start of the block: photos are garbled here and there."""

    def read_binary(self, apdu: CommandApdu) -> bytes:
        """The part behind the border comes from the block's start."""
        found = super().read_binary(apdu)
        assert self.file is not None
        offset = apdu.p1 << 8 | apdu.p2
        room = BLOCK - offset % BLOCK
        start = offset - offset % BLOCK
        return (
            found[:room] + self.content(self.file).binary[start : start + len(found) - room]
            if room < len(found)
            else found
        )


@mutant("card.access.only-ef05-free", caught_as=ReadWithoutRight, subject="DDF1/EF06")
class EnvironmentFree(UserCard):
    """Everything of the environment is free: "basic data" was read as "public data"."""

    def may_read(self, file: File) -> bool:
        """Free in DDF1."""
        return file.directory == "DDF1" or super().may_read(file)


@mutant("card.access.table-has-ef07-ef08", caught_as=ReadWithoutRight, subject="DDF1/EF07")
class PhotoAndPaymentDataFree(UserCard):
    """Photo and payment data are free: the table of rights of the first edition does not name them."""

    def may_read(self, file: File) -> bool:
        """Free for two files."""
        return file.path in ("DDF1/EF07", "DDF1/EF08") or super().may_read(file)


@mutant("card.adf.independence", caught_as=ReadWithoutRight)
class AnyReadKeyForAll(UserCard):
    """A read right of one application opens the others: rights are kept as "may read" for the whole card."""

    readable = False

    def reset(self) -> bytes:
        """The right ends with the session."""
        self.readable = False
        return super().reset()

    def may_read(self, file: File) -> bool:
        """With any read key of this session."""
        allowed = super().may_read(file)
        self.readable |= allowed and file.read is not None
        return allowed or self.readable
