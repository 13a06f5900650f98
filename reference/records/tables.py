"""The table of this room (`records.toml`), typed: kinds of records, purposes, limits."""

from __future__ import annotations

import functools
from importlib import resources

import msgspec


class Titled(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name with its words in both languages and its source."""

    id: str
    title: dict[str, str]
    source: str


class Kind(Titled, frozen=True, kw_only=True):
    """A kind of record; a restricted one is opened by an authorisation that names it alone."""

    restricted: bool = False


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long an authorisation may hold, and how much one request may ask for."""

    visit_hours: int
    longest_days: int
    entries: int
    gathered: int
    listed: int
    largest_bytes: int
    source: str


class RecordFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole table."""

    kind: tuple[Kind, ...]
    purpose: tuple[Titled, ...]
    limits: Limits


@functools.cache
def facts() -> RecordFacts:
    """The shipped table."""
    return msgspec.toml.decode(resources.files(__package__).joinpath("records.toml").read_bytes(), type=RecordFacts)


@functools.cache
def kinds() -> dict[str, Kind]:
    """The kinds of records by name."""
    return {row.id: row for row in facts().kind}


@functools.cache
def purposes() -> frozenset[str]:
    """What records may be opened for."""
    return frozenset(row.id for row in facts().purpose)


def limits() -> Limits:
    """The bounds."""
    return facts().limits
