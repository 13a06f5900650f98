"""Mutants of selection and of the file tree (APP11 4.1 to 4.5)."""

from __future__ import annotations

from reference.card.apdu import CommandApdu
from reference.card.violations import FileReachableFromOutside, NameMissing, WrongDirectoryAfterReset
from reference.standard.rows import File
from simulators.cards.mutants.registry import mutant
from simulators.cards.user_card import Refused, UserCard


@mutant("card.adf.links-files", caught_as=FileReachableFromOutside)
class FilesFoundFromEverywhere(UserCard):
    """Files are found from every directory: SELECT searches the whole card."""

    def select(self, apdu: CommandApdu) -> bytes:
        """As the reference, then among all files."""
        try:
            return super().select(apdu)
        except Refused:
            fid = apdu.data.hex().upper()
            found = [file for file in self.standard.files.values() if file.fid == fid and apdu.p1 == 0]
            if not found:
                raise
            self.file: File | None = found[0]
            return b""


@mutant("card.ref.by-df-name", "card.df02.aid", caught_as=NameMissing)
class NamesUnknown(UserCard):
    """The card selects by identifier only: terminals that use the AID find no application."""

    def select(self, apdu: CommandApdu) -> bytes:
        """By identifier only."""
        if apdu.p1 == 0x04:
            raise Refused("file-not-found")
        return super().select(apdu)


@mutant("card.general.mf-after-reset", caught_as=WrongDirectoryAfterReset)
class DirectorySurvivesReset(UserCard):
    """The directory selected before a reset stays selected: the next flow starts in the wrong place."""

    def reset(self) -> bytes:
        """Reset, but stay where the card was."""
        directory, file = self.directory, self.file
        answer = super().reset()
        self.directory, self.file = directory, file
        return answer
