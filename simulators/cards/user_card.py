"""The simulated user card: the card operating system at APDU level over a personalised image.

Follows APP11 chapters 4 to 6; the forms of commands are those of fielded terminals, status words those of sibling
specifications (standard/card/status_words.toml). The runtime holds the state of a session and asks the reference for
every rule; what the card may look like is the standard's tables, what it holds is its memory.
"""

from __future__ import annotations

from simulators.cards.authenticating import Authenticating
from simulators.cards.maintaining import Maintaining
from simulators.cards.runtime import Refused
from simulators.cards.selecting import Selecting

__all__ = ["Refused", "UserCard"]


class UserCard(Selecting, Authenticating, Maintaining):
    """A user card: a Chip (reference.ports) with all commands of the standard's table."""
