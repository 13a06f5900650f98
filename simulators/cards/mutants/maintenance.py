"""Mutants of the locks' conditions: key, MAC, mode and reach, beside those in `locks`.

Follows APP11 5.4 to 5.7 and REV2 table 10-2.
"""

from __future__ import annotations

import msgspec

from reference.card.apdu import CommandApdu
from reference.card.violations import ContentNotStored, LockRefused, LockWithoutRight
from reference.standard.rows import KeyRole
from simulators.cards.memory import Lock
from simulators.cards.mutants.registry import mutant
from simulators.cards.user_card import Refused, UserCard


@mutant("card.appblock.mac-checked", caught_as=LockWithoutRight)
class LockedWithoutMac(UserCard):
    """APPLICATION BLOCK is carried out whatever its MAC says."""

    def application_block(self, apdu: CommandApdu) -> bytes:
        """With the right alone."""
        self.require_right_of(KeyRole.APPLICATION_LOCK)
        mode: Lock = "permanent" if apdu.p2 == self.standard.limit("block-permanent") else "temporary"
        self.lock(self.directory, mode)
        return b""


@mutant("card.appblock.temporary-can-unblock", caught_as=LockRefused)
class TemporaryLockIsFinal(UserCard):
    """Every lock is for ever: a patient whose visit was cut off needs a new card."""

    def lock(self, directory: str, mode: Lock) -> None:
        """Always for ever."""
        super().lock(directory, "permanent")


@mutant("card.appunblock.effect", caught_as=ContentNotStored)
class UnlockedInWordOnly(UserCard):
    """APPLICATION UNBLOCK answers 9000 and lifts nothing."""

    def unlock(self, directory: str) -> None:
        """Not at all."""


@mutant("card.appunblock.mac-checked", caught_as=LockWithoutRight)
class UnlockedWithoutMac(UserCard):
    """APPLICATION UNBLOCK is carried out whatever its MAC says."""

    def application_unblock(self, apdu: CommandApdu) -> bytes:
        """With the right alone."""
        self.require(self.memory.now.locks.get(self.directory) != "permanent", "application-blocked-permanently")
        self.require_right_of(KeyRole.APPLICATION_LOCK)
        self.unlock(self.directory)
        return b""


@mutant("card.appunblock.needs-lk", caught_as=LockWithoutRight)
class AnyoneUnlocks(UserCard):
    """A MAC alone unlocks an application: a thief undoes what the issuer did."""

    def application_unblock(self, apdu: CommandApdu) -> bytes:
        """With the MAC alone."""
        self.require(self.memory.now.locks.get(self.directory) != "permanent", "application-blocked-permanently")
        self.checked_by_mac(apdu, self.directory, b"")
        self.unlock(self.directory)
        return b""


@mutant("card.cardblock.mac-checked", caught_as=LockWithoutRight, subject="MF")
class CardLockedWithoutMac(UserCard):
    """CARD BLOCK is carried out whatever its MAC says."""

    def card_block(self, apdu: CommandApdu) -> bytes:
        """With the right alone."""
        self.require_right_of(KeyRole.CARD_BLOCK)
        self.memory.change(msgspec.structs.replace(self.memory.now, card_locked=True))
        return b""


@mutant("card.key.no-lkddf1", caught_as=LockWithoutRight, subject="DDF1")
class EnvironmentLockable(UserCard):
    """The environment can be locked by whoever makes a MAC: the card is dead for every reader."""

    def require_right_of(self, role: KeyRole) -> None:
        """Where there is no lock key none is asked for."""
        if self.directory != "DDF1":
            super().require_right_of(role)


@mutant("card.mac-limit.is-temporary", caught_as=LockRefused)
class AutomaticLockIsFinal(UserCard):
    """The lock for wrong MACs is for ever: three failures of a reader end an application."""

    def count_wrong_mac(self, directory: str) -> None:
        """As the reference, and for ever."""
        super().count_wrong_mac(directory)
        if directory in self.memory.now.locks:
            self.lock(directory, "permanent")


@mutant("card.maintenance.set", caught_as=LockWithoutRight)
class MaintenanceWithoutMac(UserCard):
    """Locking and unlocking ask for a key and no MAC: the four bytes may be anything, or missing."""

    def require_lock_right(self, apdu: CommandApdu) -> None:
        """The key alone."""
        if len(apdu.data) not in (0, 4):
            raise Refused("wrong-length")
        self.require_right_of(KeyRole.APPLICATION_LOCK)
