"""The shapes of the electronic card's tables: QR layouts, marks of foreign codes, document types, states, limits.

Each row carries its source as in `reference.standard.rows`; code tables use that module's `Code`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from reference.languages import Text
from reference.standard.rows import Count, Row

QrKind = Literal["dynamic", "static", "temporary"]
Machine = Literal["account", "static-code", "dynamic-code"]
Pattern = Annotated[str, msgspec.Meta(min_length=1)]
"""A regular expression that the whole text must match."""


class QrField(Row, frozen=True, kw_only=True):
    """A part of a QR text."""

    id: str
    pattern: Pattern
    title: Text


class QrLayout(Row, frozen=True, kw_only=True):
    """A form of QR text. ``text`` names fields in braces; the characters between them stand literally."""

    id: str
    kind: QrKind
    region: Literal["national", "local"]
    """``local`` for a form that is read in one province or city only."""
    distinct: bool = True
    """Whether a text of this form can be nothing else, so that a reader may route by it alone."""
    text: str
    title: Text


class QrProfile(Row, frozen=True, kw_only=True):
    """The layouts that verification takes in one wire profile, most frequent first, and those that it issues."""

    id: str
    accepts: tuple[str, ...]
    issues: dict[QrKind, str]
    title: Text


class CodeMark(Row, frozen=True, kw_only=True):
    """A form by which a scanned text is recognised, beside the distinct layouts."""

    id: str
    owner: Literal["ehc-local", "medical-insurance", "payment"]
    pattern: Pattern
    title: Text


class IdType(Row, frozen=True, kw_only=True):
    """A type of identity document: what its numbers look like, and which rule judges them beyond the pattern."""

    value: Annotated[str, msgspec.Meta(pattern="^[0-9]{2}$")]
    title: Text
    rule: Literal["citizen", "newborn", "pattern"]
    """``citizen``: check digit, birthday and region as well; ``newborn``: a birth certificate; else the pattern."""
    pattern: Pattern
    max_length: Count
    """Characters at most."""


class State(Row, frozen=True, kw_only=True):
    """A state of an account or a code."""

    machine: Machine
    id: str
    refusal: str
    """The row of `refusals.toml` for an event that the state does not allow."""
    title: Text


class Transition(Row, frozen=True, kw_only=True):
    """An event that leads from any state of ``before`` to ``after``; ``guard`` is what must hold, if anything."""

    machine: Machine
    before: tuple[str, ...]
    event: str
    after: str
    guard: Text | None = None


class StateNumber(Row, frozen=True, kw_only=True):
    """The number that a wire profile gives to a state of the account; several states may share one."""

    profile: str
    state: str
    value: str
    read: bool = True
    """Whether the number, when received, means this state."""
    write: bool = True
    """Whether this state, when sent, is written as the number."""


class EcardLimit(Row, frozen=True, kw_only=True):
    """A number that governs the platform: the value to take, and the range in which it may be set."""

    id: str
    value: int
    least: int
    most: int
    unit: Literal["", "s", "h", "a", "B", "px"]
    """``s`` seconds, ``h`` hours, ``a`` years, ``B`` bytes, ``px`` pixels; empty for a count."""
    title: Text
