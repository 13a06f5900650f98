"""The table of this room (`front_end.toml`), typed: limits, what wire profiles carry, routes of codes, refusals."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Literal

import msgspec

from reference.languages import Text


class Sourced(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row with the words of its source."""

    source: str


class Limit(Sourced, frozen=True, kw_only=True):
    """A number; its unit is the last word of its id, a count without one."""

    id: str
    value: int


class ProfileCarries(Sourced, frozen=True, kw_only=True):
    """What a wire profile can carry; see the table."""

    id: str
    named_by: Literal["card", "document"]
    app_proof: Literal["online", "trusted"]
    window_proof: Literal["on-site", "trusted"]
    modes: bool
    static: bool
    uses: int
    uses_medium: Literal["any", "physical"]


class Business(Sourced, frozen=True, kw_only=True):
    """The insurer's kind of business for a step of care."""

    step: str
    value: str


class RecordFaults(Sourced, frozen=True, kw_only=True):
    """Ids of refusals for which a use record is put aside."""

    ids: frozenset[str]


class Reason(Sourced, frozen=True, kw_only=True):
    """One of the front-end's own reasons for refusing, with the HTTP status that goes with it."""

    id: str
    status: int
    en: str
    zh: str

    @property
    def text(self) -> Text:
        """The reason in both languages."""
        return Text(self.en, self.zh)


class FrontEndFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole table."""

    limit: tuple[Limit, ...]
    profile: tuple[ProfileCarries, ...]
    business: tuple[Business, ...]
    record_faults: RecordFaults
    refusal: tuple[Reason, ...]


@functools.cache
def facts() -> FrontEndFacts:
    """The shipped table."""
    shipped = resources.files(__package__).joinpath("front_end.toml").read_bytes()
    return msgspec.toml.decode(shipped, type=FrontEndFacts)


@functools.cache
def limits() -> dict[str, int]:
    """The limits by id."""
    return {row.id: row.value for row in facts().limit}


@functools.cache
def carried_by(profile: str) -> ProfileCarries:
    """What a wire profile can carry. Raises KeyError for an unknown one."""
    return {row.id: row for row in facts().profile}[profile]


@functools.cache
def business_of(step: str) -> str:
    """The insurer's kind of business for a step of care; finer steps as the step they belong to, else nothing."""
    rows = {row.step: row.value for row in facts().business}
    return rows.get(step) or rows.get(step[:6], "")


@functools.cache
def reasons() -> dict[str, Reason]:
    """The front-end's own reasons by id."""
    return {row.id: row for row in facts().refusal}
