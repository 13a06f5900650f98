"""Mutants of the rights to read and to update (APP11 tables 4-1 to 4-16, REV2 items 23 to 25)."""

from __future__ import annotations

from reference.card.apdu import CommandApdu
from reference.card.violations import ReadRefused, ReadWithoutRight, StatusKept, UpdateWithoutRight
from reference.standard.rows import Directory, File
from simulators.cards.mutants.registry import mutant
from simulators.cards.user_card import UserCard


@mutant(
    "card.df02.ef05.read-needs-rk1df02",
    caught_as=ReadWithoutRight,
    subject="DDF1/DF02/EF05",
)
class ClinicalDataOpenToAll(UserCard):
    """Diagnoses are readable without a key: the access condition was left out at personalisation."""

    def may_read(self, file: File) -> bool:
        """As the reference, but for one file."""
        return file.path == "DDF1/DF02/EF05" or super().may_read(file)


@mutant("card.ddf1.ef07.read-needs-rk1ddf1", caught_as=ReadWithoutRight, subject="DDF1/EF07")
class PhotoOpensWithAnyKey(UserCard):
    """Any key of the directory opens the photo: the condition asks for "some right" in place of RK1DDF1."""

    def may_read(self, file: File) -> bool:
        """As the reference, but any authenticated key opens the photo."""
        return (file.path == "DDF1/EF07" and bool(self.authenticated)) or super().may_read(file)


@mutant("card.ddf1.ef05.read-free", caught_as=ReadRefused, subject="DDF1/EF05")
class IssuerDataClosed(UserCard):
    """Issuer data need a key: no terminal learns the city code that every key is derived from."""

    def may_read(self, file: File) -> bool:
        """As the reference, but the free file is closed."""
        return file.read is not None and super().may_read(file)


@mutant("card.ddf1.ef08.update-needs-uk1ddf1", caught_as=UpdateWithoutRight, subject="DDF1/EF08")
class PaymentDataOpenToUpdates(UserCard):
    """Payment data are changed without a key: a terminal prolongs the card as it likes."""

    def may_update(self, file: File) -> bool:
        """As the reference, but for one file."""
        return file.path == "DDF1/EF08" or super().may_update(file)


@mutant("card.df02.key-separation", "card.df02.ef06.update-needs-uk2df02", caught_as=UpdateWithoutRight)
class OneUpdateKeyForAllHealthData(UserCard):
    """One update key opens all health data: a general hospital writes the mental illness flag."""

    def may_update(self, file: File) -> bool:
        """As the reference, but UK1DF02 opens every file of DF02."""
        return (file.directory == "DDF1/DF02" and "UK1DF02" in self.authenticated) or super().may_update(file)


@mutant("card.ddf1.ef06.no-rewrite", caught_as=UpdateWithoutRight, subject="DDF1/EF06")
class HolderDataRewritable(UserCard):
    """Name and number can be rewritten after issue: the card becomes that of somebody else."""

    def may_update(self, file: File) -> bool:
        """As the reference, but UK1DDF1 opens the holder's data."""
        return (file.path == "DDF1/EF06" and "UK1DDF1" in self.authenticated) or super().may_update(file)


@mutant("card.reset.status-lost", caught_as=StatusKept)
class RightsSurviveReset(UserCard):
    """Rights survive a reset: the next terminal reads with the rights of the one before."""

    def reset(self) -> bytes:
        """Reset, but keep what was authenticated."""
        kept = set(self.authenticated)
        answer = super().reset()
        self.authenticated |= kept
        return answer

    def enter(self, directory: Directory) -> None:
        """Select, and keep the rights as well, for a reset ends at the MF."""
        self.directory, self.file = directory.path, None


@mutant("card.df02.read.refused", caught_as=ReadWithoutRight)
class RecordsByIdentifierUnguarded(UserCard):
    """Reading by identifier skips the check of the right: half of the read command was protected."""

    def read_record(self, apdu: CommandApdu) -> bytes:
        """As the reference, but by identifier nothing is asked."""
        if apdu.p2 == 0 and self.file is not None and self.file.directory == "DDF1/DF02":
            return self.take(apdu, self.record(self.file, apdu.p1, apdu.p2))
        return super().read_record(apdu)
