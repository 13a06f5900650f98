"""Codes of other systems (多码融合, P-FUSE-01 to 03): each owner validates its own part of what was scanned.

The front-end classifies, asks the owner where one is connected, and shows each part with its own outcome; it never
judges a foreign code itself. One request number goes to every owner, so that care, insurance and money can be joined.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from reference.ecard.classification import CodeOwner


class ForeignCode(msgspec.Struct, frozen=True):
    """A code, or the part of a merged one, that belongs to another system.

    ``business`` is the insurer's kind of business for the step (ec.query, businessType), empty where none is known.
    """

    owner: CodeOwner
    form: str
    text: str
    step: str
    business: str
    terminal: str
    request: str

    def __repr__(self) -> str:
        return f"«ForeignCode {self.form}»"


class OwnerRefusal(Exception):
    """The owner does not accept its code: its own code and words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message


class OwnerAway(Exception):
    """The owner does not answer."""


class CodeValidator(Protocol):
    """The system that a foreign code belongs to: medical insurance, a payment provider."""

    def validate(self, code: ForeignCode) -> dict[str, str]:
        """What the owner tells of an accepted code. Raises OwnerRefusal and OwnerAway."""
        ...
