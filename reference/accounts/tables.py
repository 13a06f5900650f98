"""The table of this room (`accounts.toml`), typed: forms of fields, real-name routes, linkable cards, reasons."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Literal

import msgspec


class Sourced(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row with the words of its source."""

    source: str


class Named(Sourced, frozen=True, kw_only=True):
    """A row that is but a name."""

    id: str


class Characters(Sourced, frozen=True, kw_only=True):
    """Characters that no field may hold."""

    forbidden: str


class FieldForm(Named, frozen=True, kw_only=True):
    """The form of a field: the code table that its values come from, or a pattern that the whole value matches."""

    code_table: str = ""
    pattern: str = ""


class Route(Named, frozen=True, kw_only=True):
    """One way to check a real name: for these ways of proof, documents and ages (years, both included)."""

    ways: tuple[Literal["online", "on-site", "trusted"], ...]
    id_types: tuple[str, ...]
    asks: str
    youngest: int = 0
    oldest: int | None = None
    photos: tuple[str, ...] = ()

    def fits(self, way: str, id_type: str, age: int | None) -> bool:
        """Whether the route serves this proof; one with limits of age needs to know the age."""
        if way not in self.ways or id_type not in self.id_types:
            return False
        if age is None:
            return self.youngest == 0 and self.oldest is None
        return self.youngest <= age and (self.oldest is None or age <= self.oldest)


class AccountFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole table."""

    characters: Characters
    field: tuple[FieldForm, ...]
    route: tuple[Route, ...]
    medium: tuple[Named, ...]
    cancellation: tuple[Named, ...]
    suspension: tuple[Named, ...]


@functools.cache
def facts() -> AccountFacts:
    """The shipped table."""
    return msgspec.toml.decode(resources.files(__package__).joinpath("accounts.toml").read_bytes(), type=AccountFacts)


@functools.cache
def forms() -> dict[str, FieldForm]:
    """The forms of fields by the field's name."""
    return {row.id: row for row in facts().field}


@functools.cache
def forbidden() -> re.Pattern[str]:
    """Finds a character that no field may hold."""
    return re.compile(f"[{re.escape(facts().characters.forbidden)}]")


@functools.cache
def media_kinds() -> frozenset[str]:
    """The kinds of cards that can be linked."""
    return frozenset(row.id for row in facts().medium)


@functools.cache
def cancellation_reasons() -> frozenset[str]:
    """Why a card may be cancelled."""
    return frozenset(row.id for row in facts().cancellation)


@functools.cache
def suspension_reasons() -> frozenset[str]:
    """Why a card is suspended, where the reason is one of these."""
    return frozenset(row.id for row in facts().suspension)
