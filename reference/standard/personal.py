"""The rows of `card/personal.toml`: what evidence of a real holder's card may show, and what no evidence shows at all.

Everything is personal that no row names. By decision: no document says what a test laboratory may pass on.
"""

from __future__ import annotations

from reference.languages import Text
from reference.standard.rows import Byte, Chip, Row


class OpenElement(Row, frozen=True, kw_only=True):
    """An element that is not personal: it may stand in evidence of a real holder's card. All others are withheld."""

    file: str
    element: str


class OpenCommand(Row, frozen=True, kw_only=True):
    """A command, by its id, whose data are never content of the card."""

    command: str


class SecretCommand(Row, frozen=True, kw_only=True):
    """An instruction, whatever its class, whose data are a PIN or a key: they are never written down."""

    chip: Chip
    ins: Byte
    title: Text
