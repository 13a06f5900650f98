"""Reading the platform's functions: three files to checked rows, in the order of the documents.

Source: PLAT, sections as the fragments of `sources.toml` name them; ids are stable and never used again.
"""

from __future__ import annotations

import functools as caching
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import msgspec

from reference.languages import Text, say
from reference.standard.errors import StandardError, among
from reference.standard.reading import BETWEEN_VALUES, Folder, RawRow
from reference.standard.rows import Basis

SHIPPED = Path(__file__).parent
FUNCTIONS, SOURCES, TESTS = "functions.csv", "sources.toml", "tests.toml"
R = TypeVar("R", bound=msgspec.Struct)
ID = re.compile(r"P-([A-Z]+)-\d{2}")


class State(StrEnum):
    """How far a function is."""

    OPEN = "open"
    DONE = "done"
    CONTEXT = "context"
    """Nothing for the platform to do; the reason says why."""


class Fragment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document, or part of one, that names functions."""

    id: str
    basis: Basis
    title: Text


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """One function. ``sources`` are ids of fragments, ``tests`` ids as pytest takes them."""

    id: str
    name: Text
    sources: tuple[str, ...]
    basis: Basis
    """Normative where a normative document names it, else that of the documents in the field."""
    state: State
    room: str = ""
    """The room of `reference/` or `conformance/` that does it, or is to do it; empty for context."""
    reason: Text | None = None
    tests: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        """The middle of the id: ``ECARD``."""
        return self.id.split("-")[1]


def functions(folder: Path = SHIPPED) -> tuple[Function, ...]:
    """All functions, in the order of the documents. Raises StandardError with file, row and column."""
    return _functions(folder)


def sources(folder: Path = SHIPPED) -> Mapping[str, Fragment]:
    """The fragments by id. Raises StandardError."""
    rows = Folder(folder).rows(SOURCES, "fragment")
    return MappingProxyType({row.id: row for row in (_converted(raw, raw.columns, Fragment) for raw in rows)})


@caching.cache
def _functions(folder: Path) -> tuple[Function, ...]:
    known, tests = sources(folder), _tests(folder)
    found: dict[str, Function] = {}
    for raw in Folder(folder).rows(FUNCTIONS, "function"):
        row = _function(raw, known, tests)
        if row.id in found:
            raise StandardError(
                raw.place, say("the id stands twice."), say("Ids are never used again: take a new one.")
            )
        found[row.id] = row
    if strangers := sorted(set(tests) - set(found)):
        raise StandardError(TESTS, say("there is no row {name}.", name=strangers[0]), among(found))
    return tuple(found.values())


def _function(raw: RawRow, known: Mapping[str, Fragment], tests: Mapping[str, tuple[str, ...]]) -> Function:
    columns = dict(raw.columns)
    named = tuple(str(columns.pop("sources", "")).split(BETWEEN_VALUES))
    for source in named:
        if source not in known:
            raise StandardError(f"{raw.place}, sources", say("there is no row {name}.", name=source), among(known))
    bases = {known[source].basis for source in named}
    reason = {"en": columns.pop("reason_en", ""), "zh": columns.pop("reason_zh", "")}
    columns |= {
        "name": {"en": columns.pop("name_en", ""), "zh": columns.pop("name_zh", "")},
        "sources": named,
        "basis": Basis.NORMATIVE if Basis.NORMATIVE in bases else Basis.FIELD,
        "reason": reason if any(reason.values()) else None,
        "tests": tests.get(str(columns.get("id")), ()),
    }
    row = _converted(raw, columns, Function)
    _check(raw, row)
    return row


def _check(raw: RawRow, row: Function) -> None:
    """What columns demand of one another. Raises StandardError."""
    if not ID.fullmatch(row.id):
        raise StandardError(f"{raw.place}, id", say("it is no id of a function."), say("Write it as P-ECARD-01."))
    if not (row.name.en and row.name.zh):
        raise StandardError(f"{raw.place}, name", say("a name is missing."), say("Write it in both languages."))
    explained = row.reason is not None and bool(row.reason.en and row.reason.zh)
    if explained != (row.state is State.CONTEXT):
        raise StandardError(
            f"{raw.place}, reason",
            say("context needs a reason in both languages, and nothing else has one."),
            say("Write why there is nothing to do, or change the state."),
        )
    if (row.state is State.DONE) != bool(row.tests):
        raise StandardError(
            f"{raw.place}, state",
            say("what is done names its tests, and nothing else does."),
            say("Name them in {file}, or change the state.", file=TESTS),
        )


def _tests(folder: Path) -> dict[str, tuple[str, ...]]:
    table = Folder(folder).toml(TESTS)
    try:
        by_file = msgspec.convert(table, dict[str, dict[str, list[str]]])
    except msgspec.ValidationError as error:
        raise StandardError(
            TESTS, say("this is no list of tests: {error}.", error=str(error)), say("Write file, then its tests.")
        ) from None
    return {
        id: tuple(f"{file}::{test}" for file, names in files.items() for test in names) for id, files in by_file.items()
    }


def _converted(raw: RawRow, columns: Mapping[str, object], shape: type[R]) -> R:
    try:
        return msgspec.convert(columns, shape)
    except msgspec.ValidationError as error:
        raise StandardError(
            raw.place, say("the row has not its form: {error}.", error=str(error)), say("Correct that column.")
        ) from None
