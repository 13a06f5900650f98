"""Mutants of the directory table and of what a selection means: identifiers, names, control information.

Follows APP11 4.1 to 4.5, figure 4-1 and REV2 annex B1.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from reference.card.apdu import CommandApdu
from reference.card.violations import FileMissing, NameMissing, NameNotUnique, WrongControlInformation
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import Directory, DirectoryKind, File
from simulators.cards.mutants.registry import Change, Variant, family, from_tables, mutant
from simulators.cards.selecting import BY_IDENTIFIER, BY_NAME
from simulators.cards.user_card import Refused, UserCard

NEXT_OCCURRENCE = 0x02


def with_directory(directory: Directory, **changes: object) -> Change:
    """The tables with one directory changed."""
    row = msgspec.structs.replace(directory, **changes)
    return lambda standard: standard.replacing(directories={row.path: row})


@family(FileMissing)
def another_identifier(standard: Standard) -> Iterator[Variant]:
    """The directory answers to another identifier."""
    for directory in standard.directories.values():
        if directory.kind is not DirectoryKind.MF:
            yield Variant(
                row=directory.path,
                breaks=f"{directory.id}.fid",
                subject=directory.path,
                why=say("{path} answers to another identifier: terminals do not find it.", path=directory.path),
                make=from_tables(with_directory(directory, fid=f"A{directory.fid[1:]}")),
            )


@family(NameMissing)
def another_name(standard: Standard) -> Iterator[Variant]:
    """The directory answers to another name."""
    for directory in standard.directories.values():
        if directory.name:
            adf = directory.kind is DirectoryKind.ADF
            yield Variant(
                row=directory.path,
                breaks=f"{directory.id}.aid" if adf else "card.ref.by-df-name",
                subject=directory.path,
                why=say(
                    "{path} has the name of another scheme: terminals that select by name miss it.", path=directory.path
                ),
                make=from_tables(with_directory(directory, name=f"D1{directory.name[2:]}")),
            )


@mutant("card.ref.name-equals-aid", caught_as=NameMissing)
class NamesBehindAVersion(UserCard):
    """Names begin with a version byte: the AID is only a part of them."""

    def find(self, apdu: CommandApdu) -> Directory | File | None:
        """By name only with the byte in front."""
        if apdu.p1 == BY_NAME and apdu.data[:1] != b"\x01":
            return None
        return super().find(apdu)


@mutant("card.ref.name-unique", caught_as=NameNotUnique)
class NamesTwice(UserCard):
    """Every name has a next occurrence: a second, empty application answers for the first."""

    def select(self, apdu: CommandApdu) -> bytes:
        """The next occurrence is the same once more."""
        if apdu.p1 == BY_NAME and apdu.p2 == NEXT_OCCURRENCE:
            apdu = CommandApdu(apdu.cla, apdu.ins, apdu.p1, 0, apdu.data, apdu.le)
        return super().select(apdu)


@mutant("card.adf.fci", caught_as=WrongControlInformation)
class ControlInformationWithoutTemplate(UserCard):
    """SELECT returns the bare name: a terminal that looks for the template 6F reads on into nothing."""

    def control_information(self, directory: Directory) -> bytes:
        """The name alone."""
        return bytes.fromhex(directory.name) or b"\x00"


@mutant("card.adf.reached-by-selection", caught_as=FileMissing)
class FilesOnlyByPath(UserCard):
    """Files are found only after a walk from the root: an application selected by name stays empty."""

    by_name = False

    def select(self, apdu: CommandApdu) -> bytes:
        """Remember how the directory was reached."""
        if apdu.p1 == BY_IDENTIFIER and self.by_name and apdu.data[:1] in (b"\xef", b"\xee", b"\xed"):
            raise Refused("file-not-found")
        answer = super().select(apdu)
        if self.file is None:
            self.by_name = apdu.p1 == BY_NAME
        return answer


@mutant("card.aef.by-fid", caught_as=FileMissing, subject="DDF1/DF01/EF08")
class LastFileByShortIdentifierOnly(UserCard):
    """The documents have a short identifier only: terminals select by the long one."""

    def holds(self, row: Directory | File) -> bool:
        """All but one."""
        return row.path != "DDF1/DF01/EF08" and super().holds(row)


@mutant("card.map.ef-is-leaf", caught_as=FileMissing)
class FilesLookedUpInsideFiles(UserCard):
    """With a file selected the next identifier is looked up inside it: every second file is not found."""

    def select(self, apdu: CommandApdu) -> bytes:
        """No neighbour of a selected file."""
        if self.file is not None and apdu.p1 == BY_IDENTIFIER and apdu.data[:1] in (b"\xef", b"\xee", b"\xed"):
            self.file = None
            raise Refused("file-not-found")
        return super().select(apdu)


@mutant("card.structure.ddf1-present", caught_as=FileMissing, subject="DDF1")
class EnvironmentByNameOnly(UserCard):
    """The environment is not found below the root, but by its name alone: as on a payment card."""

    def find(self, apdu: CommandApdu) -> Directory | File | None:
        """Not by identifier."""
        found = super().find(apdu)
        by_identifier = apdu.p1 == BY_IDENTIFIER and isinstance(found, Directory) and found.path == "DDF1"
        return None if by_identifier else found


@mutant("card.map.df", caught_as=FileMissing, subject="DDF1")
class RootNotSelectable(UserCard):
    """The root cannot be selected: a terminal that starts there, as it should, gets no further."""

    def find(self, apdu: CommandApdu) -> Directory | File | None:
        """Not the root."""
        found = super().find(apdu)
        return None if isinstance(found, Directory) and not found.path else found
