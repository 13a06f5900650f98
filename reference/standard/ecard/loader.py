"""Reading the tables of the electronic card: files to rows, everything checked before anything is used."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Collection, Hashable
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import msgspec

from reference.languages import say
from reference.standard.cells import Reading
from reference.standard.ecard.rows import (
    CodeMark,
    EcardLimit,
    IdType,
    QrField,
    QrLayout,
    QrProfile,
    State,
    StateNumber,
    Transition,
)
from reference.standard.ecard.tables import EcardTables
from reference.standard.errors import StandardError, among
from reference.standard.reading import Folder
from reference.standard.rows import Code, Document, Row

SHIPPED = Path(__file__).parent.parent
"""The directory of the shipped tables; those of the electronic card stand in its folder `ecard`."""

NAMED = re.compile(r"\{([a-z-]+)\}")
"""A field's name in a layout's text."""

KINDS: dict[str, dict[str, type[Row]]] = {
    "ecard/qr_layouts.toml": {"field": QrField, "layout": QrLayout, "profile": QrProfile},
    "ecard/classification.toml": {"mark": CodeMark},
    "ecard/id_types.csv": {"id_type": IdType},
    "ecard/codes.csv": {"code": Code},
    "ecard/states.toml": {"state": State, "transition": Transition, "number": StateNumber},
    "ecard/limits.toml": {"limit": EcardLimit},
}
"""Every table file, with the kinds of rows that it holds."""

R = TypeVar("R", bound=Row)


def load_ecard(tables: Path | None = None) -> EcardTables:
    """The tables of the electronic card; ``tables`` is another directory with the layout of the shipped one.

    Raises StandardError, naming file, row and column. The same question gets the same object again.
    """
    return _loaded(tables or SHIPPED)


@functools.cache
def _loaded(root: Path) -> EcardTables:
    folder = Folder(root)
    for name, kinds in KINDS.items():
        if name.endswith(".toml"):
            folder.only_kinds(name, tuple(kinds))
    reading = Reading(_documents(folder), {}, {})

    def rows(name: str, kind: str, shape: type[R], *key: str) -> dict[tuple[Hashable, ...], R]:
        return _by_key(reading, folder, name, kind, shape, key)

    def named(name: str, kind: str, shape: type[R], key: str = "id") -> MappingProxyType[str, R]:
        return MappingProxyType({str(found[0]): row for found, row in rows(name, kind, shape, key).items()})

    codes: dict[str, dict[str, Code]] = {}
    for code in rows("ecard/codes.csv", "code", Code, "table", "value").values():
        codes.setdefault(code.table, {})[code.value] = code
    states = rows("ecard/states.toml", "state", State, "machine", "id").values()
    read = EcardTables(
        qr_fields=named("ecard/qr_layouts.toml", "field", QrField),
        qr_layouts=named("ecard/qr_layouts.toml", "layout", QrLayout),
        qr_profiles=named("ecard/qr_layouts.toml", "profile", QrProfile),
        marks=named("ecard/classification.toml", "mark", CodeMark),
        id_types=named("ecard/id_types.csv", "id_type", IdType, "value"),
        codes=MappingProxyType({table: MappingProxyType(values) for table, values in codes.items()}),
        states=MappingProxyType({(state.machine, state.id): state for state in states}),
        transitions=tuple(rows("ecard/states.toml", "transition", Transition, "machine", "before", "event").values()),
        state_numbers=tuple(rows("ecard/states.toml", "number", StateNumber, "profile", "state", "value").values()),
        limits=named("ecard/limits.toml", "limit", EcardLimit),
        digest=_digest(folder),
    )
    _check(read)
    return read


def _documents(folder: Folder) -> dict[str, Document]:
    """The documents that sources name. Raises StandardError for a row that is none."""
    documents = {}
    for raw in folder.rows("documents.toml", "document"):
        try:
            document = msgspec.convert(raw.columns, Document)
        except msgspec.ValidationError as error:
            raise StandardError(
                raw.place, say("the value does not fit: {error}.", error=error), say("Correct that row.")
            ) from None
        documents[document.id] = document
    return documents


def _by_key(
    reading: Reading, folder: Folder, name: str, kind: str, shape: type[R], key: tuple[str, ...]
) -> dict[tuple[Hashable, ...], R]:
    """The rows of one kind by the columns that name them. Raises StandardError when two have the same name."""
    found: dict[tuple[Hashable, ...], R] = {}
    for raw in folder.rows(name, kind):
        row = reading.row(shape, raw)
        if row is None:
            continue
        names = tuple(getattr(row, column) for column in key)
        if names in found:
            raise StandardError(
                f"{raw.place}, {key[-1]}",
                say("there are two rows called {name}.", name=" ".join(map(str, names))),
                say("Rename or remove one of them."),
            )
        found[names] = row
    return found


def _check(tables: EcardTables) -> None:
    """Names point to rows, patterns are regular expressions, an event leads to one state, values are in range."""
    for place, pattern in _patterns(tables):
        try:
            re.compile(pattern)
        except re.error as error:
            raise StandardError(
                place, say("this is not a regular expression: {error}.", error=error), say("Correct that row.")
            ) from None
    for layout in tables.qr_layouts.values():
        for name in NAMED.findall(layout.text):
            _known(name, tables.qr_fields, f"ecard/qr_layouts.toml, layout {layout.id}, text")
    for profile in tables.qr_profiles.values():
        for layout_id in (*profile.accepts, *profile.issues.values()):
            _known(layout_id, tables.qr_layouts, f"ecard/qr_layouts.toml, profile {profile.id}")
    _check_states(tables)
    for row in tables.limits.values():
        tables.limit_within(row.id, row.value)


def _patterns(tables: EcardTables) -> list[tuple[str, str]]:
    """Every pattern of the tables with its place."""
    return [
        *((f"ecard/qr_layouts.toml, field {row.id}, pattern", row.pattern) for row in tables.qr_fields.values()),
        *((f"ecard/classification.toml, mark {row.id}, pattern", row.pattern) for row in tables.marks.values()),
        *((f"ecard/id_types.csv, {row.value}, pattern", row.pattern) for row in tables.id_types.values()),
    ]


def _check_states(tables: EcardTables) -> None:
    """Transitions and numbers name states of their machine; no state has two ways out by one event."""
    taken = set()
    for row in tables.transitions:
        known = [id for machine, id in tables.states if machine == row.machine]
        place = f"ecard/states.toml, transition {row.machine} {row.event}"
        for state in (*row.before, row.after):
            _known(state, known, place)
        for state in row.before:
            if (row.machine, state, row.event) in taken:
                raise StandardError(
                    place,
                    say("there are two rows called {name}.", name=f"{state} {row.event}"),
                    say("Rename or remove one of them."),
                )
            taken.add((row.machine, state, row.event))
    accounts = [id for machine, id in tables.states if machine == "account"]
    for number in tables.state_numbers:
        _known(number.state, accounts, f"ecard/states.toml, number {number.profile} {number.value}")


def _known(name: str, rows: Collection[str], place: str) -> None:
    if name not in rows:
        raise StandardError(place, say("it names {name}, which no table has.", name=name or "–"), among(rows))


def _digest(folder: Folder) -> str:
    """SM3 over name, length and bytes of every table file read, ordered by name."""
    digest = hashlib.new("sm3")
    for name, content in sorted(folder.read.items()):
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
