"""A mutant of cards whose binary files are updated with a MAC (REV2 item 25, table 10-2; APP11 5.4).

The sound card takes plain updates as well, so that everything else about it can be tested as usual.
"""

from __future__ import annotations

from reference.card.apdu import CommandApdu
from reference.card.violations import NoAutomaticLock
from reference.crypto.secure_messaging import MAC_LENGTH
from reference.standard.rows import File, FileKind
from simulators.cards.mutants.registry import mutant
from simulators.cards.runtime import SECURED_CLASS
from simulators.cards.user_card import UserCard


class BinaryMacCard(UserCard):
    """The user card that checks the MAC of a binary update where one is sent."""

    def unwrap(self, apdu: CommandApdu, file: File) -> bytes:
        """Under the class of secured commands data and MAC."""
        if file.kind is not FileKind.BINARY or apdu.cla != SECURED_CLASS:
            return super().unwrap(apdu, file)
        covered = apdu.data[:-MAC_LENGTH]
        self.require(bool(covered), "wrong-length")
        self.checked_by_mac(apdu, file.directory, covered)
        return covered


@mutant("card.binary-update.mac-mode", caught_as=NoAutomaticLock, capabilities=("binary-update-with-mac",))
class WrongMacsOfBytesUncounted(BinaryMacCard):
    """Wrong MACs count for records only: through a binary file a MAC is searched for at leisure."""

    def count_wrong_mac(self, directory: str) -> None:
        """For records only."""
        if self.file is None or self.file.kind is not FileKind.BINARY:
            super().count_wrong_mac(directory)
