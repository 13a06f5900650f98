"""The simulated card's locks: APPLICATION BLOCK and UNBLOCK, CARD BLOCK, and its activation.

Follows APP11 5.4 to 5.7: a lock needs the security status of its own key and a MAC under the directory's maintenance
key. Codes and P2 are those of sibling cards; activation is a practice of two chip makers (basis field).
"""

from __future__ import annotations

import msgspec

from reference.card.access import key_of_role
from reference.card.apdu import CommandApdu
from reference.card.tree import MASTER_FILE
from reference.standard.rows import KeyRole
from simulators.cards.memory import Lock
from simulators.cards.runtime import PROTECTED_CLASS, Refused, command
from simulators.cards.updating import Updating


class Maintaining(Updating):
    """Locking and unlocking."""

    @command("card.application-block", PROTECTED_CLASS)
    def application_block(self, apdu: CommandApdu) -> bytes:
        """APPLICATION BLOCK: lock the current application, temporarily or for ever (APP11 5.4)."""
        modes: dict[int, Lock] = {
            self.standard.limit("block-temporary"): "temporary",
            self.standard.limit("block-permanent"): "permanent",
        }
        mode = modes.get(apdu.p2) if apdu.p1 == 0 else None
        if mode is None:
            raise Refused("wrong-parameters")
        self.require_lock_right(apdu)
        self.lock(self.directory, mode)
        return b""

    @command("card.application-unblock", PROTECTED_CLASS)
    def application_unblock(self, apdu: CommandApdu) -> bytes:
        """APPLICATION UNBLOCK: lift a temporary lock (APP11 5.5); a permanent one stays."""
        self.require(apdu.p1 == apdu.p2 == 0, "wrong-parameters")
        self.require(self.memory.now.locks.get(self.directory) != "permanent", "application-blocked-permanently")
        self.require_lock_right(apdu)
        self.unlock(self.directory)
        return b""

    @command("card.card-block", PROTECTED_CLASS)
    def card_block(self, apdu: CommandApdu) -> bytes:
        """CARD BLOCK: lock the whole card for ever (APP11 5.6)."""
        self.require(apdu.p1 == apdu.p2 == 0, "wrong-parameters")
        self.require(self.directory == MASTER_FILE, "conditions-not-satisfied")
        self.require_right_of(KeyRole.CARD_BLOCK)
        self.checked_by_mac(apdu, self.directory, b"")
        self.memory.change(msgspec.structs.replace(self.memory.now, card_locked=True))
        return b""

    def require_lock_right(self, apdu: CommandApdu) -> None:
        """The right of the directory's lock key, and a right MAC over the header."""
        self.require_right_of(KeyRole.APPLICATION_LOCK)
        self.checked_by_mac(apdu, self.directory, b"")

    def require_right_of(self, role: KeyRole) -> None:
        """The current directory's key of a role must be authenticated; without such a key there is no right."""
        key = key_of_role(self.standard, self.directory, role)
        if key is None:
            raise Refused("conditions-not-satisfied")
        self.require(key.id in self.authenticated, "security-status-not-satisfied")

    def lock(self, directory: str, mode: Lock) -> None:
        """Lock an application; a permanent lock is never weakened."""
        now = self.memory.now
        kept: Lock = "permanent" if now.locks.get(directory) == "permanent" else mode
        self.memory.change(msgspec.structs.replace(now, locks=now.locks | {directory: kept}))

    def unlock(self, directory: str) -> None:
        """Lift the lock and forget wrong MACs."""
        now = self.memory.now
        locks = {path: mode for path, mode in now.locks.items() if path != directory}
        self.memory.change(msgspec.structs.replace(now, locks=locks, wrong_macs=now.wrong_macs | {directory: 0}))

    @command("card.activate")
    def activate(self, apdu: CommandApdu) -> bytes:
        """Activation: from now on files that are never rewritten are closed; once only."""
        self.require("activation" in self.features, "instruction-not-supported")
        self.require(not self.memory.now.activated, "conditions-not-satisfied")
        self.memory.change(msgspec.structs.replace(self.memory.now, activated=True))
        return b""
