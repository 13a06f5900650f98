"""Mutants of the locks (APP11 5.4 to 5.7)."""

from __future__ import annotations

import msgspec

from reference.card.apdu import CommandApdu
from reference.card.violations import LockIneffective, LockLost, LockRefused, LockWithoutRight, NoAutomaticLock
from reference.standard.rows import File, FileKind, KeyRole
from simulators.cards.memory import Lock
from simulators.cards.mutants.registry import mutant
from simulators.cards.user_card import Refused, UserCard


@mutant("card.appblock.effect", caught_as=LockIneffective)
class LockedFilesReadable(UserCard):
    """A locked application still gives out its files: the lock is a flag that nobody reads."""

    def opened(self, *kinds: FileKind) -> File:
        """Without a look at the lock."""
        if self.file is None:
            raise Refused("no-current-file")
        self.require(self.file.kind in kinds, "incorrect-file-type")
        return self.file


@mutant("card.appblock.needs-lk", caught_as=LockWithoutRight)
class AnyoneLocks(UserCard):
    """A MAC alone locks an application: a terminal shuts a patient out."""

    def require_right_of(self, role: KeyRole) -> None:
        """No right is asked for a lock of an application."""
        if role is not KeyRole.APPLICATION_LOCK or self.directory == "DDF1":
            super().require_right_of(role)


@mutant("card.appunblock.only-way", caught_as=LockLost)
class ResetUnlocks(UserCard):
    """A reset lifts a lock: it was kept in memory that does not last."""

    def reset(self) -> bytes:
        """Reset, and forget temporary locks."""
        locks = {path: mode for path, mode in self.memory.now.locks.items() if mode == "permanent"}
        self.memory.change(msgspec.structs.replace(self.memory.now, locks=locks))
        return super().reset()


@mutant("card.appblock.permanent-final", caught_as=LockLost)
class PermanentLockLifted(UserCard):
    """A permanent lock is lifted like a temporary one."""

    def lock(self, directory: str, mode: Lock) -> None:
        """Always temporarily."""
        super().lock(directory, "temporary")


@mutant("card.mac-limit.auto-lock", caught_as=NoAutomaticLock)
class WrongMacsUncounted(UserCard):
    """Wrong MACs are not counted: a MAC can be searched for at leisure."""

    def count_wrong_mac(self, directory: str) -> None:
        """Not at all."""


@mutant("card.cardblock.needs-bk", caught_as=LockWithoutRight)
class CardLockedByMacAlone(UserCard):
    """A MAC alone locks the card for ever."""

    def require_right_of(self, role: KeyRole) -> None:
        """No right is asked for the lock of the card."""
        if role is not KeyRole.CARD_BLOCK:
            super().require_right_of(role)


@mutant("card.cardblock.permanent", caught_as=LockLost)
class CardLockUntilReset(UserCard):
    """The lock of the card ends with a reset: a stolen card comes back to life."""

    def reset(self) -> bytes:
        """Reset, and forget the lock."""
        self.memory.change(msgspec.structs.replace(self.memory.now, card_locked=False))
        return super().reset()


@mutant("card.appblock.modes", caught_as=LockRefused)
class NoPermanentLock(UserCard):
    """The card knows the temporary lock only: a fraudulent application cannot be shut for good."""

    def application_block(self, apdu: CommandApdu) -> bytes:
        """As the reference, but for the permanent mode."""
        self.require(apdu.p2 == 0, "wrong-parameters")
        return super().application_block(apdu)


@mutant("card.mac-limit.scope", caught_as=LockIneffective)
class WrongMacsLockEverything(UserCard):
    """Wrong MACs in one application lock all of them."""

    def count_wrong_mac(self, directory: str) -> None:
        """As the reference, and the others with it."""
        super().count_wrong_mac(directory)
        if directory in self.memory.now.locks:
            for other in ("DDF1/DF01", "DDF1/DF02", "DDF1/DF03"):
                self.lock(other, "temporary")
