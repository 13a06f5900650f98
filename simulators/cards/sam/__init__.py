"""The simulated SAM: holds the upper keys and a signing key, works with both inside, never gives them out.

Follows APP11 5.2, 5.3, 5.7 and 7.1 and API13 for what it does, fielded terminals for the form of the commands
(`standard/sam/commands.toml`). One module a part of it: files, PIN, session keys, signatures.
"""

from __future__ import annotations

from simulators.cards.sam.ciphering import Ciphering
from simulators.cards.sam.files import Files
from simulators.cards.sam.pin import Pin
from simulators.cards.sam.signing import Signing

__all__ = ["SamCard"]


class SamCard(Files, Pin, Ciphering, Signing):
    """A SAM: a Chip (reference.ports) with all commands of the standard's table."""
