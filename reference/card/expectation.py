"""What a card must answer next, as far as the standard says: the oracle of command sequences.

A pure model of selection and rights: it knows which directory and file are selected and which keys have been
authenticated since, and says of a reading whether it must be granted, must be refused, or is left open by the sources.
Follows APP11 4.1 to 4.5 and 5.3; what happens to rights within a directory is a decision (loss is allowed).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

import msgspec

from reference.card.access import may_read
from reference.card.tree import MASTER_FILE, select_by_identifier
from reference.standard import Standard
from reference.standard.rows import File


class Expected(StrEnum):
    """What the standard says of the next answer."""

    GRANTED = "granted"
    REFUSED = "refused"
    OPEN = "open"


class CardState(msgspec.Struct, frozen=True):
    """What a session has come to."""

    directory: str = MASTER_FILE
    file: str = ""
    authenticated: frozenset[str] = frozenset()
    """Keys authenticated in this directory since it was entered."""
    doubtful: frozenset[str] = frozenset()
    """Keys whose right a card may have dropped: authenticated before the directory was selected again."""

    def after_reset(self) -> Self:
        """The MF is selected and every right is gone."""
        return type(self)()

    def after_select(self, standard: Standard, fid: str) -> Self | None:
        """The state after SELECT of an identifier; None when the standard knows no such file there."""
        found = select_by_identifier(standard, self.directory, fid)
        if found is None:
            return None
        if isinstance(found, File):
            return msgspec.structs.replace(self, file=found.path)
        kept = self.authenticated | self.doubtful if found.path == self.directory else frozenset[str]()
        return type(self)(found.path, "", frozenset(), kept)

    def after_authentication(self, key: str) -> Self:
        """The state after a successful external authentication."""
        return msgspec.structs.replace(self, authenticated=self.authenticated | {key})

    def expected_of_reading(self, standard: Standard) -> Expected:
        """What reading the selected file must come to."""
        if not self.file:
            return Expected.REFUSED
        file = standard.files[self.file]
        if may_read(file, self.authenticated):
            return Expected.GRANTED
        return Expected.OPEN if may_read(file, self.doubtful) else Expected.REFUSED
