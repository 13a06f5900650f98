"""Cells of the tables: plain values, values with their own source, values that a profile's switch decides.

A cell is ``X``, or ``{ value = X, source = "REV2 item 24" }``, or ``{ by = "switch", cases = { a = X } }``,
where a case may again carry its source. A row may stand ``only`` under some values of a switch. CSV rows
write ``only`` as ``switch=a|b``, and the source of one column in a further column ``<column>_source``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from reference.languages import say
from reference.standard.errors import StandardError, among
from reference.standard.reading import BETWEEN_VALUES, RawRow
from reference.standard.rows import Citation, Document, Row, Switch

R = TypeVar("R", bound=Row)
COLUMN_OF_PATH = re.compile(r"\$\.([a-z_]+)")
SOURCE_SUFFIX = "_source"
TITLE_COLUMNS = ("title_en", "title_zh")


@dataclass(frozen=True)
class Reading:
    """What cells are resolved with: the documents, the switches, and the profile's choice for each switch."""

    documents: Mapping[str, Document]
    switches: Mapping[str, Switch]
    chosen: Mapping[str, str]

    def row(self, shape: type[R], raw: RawRow) -> R | None:
        """The typed row, or None where the profile leaves the row out. Raises StandardError."""
        columns = _csv_columns(raw) if raw.from_csv else dict(raw.columns)
        if not self._stands(columns.pop("only", None), raw):
            return None
        _check_names(shape, columns, raw)
        sources = {
            column: self.citation(columns.pop(column + SOURCE_SUFFIX), raw, column + SOURCE_SUFFIX)
            for column in shape.__struct_fields__
            if column + SOURCE_SUFFIX in columns
        }
        values: dict[str, Any] = {"source": self.citation(columns.pop("source"), raw, "source")}
        for column, cell in columns.items():
            values[column], source = self._resolved(cell, raw, column)
            if source is not None:
                sources[column] = source
        return _typed(shape, values | {"sources": sources}, raw)

    def citation(self, text: object, raw: RawRow, column: str) -> Citation:
        """The citation written as ``APP11 table 4-9``; a second source after ``; `` stays in the clause."""
        where = f"{raw.place}, {column}"
        if not isinstance(text, str) or not text.strip():
            raise StandardError(
                where, say("a source is a text."), say("Write a document and a clause: APP11 table 4-9.")
            )
        document, _, clause = text.partition(" ")
        if document not in self.documents:
            raise StandardError(
                where,
                say("the document {document} is unknown.", document=document),
                among(self.documents),
            )
        return Citation(document, clause, self.documents[document].basis)

    def _resolved(self, cell: Any, raw: RawRow, column: str) -> tuple[Any, Citation | None]:
        """The value of a cell under the profile, and its own citation where it has one."""
        if not isinstance(cell, dict) or not ("by" in cell or "value" in cell):
            return cell, None
        where = f"{raw.place}, {column}"
        own = self.citation(cell["source"], raw, column) if "source" in cell else None
        if "value" in cell:
            _only_words(cell, {"value", "source"}, where)
            return cell["value"], own
        _only_words(cell, {"by", "cases", "source"}, where)
        switch = self._switch(cell["by"], where)
        cases = cell.get("cases")
        cases = cases if isinstance(cases, dict) else {}
        for value in set(cases) ^ set(switch.values):
            raise StandardError(
                where,
                say("the cases do not fit the switch {switch}: {value}.", switch=switch.id, value=value),
                say("Give one case for each of: {names}.", names=", ".join(switch.values)),
            )
        value, source = self._resolved(cases[self.chosen[switch.id]], raw, column)
        return value, source or own

    def _stands(self, only: Any, raw: RawRow) -> bool:
        """Whether the profile has the row."""
        if only is None:
            return True
        where = f"{raw.place}, only"
        if not isinstance(only, dict) or set(only) != {"switch", "values"} or not isinstance(only["values"], list):
            raise StandardError(
                where,
                say("this is not a condition."),
                say('Write only = {{ switch = "id", values = ["a"] }}, in CSV id=a|b.'),
            )
        switch = self._switch(only["switch"], where)
        for value in only["values"]:
            if value not in switch.values:
                raise StandardError(
                    where,
                    say("the switch {switch} does not know the value {value}.", switch=switch.id, value=value),
                    among(switch.values),
                )
        return self.chosen[switch.id] in only["values"]

    def _switch(self, name: Any, where: str) -> Switch:
        if not isinstance(name, str) or name not in self.switches:
            raise StandardError(where, say("the switch {switch} is unknown.", switch=name), among(self.switches))
        return self.switches[name]


def _only_words(cell: dict[str, Any], words: set[str], where: str) -> None:
    for word in set(cell) - words:
        raise StandardError(where, say("the word {word} is unknown in a cell.", word=word), among(words))


def _csv_columns(raw: RawRow) -> dict[str, Any]:
    """The columns of a CSV row in the shape of a TOML row: title in both languages, condition."""
    columns: dict[str, Any] = dict(raw.columns)
    if all(column in columns for column in TITLE_COLUMNS):
        columns["title"] = {"en": columns.pop("title_en"), "zh": columns.pop("title_zh")}
    if "only" in columns:
        switch, _, values = columns["only"].partition("=")
        columns["only"] = {"switch": switch, "values": values.split(BETWEEN_VALUES)}
    return columns


@functools.cache
def _fields(shape: type[Row]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """The fields of a row type; kept, because finding them is slow and there are thousands of rows."""
    return msgspec.structs.fields(shape)


def _check_names(shape: type[Row], columns: dict[str, Any], raw: RawRow) -> None:
    """Refuse unknown and missing columns."""
    known = set(shape.__struct_fields__) - {"sources"}
    allowed = known | {column + SOURCE_SUFFIX for column in known} if raw.from_csv else known
    for column in columns:
        if column not in allowed:
            raise StandardError(
                f"{raw.place}, {column}",
                say("the column {column} is unknown.", column=column),
                among(known | {"only"}),
            )
    for field in _fields(shape):
        if field.required and field.name not in columns:
            raise StandardError(
                f"{raw.place}, {field.name}",
                say("the column {column} is missing.", column=field.name),
                say("Add it; every row needs it."),
            )


def _typed(shape: type[R], values: dict[str, Any], raw: RawRow) -> R:
    """The row as its type; a value of the wrong kind becomes a StandardError that names the column."""
    try:
        return msgspec.convert(msgspec.to_builtins(values), shape, strict=not raw.from_csv)
    except msgspec.ValidationError as error:
        column = COLUMN_OF_PATH.search(str(error))
        raise StandardError(
            f"{raw.place}, {column.group(1)}" if column else raw.place,
            say("the value does not fit: {error}.", error=error),
            say("Correct it; the schemas beside the tables describe every column."),
        ) from None
