"""Mutants of secured updates, one for each directory that has them, and of the MACs of the visit indexes.

Follows APP11 5.7, 6.1.2.3, 6.2.2.3, 6.4 and REV2 items 24 and 25.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reference.card.apdu import CommandApdu
from reference.card.violations import (
    BadMacAccepted,
    ContentNotStored,
    UnprotectedUpdateAccepted,
    UpdateWithoutRight,
)
from reference.crypto.keys import SecretKey
from reference.languages import Text, say
from reference.standard import Standard
from reference.standard.rows import File, FileKind, Protection
from simulators.cards.mutants.registry import Variant, behaving, family, mutant
from simulators.cards.mutants.rights import taking_plain
from simulators.cards.runtime import PROTECTED_CLASS
from simulators.cards.user_card import Refused, UserCard

Behaviour = Callable[[str], type[UserCard]]


def secured_files(standard: Standard) -> dict[str, File]:
    """For each directory with files under cipher text and MAC the first of them."""
    found: dict[str, File] = {}
    for file in standard.files.values():
        if file.protection is Protection.CIPHER_AND_MAC:
            found.setdefault(file.directory, file)
    return found


def in_each_directory(standard: Standard, rule: str, why: Callable[[str], Text], card: Behaviour) -> Iterator[Variant]:
    """A variant for each directory with secured files: it breaks the directory's rule of this name."""
    for directory, file in secured_files(standard).items():
        yield Variant(
            row=directory,
            breaks=f"{standard.directories[directory].id}.write.{rule}",
            subject=file.path,
            why=why(directory),
            make=behaving(card(directory)),
        )


@family(ContentNotStored)
def updates_forgotten(standard: Standard) -> Iterator[Variant]:
    """Updates are answered 9000 and not stored."""

    def card(directory: str) -> type[UserCard]:
        class Forgetful(UserCard):
            """Checks everything, stores nothing."""

            def store(self, file: File, index: int, record: bytes) -> None:
                if file.directory != directory:
                    super().store(file, index, record)

        return Forgetful

    def why(directory: str) -> Text:
        return say("Updates in {path} are answered 9000 and not stored.", path=directory)

    return in_each_directory(standard, "stores-plaintext", why, card)


@family(BadMacAccepted)
def refused_and_stored(standard: Standard) -> Iterator[Variant]:
    """An update without the right is answered with an error, and stored all the same."""

    def card(directory: str) -> type[UserCard]:
        class StoringFirst(UserCard):
            """Writes, then looks at the right."""

            def may_update(self, file: File) -> bool:
                return file.directory == directory or super().may_update(file)

            def update_record(self, apdu: CommandApdu) -> bytes:
                answer = super().update_record(apdu)
                assert self.file is not None
                self.require(super().may_update(self.file), "security-status-not-satisfied")
                return answer

        return StoringFirst

    def why(directory: str) -> Text:
        return say("In {path} the right is looked at after writing: refused, and changed.", path=directory)

    return in_each_directory(standard, "refused", why, card)


@family(BadMacAccepted)
def macs_not_compared(standard: Standard) -> Iterator[Variant]:
    """The MAC is not looked at in one directory."""

    def card(directory: str) -> type[UserCard]:
        class Trusting(UserCard):
            """Takes any MAC."""

            def checked_by_mac(self, apdu: CommandApdu, directory_: str, covered: bytes) -> SecretKey:
                if directory_ == directory:
                    return self.maintenance_session(directory)
                return super().checked_by_mac(apdu, directory_, covered)

        return Trusting

    def why(directory: str) -> Text:
        return say("In {path} the MAC is not looked at: what is changed on the way is stored.", path=directory)

    return in_each_directory(standard, "mac-wrong", why, card)


@family(BadMacAccepted)
def cipher_text_unchecked(standard: Standard) -> Iterator[Variant]:
    """A cipher text that deciphers to nothing is answered 9000."""

    def card(directory: str) -> type[UserCard]:
        class Unchecking(UserCard):
            """What cannot be deciphered counts as no change."""

            def unwrap(self, apdu: CommandApdu, file: File) -> bytes:
                try:
                    return super().unwrap(apdu, file)
                except Refused as refusal:
                    if refusal.status != "wrong-data" or file.directory != directory:
                        raise
                    return self.content(file).records[0]

        return Unchecking

    def why(directory: str) -> Text:
        return say("In {path} a cipher text that says nothing is answered 9000: nobody learns of it.", path=directory)

    return in_each_directory(standard, "cipher-wrong", why, card)


@family(UnprotectedUpdateAccepted)
def plain_updates_in_a_directory(standard: Standard) -> Iterator[Variant]:
    """Plain updates are taken throughout a directory."""

    def card(directory: str) -> type[UserCard]:
        return taking_plain(lambda file: file.directory == directory and file.protection is Protection.CIPHER_AND_MAC)

    def why(directory: str) -> Text:
        return say("In {path} plain updates are taken as well as secured ones.", path=directory)

    return in_each_directory(standard, "plain-refused", why, card)


# -- the MACs of the visit indexes -------------------------------------------------------------------------------


@family(BadMacAccepted)
def flag_commands_without_mac(standard: Standard) -> Iterator[Variant]:
    """A flag is set, or erased, whatever the MAC says."""
    indexes = (file for file in standard.files.values() if file.kind is FileKind.FIXED)
    for kind, file in zip(("inpatient", "outpatient"), indexes, strict=True):
        for command, rule in (
            ("card.write-record", f"card.record-{kind}.write-index-needs-mac"),
            ("card.erase-record", f"card.settle-{kind}.erase-needs-mac"),
        ):
            row = standard.commands[command]
            yield Variant(
                row=f"{file.path} {row.title.en}",
                breaks=rule,
                subject=file.path,
                why=say("{command} on {path} is carried out whatever its MAC says.", command=row.title, path=file.path),
                make=behaving(_flags_unchecked(file.path, row.ins)),
            )


def _flags_unchecked(path: str, ins: int) -> type[UserCard]:
    class FlagsUnchecked(UserCard):
        """One command on one index needs no MAC."""

        def checked_by_mac(self, apdu: CommandApdu, directory: str, covered: bytes) -> SecretKey:
            mine = self.file is not None and self.file.path == path
            if mine and apdu.cla == PROTECTED_CLASS and apdu.ins == ins:
                return self.memory.keys["STKDF03"]
            return super().checked_by_mac(apdu, directory, covered)

    return FlagsUnchecked


# -- rights that a secured update seems to replace ---------------------------------------------------------------


@mutant("card.extauth.gate", caught_as=UpdateWithoutRight)
class TheMacGivesTheRight(UserCard):
    """A right MAC counts as the right to update: who can make one is taken for entitled."""

    def may_update(self, file: File) -> bool:
        """Where a MAC is demanded nothing else is."""
        return file.protection is Protection.CIPHER_AND_MAC or super().may_update(file)


@mutant("card.ddf1.ef07.max-image", caught_as=UpdateWithoutRight, subject="DDF1/EF07")
class UpdatesCutAtTheEnd(UserCard):
    """An update that reaches beyond the file is stored as far as it fits: an image loses its end without a word."""

    def update_binary(self, apdu: CommandApdu) -> bytes:
        """What is beyond the end is dropped."""
        if self.file is not None and self.file.kind is FileKind.BINARY:
            room = len(self.content(self.file).binary) - (apdu.p1 << 8 | apdu.p2)
            apdu = CommandApdu(apdu.cla, apdu.ins, apdu.p1, apdu.p2, apdu.data[: max(room, 0)], apdu.le)
        return super().update_binary(apdu)
