"""Table files as raw rows: TOML arrays of tables and CSV lines, each with its place for errors to name."""

from __future__ import annotations

import csv
import io
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reference.languages import say
from reference.standard.errors import StandardError

BETWEEN_VALUES = "|"


@dataclass(frozen=True)
class RawRow:
    """One row as it stands in the file: its place (``card/files.toml, file 3 (DDF1/EF07)``) and columns."""

    place: str
    columns: dict[str, Any]
    from_csv: bool = False


class Folder:
    """A directory of tables; it keeps the bytes of every file read, for the digest."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.read: dict[str, bytes] = {}

    def content(self, name: str) -> bytes:
        """The bytes of one table file. Raises StandardError when there is none."""
        if name not in self.read:
            try:
                self.read[name] = (self.root / name).read_bytes()
            except OSError:
                raise StandardError(
                    name,
                    say("the table is missing in {folder}.", folder=self.root),
                    say("Add the file, or name a directory with the layout of the shipped tables."),
                ) from None
        return self.read[name]

    def toml(self, name: str) -> dict[str, Any]:
        """A TOML file as a dictionary. Raises StandardError when it is not TOML."""
        return parsed_toml(name, self.content(name))

    def rows(self, name: str, kind: str) -> list[RawRow]:
        """The rows of one kind: ``[[kind]]`` of a TOML file, or all lines of a CSV file."""
        if name.endswith(".csv"):
            return self._csv_rows(name)
        content = self.toml(name).get(kind, [])
        if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
            raise StandardError(
                name,
                say("{kind} is not a list of rows.", kind=kind),
                say("Write each row under a heading [[{kind}]].", kind=kind),
            )
        return [
            RawRow(f"{name}, {kind} {number} ({named(columns)})", columns)
            for number, columns in enumerate(content, start=1)
        ]

    def only_kinds(self, name: str, kinds: tuple[str, ...]) -> None:
        """Refuse headings of a TOML file that no table kind reads. Raises StandardError."""
        for heading in self.toml(name):
            if heading not in kinds:
                raise StandardError(
                    name,
                    say("the heading {heading} is unknown.", heading=heading),
                    say("Use one of: {names}.", names=", ".join(kinds)),
                )

    def _csv_rows(self, name: str) -> list[RawRow]:
        reader = csv.DictReader(io.StringIO(text_of(name, self.content(name))), strict=True)
        rows = []
        try:
            for columns in reader:
                place = f"{name}, line {reader.line_num} ({named(columns)})"
                if None in columns or None in columns.values():
                    raise StandardError(
                        place,
                        say("the line has not as many fields as the heading line has columns."),
                        say("Count the commas; put text that contains a comma between double quotes."),
                    )
                rows.append(RawRow(place, {name: cell for name, cell in columns.items() if cell}, from_csv=True))
        except csv.Error as error:
            raise StandardError(
                f"{name}, line {reader.line_num}",
                say("this is not CSV: {error}.", error=error),
                say("Check the quotes of that line."),
            ) from None
        return rows


def parsed_toml(name: str, content: bytes) -> dict[str, Any]:
    """TOML content as a dictionary. Raises StandardError that names the file and the line."""
    try:
        return tomllib.loads(text_of(name, content))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise StandardError(name, say("this is not TOML: {error}.", error=error), say("Correct that line.")) from None


def text_of(name: str, content: bytes) -> str:
    """The text of a table file. Raises StandardError when it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StandardError(
            name,
            say("byte {position} is not UTF-8.", position=error.start),
            say("Save the file as UTF-8."),
        ) from None


def named(columns: dict[str, Any]) -> str:
    """What a reader recognises a row by: its id, path, key or number."""
    for column in ("key", "id", "path", "number", "value"):
        if isinstance(columns.get(column), str | int):
            return str(columns[column])
    return "–"
