"""Mutants of the visit indexes and visit files (APP11 tables 4-13 to 4-16, 6.4)."""

from __future__ import annotations

from collections.abc import Iterator

from reference.card.apdu import CommandApdu
from reference.card.violations import (
    BadMacAccepted,
    ContentNotStored,
    FlagNotKept,
    UnprotectedUpdateAccepted,
    UpdateWithoutRight,
    WrongContent,
)
from reference.crypto.keys import SecretKey
from reference.languages import say
from reference.standard import Standard
from reference.standard.rows import File, FileKind, Protection
from simulators.cards.memory import Held
from simulators.cards.mutants.registry import Variant, behaving, family, mutant
from simulators.cards.updating import EMPTY, VALID
from simulators.cards.user_card import UserCard


@mutant("card.df03.ef05.erase-needs-uk2df03", caught_as=UpdateWithoutRight, subject="DDF1/DF03/EF05")
class UpdateKeyErasesFlags(UserCard):
    """The update key also erases flags: a hospital settles its own claims."""

    def may_erase(self, file: File) -> bool:
        """With either key."""
        return super().may_erase(file) or "UK1DF03" in self.authenticated


@mutant("card.df03.ef06.update-needs-uk1df03", caught_as=UpdateWithoutRight, subject="DDF1/DF03/EF06")
class EraseKeyWritesFlags(UserCard):
    """The erase key also writes flags: a settled visit comes back."""

    def may_update(self, file: File) -> bool:
        """With either key."""
        return super().may_update(file) or (file.path == "DDF1/DF03/EF06" and "UK2DF03" in self.authenticated)


@mutant("card.df03.ed.update-needs-uk1df03", caught_as=UpdateWithoutRight, subject="DDF1/DF03/ED0")
class VisitFilesOpenToAll(UserCard):
    """Outpatient files are written without a key: anybody rewrites a diagnosis."""

    def may_update(self, file: File) -> bool:
        """As the reference, but for outpatient files."""
        return file.visit == "outpatient" or super().may_update(file)


@mutant("card.record-inpatient.write-index-needs-mac", caught_as=BadMacAccepted, subject="DDF1/DF03/EF05")
class FlagsWithoutMac(UserCard):
    """Flags are changed without a look at the MAC: as some fielded middleware sends them."""

    def checked_by_mac(self, apdu: CommandApdu, directory: str, covered: bytes) -> SecretKey:
        """As the reference, but where nothing else is covered."""
        if not covered and directory == "DDF1/DF03":
            return self.memory.keys["STKDF03"]
        return super().checked_by_mac(apdu, directory, covered)


@mutant("card.df03.ef05.update-sm", caught_as=UnprotectedUpdateAccepted, subject="DDF1/DF03/EF05")
class FlagsInPlain(UserCard):
    """UPDATE RECORD changes a flag in plain: the index was made like any other record file."""

    def unwrap(self, apdu: CommandApdu, file: File) -> bytes:
        """Plain data pass as they are."""
        return apdu.data if file.protection is Protection.MAC and apdu.cla == 0 else super().unwrap(apdu, file)

    def may_erase(self, file: File) -> bool:
        """Whoever may set a flag may clear it."""
        return super().may_erase(file) or self.may_update(file)


@family(FlagNotKept)
def flags_of_one(standard: Standard) -> Iterator[Variant]:
    """A recorded visit is flagged 01."""
    for file in standard.files.values():
        if file.kind is FileKind.FIXED:
            yield Variant(
                row=file.path,
                breaks=f"{file.place}.values",
                subject=file.path,
                why=say(
                    "A recorded visit is flagged 01 in {path} in place of 00: no terminal finds it.", path=file.path
                ),
                make=behaving(_flagging_one(file.path)),
            )


def _flagging_one(path: str) -> type[UserCard]:
    class FlaggingOne(UserCard):
        """With another value."""

        def store(self, file: File, index: int, record: bytes) -> None:
            super().store(file, index, b"\x01" if file.path == path and record == VALID else record)

    return FlaggingOne


@mutant("card.settle-outpatient.data-remain", caught_as=ContentNotStored, subject="DDF1/DF03/ED01")
class SettlingWipesTheVisit(UserCard):
    """Settling wipes the visit file: the record is gone before anybody can object."""

    def store(self, file: File, index: int, record: bytes) -> None:
        """As the reference, and clear the file."""
        super().store(file, index, record)
        if file.path == "DDF1/DF03/EF06" and record == EMPTY:
            visit = f"DDF1/DF03/ED0{index + 1}"
            self.memory.write(visit, Held(binary=bytes(len(self.memory.files[visit].binary))))


@mutant("card.df03.ef05.flag", caught_as=WrongContent, subject="DDF1/DF03/EF05")
class FreshFlagsAreBlank(UserCard):
    """Unused flags read 20, a blank: the index was filled like text."""

    def record(self, file: File, p1: int, p2: int) -> bytes:
        """Blank in place of FF."""
        found = super().record(file, p1, p2)
        return b"\x20" if file.path == "DDF1/DF03/EF05" and p1 == 3 else found


@family(ContentNotStored)
def signature_part_read_only(standard: Standard) -> Iterator[Variant]:
    """The signature's part of a visit file is not stored."""
    for kind in ("inpatient", "outpatient"):
        file = next(file for file in standard.files.values() if file.visit == kind)
        yield Variant(
            row=kind,
            breaks=f"card.record-{kind}.update-binary",
            subject=file.path[:-1],
            why=say("From the signature of {path} on nothing is stored: visits cannot be verified.", path=file.path),
            make=behaving(_read_only_from(kind, standard.element(file.path, "signature").offset)),
        )


def _read_only_from(kind: str, offset: int) -> type[UserCard]:
    class ReadOnlyPart(UserCard):
        """What begins at the offset is forgotten."""

        def update_binary(self, apdu: CommandApdu) -> bytes:
            if self.file is not None and self.file.visit == kind and apdu.p1 << 8 | apdu.p2 == offset:
                return b""
            return super().update_binary(apdu)

    return ReadOnlyPart


@mutant("data.settlement.not-only-ncms", caught_as=ContentNotStored, subject="DDF1/DF03/ED01:payment-mode")
class OneSchemeOnly(UserCard):
    """Every payment mode is stored as that of the rural scheme: other insurers' bills go to it."""

    def update_binary(self, apdu: CommandApdu) -> bytes:
        """With the mode of the first edition."""
        mode = self.standard.element("DDF1/DF03/ED01", "payment-mode")
        at_mode = apdu.p1 << 8 | apdu.p2 == mode.offset and len(apdu.data) == mode.length
        if at_mode and self.file is not None and self.file.visit == "outpatient":
            apdu = CommandApdu(apdu.cla, apdu.ins, apdu.p1, apdu.p2, b"\x03", apdu.le)
        return super().update_binary(apdu)
