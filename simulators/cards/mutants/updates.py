"""Mutants of secured updates and of cyclic files (REV2 item 24, APP11 5.7, tables 4-11 and 4-12)."""

from __future__ import annotations

from reference.card.apdu import CommandApdu
from reference.card.violations import (
    BadMacAccepted,
    ContentNotStored,
    UnprotectedUpdateAccepted,
)
from reference.crypto.keys import SecretKey
from reference.crypto.secure_messaging import mac
from reference.standard.rows import File, Protection
from simulators.cards.mutants.registry import mutant
from simulators.cards.user_card import UserCard


@mutant("card.df02.write.mac-wrong", "card.maintenance.mac-compare", caught_as=BadMacAccepted)
class MacNotChecked(UserCard):
    """The MAC is not checked: what is changed on the way is stored."""

    def mac_holds(self, session: SecretKey, message: bytes, sent: bytes) -> bool:
        """Always."""
        return True


@mutant("card.maintenance.mac-compare", caught_as=BadMacAccepted)
class ThreeBytesOfMacCompared(UserCard):
    """Three of four bytes of the MAC are compared: the last one may be anything."""

    def mac_holds(self, session: SecretKey, message: bytes, sent: bytes) -> bool:
        """By the first three bytes."""
        return mac(session, message)[:3] == sent[:3]


@mutant("card.df02.ef05.update-sm", "card.df02.write.plain-refused", caught_as=UnprotectedUpdateAccepted)
class PlainUpdatesTaken(UserCard):
    """Plain updates are taken beside secured ones: an attacker leaves the protection off."""

    def unwrap(self, apdu: CommandApdu, file: File) -> bytes:
        """Plain data pass as they are."""
        if apdu.cla == 0x00 and file.protection is Protection.CIPHER_AND_MAC:
            return apdu.data
        return super().unwrap(apdu, file)


@mutant("card.maintenance.session-key", caught_as=BadMacAccepted)
class ChallengeKeptAfterUpdate(UserCard):
    """A secured command is taken twice: the challenge is kept after its use."""

    def maintenance_session(self, directory: str) -> SecretKey:
        """As the reference, but the challenge stays."""
        challenge = self.challenge_given
        session = super().maintenance_session(directory)
        self.challenge_given = challenge
        return session


@mutant("card.df02.write.stores-plaintext", "card.df02.ef05.update-needs-uk1df02", caught_as=ContentNotStored)
class UpdatesForgotten(UserCard):
    """Updates are answered 9000 and not stored: the buffer is never written to memory."""

    def update_record(self, apdu: CommandApdu) -> bytes:
        """Check everything, store nothing."""
        before = self.memory.now
        super().update_record(apdu)
        self.memory.change(before)
        return b""
